"""A staged sheet meets its contract: every problem of a row is found at once, and good rows are never lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS, Kind
from certloan.ingest.checks import checks
from certloan.ingest.conform import Conform, conform
from certloan.ingest.projection import Projection, Severity
from certloan.storage.tables import SQL_TYPES
from certloan.storage.warehouse import DuckWarehouse

GOOD = "91110000600037341L"
DELIVERED = date(2024, 12, 31)
WAREHOUSE = DuckWarehouse.open(None)


def staged(rows: Sequence[Mapping[str, str | None]], names: Sequence[str]) -> pa.Table:
    columns = {f"c{at}": pa.array([row.get(name) for row in rows], pa.string()) for at, name in enumerate(names)}
    return pa.table({"_row": pa.array(range(2, len(rows) + 2), pa.int64()), **columns})


def conformed(
    table: str, *rows: Mapping[str, str | None], **how: object
) -> tuple[list[dict[str, object]], list[tuple[int, str, str, str]]]:
    """Give the rows as conformed, and (row, code, column, found) of each problem."""
    names = [*CONTRACTS[table].names, "known_on", "void_on"]
    names = [name for name in names if any(name in row for row in rows)]
    projection = Projection(CONTRACTS[table], {name: f"c{at}" for at, name in enumerate(names)}, **how)  # type: ignore[arg-type]
    compiled = conform(projection, DELIVERED)
    with WAREHOUSE.attached("given", staged(rows, names)):
        found = WAREHOUSE.query(f"select * from ({compiled.rows('given')}) order by _row").to_pylist()
        return found, problems(compiled, "(select _row from given)")


def problems(compiled: Conform, flagged: str) -> list[tuple[int, str, str, str]]:
    rows = WAREHOUSE.query(f"select * from ({compiled.problems('given', flagged)}) order by all").to_pylist()
    told = [(row["_row"], compiled.checks[row["check_no"]], row["found"]) for row in rows]
    return [(row, check.code, ", ".join(check.columns), found) for row, check, found in told]


def certificate(**cells: str | None) -> dict[str, str | None]:
    return {
        **{
            "uscc": GOOD,
            "certificate_no": "C-1",
            "scheme": "A01",
            "issued_on": "2024-03-01",
            "expires_on": "2027-02-28",
        },
        **cells,
    }


def test_a_good_row_is_read_into_the_types_of_its_contract() -> None:
    rows, found = conformed("certificate", certificate(headcount_covered="1,200人", accreditation="有CNAS"))
    assert found == []
    assert rows[0]["issued_on"] == rows[0]["happened_on"] == date(2024, 3, 1)
    assert rows[0]["known_on"] == date(2024, 3, 16)
    assert (rows[0]["headcount_covered"], rows[0]["accreditation"]) == (1200, "cnas")
    assert (rows[0]["bad"], rows[0]["warned"], rows[0]["stated"]) == (False, False, False)


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_contract_compiles_and_gives_the_types_of_its_table(table: str) -> None:
    contract = CONTRACTS[table]
    compiled = conform(Projection(contract, {name: f"c{at}" for at, name in enumerate(contract.names)}), DELIVERED)
    with WAREHOUSE.attached("given", staged([{}], contract.names)):
        described = WAREHOUSE.query(f"describe {compiled.rows('given')}").to_pylist()
    types = {row["column_name"]: row["column_type"].lower() for row in described}
    assert {c.name: types[c.name] for c in contract.columns} == {c.name: SQL_TYPES[c.kind] for c in contract.columns}
    assert {types[name] for name in ("happened_on", "known_on", "void_on")} == {"date"}


def test_all_problems_of_a_row_are_told_at_once() -> None:
    row = certificate(uscc=GOOD[:-1], certificate_no="无", issued_on="2024-02-30", expires_on="?", role="谁")
    rows, found = conformed("certificate", row)
    assert rows[0]["bad"] is True
    assert [(code, column, shown) for _, code, column, shown in found] == [
        ("bad-uscc", "uscc", GOOD[:-1]),
        ("required-missing", "certificate_no", "无"),
        ("not-a-date", "issued_on", "2024-02-30"),
        ("not-a-date", "expires_on", "?"),
        ("unknown-level", "role", "谁"),
    ]


def test_a_column_that_the_file_does_not_have_is_missing() -> None:
    row = certificate()
    del row["certificate_no"], row["expires_on"]
    rows, found = conformed("certificate", row)
    assert [(code, column) for _, code, column, _ in found] == [("required-missing", "certificate_no")]
    assert rows[0]["expires_on"] is None


def test_dates_after_the_delivery_are_problems_unless_they_may_lie_ahead() -> None:
    _, found = conformed("certificate", certificate(issued_on="2025-01-01", expires_on="2028-01-01"))
    assert [(code, column) for _, code, column, _ in found] == [("future-date", "issued_on")]
    _, found = conformed("certificate", certificate(issued_on="1890-01-01"))
    assert [(code, column) for _, code, column, _ in found] == [("date-too-early", "issued_on")]
    _, found = conformed("tax_grade", {"uscc": GOOD, "year": "2031", "grade": "A"})
    assert [(code, column) for _, code, column, _ in found] == [("future-date", "year")]


def test_a_stated_day_of_knowing_counts_and_may_not_lie_ahead() -> None:
    rows, found = conformed("certificate", *(certificate(known_on=day) for day in ("2024-06-01", "2025-06-01", "?")))
    assert [(row["known_on"], row["stated"]) for row in rows[:2]] == [
        (date(2024, 6, 1), True),
        (date(2025, 6, 1), True),
    ]
    assert [(row, code, column) for row, code, column, _ in found] == [
        (3, "future-date", "known_on"),
        (4, "not-a-date", "known_on"),
    ]


def test_what_is_known_by_lag_is_never_known_after_its_delivery() -> None:
    rows, _ = conformed("annual_report", {"uscc": GOOD, "year": "2024"}, {"uscc": GOOD, "year": "2022"})
    assert [row["known_on"] for row in rows] == [DELIVERED, date(2023, 6, 30)]


def test_a_record_without_a_day_is_known_from_its_delivery_on() -> None:
    rows, found = conformed("enterprise", {"uscc": GOOD, "name": "甲"})
    assert (rows[0]["happened_on"], rows[0]["known_on"], found) == (None, DELIVERED, [])


def test_rules_put_a_row_aside_or_warn_and_what_is_unknown_breaks_none() -> None:
    rows, found = conformed(
        "certificate",
        certificate(expires_on="2024-02-01"),
        certificate(first_issued_on="2024-05-01"),
        certificate(expires_on=None),
    )
    assert [(row["bad"], row["warned"]) for row in rows] == [(True, False), (False, True), (False, False)]
    assert found == [
        (2, "expiry-before-issue", "expires_on, issued_on", "expires_on=2024-02-01; issued_on=2024-03-01"),
        (
            3,
            "first-issue-after-issue",
            "first_issued_on, issued_on",
            "first_issued_on=2024-05-01; issued_on=2024-03-01",
        ),
    ]


def test_a_row_that_is_put_aside_is_not_said_to_have_been_accepted() -> None:
    _, found = conformed("certificate", certificate(uscc=GOOD.lower(), issued_on="?"))
    assert [code for _, code, _, _ in found] == ["not-a-date"]


def test_a_code_with_small_letters_is_corrected_and_told() -> None:
    rows, found = conformed("certificate", certificate(uscc=GOOD.lower()))
    assert rows[0]["uscc"] == GOOD
    assert [(code, shown) for _, code, _, shown in found] == [("lower-case-uscc", GOOD.lower())]


def test_a_pilot_code_is_kept_with_a_warning_and_a_miscopied_one_is_not() -> None:
    rows, found = conformed(
        "certificate", certificate(uscc="91350203M0001QAY9B"), certificate(uscc=GOOD[:9] + "1" + GOOD[10:])
    )
    assert [row["bad"] for row in rows] == [False, True]
    assert [(row, code) for row, code, _, _ in found] == [(2, "pilot-uscc-check"), (3, "bad-uscc-check")]


def test_an_opaque_key_is_taken_as_it_stands() -> None:
    rows, found = conformed("certificate", certificate(uscc=" e12 "), opaque_key=True)
    assert (rows[0]["uscc"], found) == ("e12", [])


def test_units_formats_words_and_filters_of_a_projection_are_followed() -> None:
    cells = {"uscc": "E1", "year": "2023", "revenue": "1.5", "assets": "3亿"}
    rows, found = conformed(
        "annual_report",
        cells,
        {**cells, "uscc": "E2"},
        units={"revenue": Decimal(10_000)},
        opaque_key=True,
        where="c0 <> 'E2'",
    )
    assert [(row["uscc"], row["revenue"], row["assets"]) for row in rows] == [
        ("E1", Decimal(15_000), Decimal(300_000_000))
    ]
    assert found == []
    rows, _ = conformed(
        "certificate",
        certificate(issued_on="03/01/2024", role="Owner"),
        date_formats={"issued_on": "%m/%d/%Y"},
        values={"role": {"OWNER": "client"}},
    )
    assert (rows[0]["issued_on"], rows[0]["role"]) == (date(2024, 3, 1), "client")


def test_a_column_may_be_computed_from_several_cells() -> None:
    projection = Projection(
        CONTRACTS["tax_grade"], {"uscc": "c0", "year": "c1 || c2", "grade": "upper(c3)"}, opaque_key=True
    )
    table = pa.table({"_row": [2], "c0": ["E1"], "c1": ["20"], "c2": ["23"], "c3": ["a"]})
    with WAREHOUSE.attached("given", table):
        rows = WAREHOUSE.query(conform(projection, DELIVERED).rows("given")).to_pylist()
    assert (rows[0]["year"], rows[0]["grade"], rows[0]["bad"]) == (2023, "A", False)


def test_two_ways_to_write_the_same_row_have_the_same_digest_and_a_null_is_no_empty_text() -> None:
    rows, _ = conformed(
        "certificate",
        certificate(),
        certificate(issued_on="2024年3月1日", uscc=f" {GOOD}"),
        certificate(standard="GB/T 19001"),
        certificate(known_on="2024-05-01"),
    )
    first, same, other, restated = (row["row_digest"] for row in rows)
    assert first == same == restated != other
    rows, _ = conformed(
        "credit_inquiry",
        {"uscc": GOOD, "inquired_on": "2024-01-01", "lender": "purpose=own", "purpose": None},
        {"uscc": GOOD, "inquired_on": "2024-01-01", "lender": None, "purpose": "own"},
    )
    assert rows[0]["row_digest"] != rows[1]["row_digest"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({}, optional={n: st.text(max_size=8) for n in CONTRACTS["credit_month"].names}),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_the_cells_hold_a_row_is_kept_or_its_problem_is_told(cells: list[dict[str, str]]) -> None:
    rows, found = conformed("credit_month", {"uscc": ""}, *cells)
    assert len(rows) == len(cells) + 1
    severity = {check.code: check.severity for check in checks(CONTRACTS["credit_month"], DELIVERED, opaque_key=False)}
    told = {row for row, code, _, _ in found if severity[code] is Severity.QUARANTINE}
    assert {row["_row"] for row in rows if row["bad"]} == told


def test_the_same_code_has_the_same_severity_in_every_contract() -> None:
    severities: dict[str, set[Severity]] = {}
    for contract in CONTRACTS.values():
        for check in checks(contract, DELIVERED, opaque_key=False):
            severities.setdefault(check.code, set()).add(check.severity)
    assert [code for code, found in severities.items() if len(found) > 1] == []
    assert any(column.kind is Kind.USCC for column in CONTRACTS["certificate"].columns)


def test_a_recheck_is_passed_or_failed_in_the_words_of_a_report() -> None:
    inspection = {"uscc": GOOD, "inspection_no": "I-1", "inspected_on": "2024-01-01", "verdict": "不合格"}
    for word, level in (("合格", "passed"), ("不合格", "failed"), ("复查合格", "passed")):
        (row,), told = conformed("inspection", {**inspection, "recheck": word})
        assert (row["recheck"], told) == (level, [])


def penalty(**cells: str | None) -> dict[str, str | None]:
    told = {"uscc": GOOD, "incident_no": "P-1", "kind": "行政处罚", "occurred_on": "2024-03-01"}
    return {**told, **cells}


def checked(**cells: str | None) -> dict[str, str | None]:
    told = {"uscc": GOOD, "inspection_no": "I-1", "inspected_on": "2024-03-01", "verdict": "不合格"}
    return {**told, **cells}


LEFT_EMPTY = "unreadable-cell-left-empty"


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("incident", penalty(form="口头教育"), "form"),
        ("incident", penalty(category="违反某条例"), "category"),
        ("incident", penalty(amount="约100元"), "amount"),
        ("incident", penalty(amount="-5"), "amount"),
        ("incident", penalty(severity="?"), "severity"),
        ("incident", penalty(occurred_on="去年春天"), "occurred_on"),
        ("incident", penalty(void_on="待定"), "void_on"),
        ("incident", penalty(known_on="2031-01-01"), "known_on"),
        ("inspection", checked(level="乡镇"), "level"),
        ("inspection", checked(failed_item="导体电阻"), "failed_item"),
        ("inspection", checked(safety_item="也许"), "safety_item"),
        ("inspection", checked(rectified_on="2031-01-01"), "rectified_on"),
        (
            "list_entry",
            {"uscc": GOOD, "list": "失信被执行人", "listed_on": "2024-03-01", "removed_on": "?"},
            "removed_on",
        ),
        ("credit_month", {"uscc": GOOD, "account_no": "L", "month": "2024-03", "five_class": "?"}, "five_class"),
        ("certificate", certificate(grade="十星"), "grade"),
    ],
)
def test_a_record_that_speaks_against_a_firm_is_not_lost_by_a_cell_that_it_can_do_without(
    table: str, row: Mapping[str, str | None], column: str
) -> None:
    rows, found = conformed(table, row)
    assert [(code, name, shown) for _, code, name, shown in found] == [(LEFT_EMPTY, column, row[column])]
    assert (rows[0]["bad"], rows[0]["warned"]) == (False, True)
    empty, _ = conformed(table, {name: cell for name, cell in row.items() if name != column})
    unlike = {"row_digest", "warned"}
    assert {name: cell for name, cell in rows[0].items() if name not in unlike} == {
        name: cell for name, cell in empty[0].items() if name not in unlike
    }


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("incident", penalty(kind="?"), "unknown-level"),
        ("inspection", checked(verdict="看情况"), "unknown-level"),
        ("certificate", certificate(expires_on="?"), "not-a-date"),
        ("certificate", certificate(role="谁"), "unknown-level"),
        ("certificate", certificate(assurance="?"), "unknown-level"),
        ("certificate", certificate(known_on="?"), "not-a-date"),
        ("honour", {"uscc": GOOD, "kind": "政府质量奖", "level": "?", "granted_on": "2024-03-01"}, "unknown-level"),
    ],
)
def test_what_a_record_cannot_do_without_and_what_would_speak_for_the_firm_when_empty_costs_the_record(
    table: str, row: Mapping[str, str | None], code: str
) -> None:
    rows, found = conformed(table, row)
    assert rows[0]["bad"] is True
    assert code in [told for _, told, _, _ in found]


def test_a_state_of_a_certificate_that_cannot_be_read_is_taken_for_suspended() -> None:
    rows, found = conformed("certificate", certificate(state_stated="待核实"), certificate(certificate_no="C-2"))
    assert [row["state_stated"] for row in rows] == ["suspended", None]
    assert [(code, column) for _, code, column, _ in found] == [("unreadable-cell-taken-for", "state_stated")]


@pytest.mark.parametrize(
    ("told", "kept", "codes"),
    [
        ("罚款", "fine", []),
        ("警告", "criticism", []),
        ("罚款、没收违法所得", "confiscation", []),
        ("没收违法所得，并处罚款", "confiscation", []),
        ("警告；责令停产停业；罚款", "suspension", []),
        ("没收违法生产、销售的产品", "confiscation", []),
        ("吊销营业执照、通报教育", "revocation", ["part-of-cell-unread"]),
        ("批评教育", None, [LEFT_EMPTY]),
    ],
)
def test_of_several_values_in_one_cell_the_gravest_counts(told: str, kept: str | None, codes: list[str]) -> None:
    rows, found = conformed("incident", penalty(form=told))
    assert (rows[0]["form"], rows[0]["bad"]) == (kept, False)
    assert [code for _, code, _, _ in found] == codes


@pytest.mark.parametrize(
    ("cells", "column", "level"),
    [
        ({"verdict": "不符合"}, "verdict", "nonconforming"),
        ({"kind": "国家监督抽查"}, "kind", "spot_check"),
        ({"level": "国家监督抽查"}, "level", "national"),
    ],
)
def test_the_words_of_public_notices_are_known(cells: dict[str, str], column: str, level: str) -> None:
    rows, found = conformed("inspection", checked(**cells))
    assert (rows[0][column], found) == (level, [])
    assert conformed("incident", penalty(category="销售不合格产品"))[0][0]["category"] == "product_quality"


def test_a_recall_whose_start_cannot_be_read_is_taken_for_ordered() -> None:
    rows, found = conformed("incident", penalty(kind="召回", ordered="不清楚"), penalty(kind="召回"))
    assert [row["ordered"] for row in rows] == ["ordered", None]
    assert [code for _, code, _, _ in found] == ["unreadable-cell-taken-for"]


def test_the_order_of_gravity_names_every_level_once() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            assert not column.graver or sorted(column.graver) == sorted(column.levels)
            assert not column.unread_as or (column.unread_as in column.levels and contract.spares(column))
        assert set(contract.decisive) <= {*contract.names, "known_on", "void_on"}
