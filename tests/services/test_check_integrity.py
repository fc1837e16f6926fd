"""Flags are raised by what should make an officer ask, on what was known that day, and reach nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certloan.domain.evidence import Family
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.features.catalog import CATALOG, for_use
from certloan.features.spec import Use
from certloan.i18n import Lang, has
from certloan.policy.policy import in_force
from certloan.reference.certificates import schemes
from certloan.reference.number_formats import number_formats
from certloan.services.check_integrity import CODES, Severity, integrity
from certloan.services.refresh_derived import refresh_derived
from certloan.storage.warehouse import DuckWarehouse
from certloan.ui.components.integrity import items

OFFICER = Actor("officer", Role.OFFICER)
DAY = date(2025, 6, 30)
ME, BODY = "U0", "CNCA-R-2003-901"
SOURCE = Path(__file__).resolve().parents[2] / "src" / "certloan"
Row = tuple[str, dict[str, Any]]


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    put(opened, application(), ("enterprise", {"uscc": ME, "name": "甲公司", "industry_code": "3484"}))
    yield opened
    opened.close()


def put(warehouse: DuckWarehouse, *rows: Row) -> None:
    for table, cells in rows:
        told = {"happened_on": date(2024, 1, 1), "known_on": date(2024, 1, 15)} | cells
        names = ", ".join(f'"{name}"' for name in told)
        marks = ", ".join("?" for _ in told)
        warehouse.execute(f"insert into history.{table} ({names}) values ({marks})", list(told.values()))


def application(number: str = "A1", uscc: str = ME, on: date = DAY) -> Row:
    return "application", {"application_id": number, "uscc": uscc, "applied_on": on, "known_on": on, "happened_on": on}


def certificate(no: str = "00124Q0012R0S", uscc: str = ME, **cells: Any) -> Row:
    told = {"scheme": "A01", "issued_on": date(2024, 1, 1), "expires_on": date(2026, 12, 31), "body_no": BODY}
    return "certificate", {"uscc": uscc, "certificate_no": no, **told, **cells}


def body(**cells: Any) -> Row:
    told = {
        "body_no": BODY,
        "schemes": "管理体系、产品",
        "licensed_from": date(2003, 1, 1),
        "known_on": date(2003, 1, 1),
    }
    return "certification_body", told | {"licensed_to": date(2030, 1, 1)} | cells


def report(employees: int, **cells: Any) -> Row:
    return "annual_report", {"uscc": ME, "year": 2023, "employees": employees, **cells}


def raised(warehouse: DuckWarehouse, number: str = "A1") -> list[str]:
    refresh_derived(warehouse)
    (found,) = integrity(warehouse, [number], OFFICER)
    return [flag.code for flag in found.flags]


LATELY: dict[str, Any] = {"issued_on": date(2025, 5, 1), "known_on": date(2025, 5, 16)}
EARLIER: dict[str, Any] = {"issued_on": date(2024, 1, 1), "expires_on": date(2026, 12, 31)}
CCC: dict[str, Any] = {"scheme": "CCC", "issued_on": date(2022, 3, 1), "expires_on": date(2027, 2, 28)}
#: For each flag, records that raise it, and records that look alike and do not.
CASES: dict[str, tuple[tuple[Row, ...], tuple[Row, ...]]] = {
    "number-malformed": (
        (certificate("CQC22001234567", **CCC),),
        (certificate("2022010901234567", **CCC, first_issued_on=date(2022, 3, 1)),),
    ),
    "number of another year": (
        (certificate("2019010901234567", **CCC, first_issued_on=date(2022, 3, 1)),),
        (certificate("2019010901234567", **CCC, first_issued_on=date(2019, 3, 1)),),
    ),
    "number of another product": (
        (certificate("2022010901234567", **CCC, product_category="0703"),),
        (certificate("2022010901234567", **CCC, product_category="0901"),),
    ),
    "number of a rule": (
        (certificate("ZJM-006-4481-2023", scheme="PZB"),),
        (certificate("PZB20230004481", scheme="PZB"),),
    ),
    "body-unlicensed": (
        (certificate(), body(licensed_to=date(2023, 12, 31))),
        (certificate(), body()),
    ),
    "body-unapproved": (
        (certificate(), body(schemes="服务")),
        (certificate(), body(schemes="A01、A02")),
    ),
    "body in no register": ((certificate(body_no="CNCA-R-2020-999"), body()), (certificate(), body())),
    "bought-before-applying": (
        (certificate("Q1", **LATELY), certificate("E1", scheme="A02", **LATELY)),
        (certificate("Q0", **EARLIER), certificate("Q1", **LATELY), certificate("E1", scheme="A02", **LATELY)),
    ),
    "headcount-far": (
        (certificate(headcount_covered=300), report(40)),
        (certificate(headcount_covered=60), report(40)),
    ),
    "far too few covered": (
        (certificate(headcount_covered=10), report(400)),
        (certificate("2022010901234567", **CCC, headcount_covered=10), report(400)),
    ),
    "scope-unfit": (
        (certificate(scope="应用软件的设计"),),
        (certificate(scope="机械零件的生产"),),
    ),
}
CODE_OF = {
    "number of another year": "number-malformed",
    "number of another product": "number-malformed",
    "number of a rule": "number-malformed",
    "body in no register": "body-unapproved",
    "far too few covered": "headcount-far",
}


@pytest.mark.parametrize("case", CASES)
def test_a_flag_is_raised_by_its_cause_and_not_by_what_only_looks_like_it(case: str, warehouse: DuckWarehouse) -> None:
    bad, good = CASES[case]
    code = CODE_OF.get(case, case)
    put(warehouse, *good)
    assert code not in raised(warehouse)
    for table in {table for table, _ in good}:
        warehouse.execute(f"truncate history.{table}")
    put(warehouse, *bad)
    assert code in raised(warehouse)


@pytest.mark.parametrize("case", CASES)
def test_what_became_known_after_the_application_raises_nothing(case: str, warehouse: DuckWarehouse) -> None:
    put(warehouse, *((table, cells | {"known_on": DAY + timedelta(1)}) for table, cells in CASES[case][0]))
    assert raised(warehouse) == []


def test_a_flag_shows_the_records_behind_it_in_both_languages(warehouse: DuckWarehouse) -> None:
    put(warehouse, certificate("CQC22001234567", **CCC))
    refresh_derived(warehouse)
    (flag,) = integrity(warehouse, ["A1"], OFFICER)[0].flags
    assert flag.severity is Severity.SERIOUS
    assert any("CQC22001234567" in record.told("zh") for record in flag.records)
    assert "1 张" in flag.zh
    assert flag.ask("en").startswith("See the original")


def audited(team: str | None, uscc: str, on: date, event: str = "surveillance_passed", **cells: Any) -> Row:
    told = {"uscc": uscc, "certificate_no": f"Q{uscc}", "event": event, "event_on": on, "team": team, "happened_on": on}
    return "certificate_event", told | {"known_on": on + timedelta(15)} | cells


def cluster(lost: int, clients: int = 10, **cells: Any) -> list[Row]:
    """One team's clients, me among them, of whom some lost their certificates."""
    rows = [audited("T9", ME, date(2024, 5, 1))]
    for n in range(1, clients + 1):
        rows.append(audited("T9", f"U{n}", date(2024, 3, 1) + timedelta(n)))
        if n <= lost:
            rows.append(audited(None, f"U{n}", date(2025, 1, 5), "withdrawn", **cells))
    return rows


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (cluster(lost=3), True),
        (cluster(lost=2), False),
        (cluster(lost=3, clients=7), False),
        (cluster(lost=5, reason_code="0120"), False),
        (cluster(lost=5, known_on=DAY + timedelta(1)), False),
        ([audited("T9", f"U{n}", date(2024, 5, 1)) for n in range(6)], True),
        ([audited("T9", f"U{n}", date(2024, 5, 1)) for n in range(5)], False),
    ],
    ids=["three lost", "two lost", "few clients", "replaced", "lost later", "six in a day", "five in a day"],
)
def test_a_team_is_asked_about_for_what_became_of_its_other_clients(
    rows: list[Row], told: bool, warehouse: DuckWarehouse
) -> None:
    put(warehouse, *rows)
    assert (raised(warehouse) == ["suspicious-team"]) == told


def test_bodies_struck_since_count_against_a_team_together_with_losses(warehouse: DuckWarehouse) -> None:
    put(warehouse, *cluster(lost=2), *(certificate(f"QU{n}", f"U{n}") for n in range(1, 11)))
    assert raised(warehouse) == []
    put(warehouse, body(sanction="revoked", sanctioned_on=date(2025, 2, 1), known_on=date(2025, 3, 1)))
    assert raised(warehouse) == ["suspicious-team"]


def sale(
    seller: str,
    buyer: str,
    on: date,
    net: float = 100_000,
    number: str | None = None,
    told_by: str = "seller",
    **cells: Any,
) -> Row:
    mine = seller if told_by == "seller" else buyer
    other = buyer if told_by == "seller" else seller
    direction = "sale" if told_by == "seller" else "purchase"
    facts = {"uscc": mine, "direction": direction, "counterparty": other, "invoiced_on": on, "net": net}
    return (
        "invoice",
        facts
        | {"invoice_no": number or f"{seller}{buyer}{on:%m%d}", "status": "valid", "happened_on": on, "known_on": on}
        | cells,
    )


def circle(*firms: str, rounds: int = 4, seen: str = "both", **cells: Any) -> list[Row]:
    """Firms that invoice each other in a ring, month after month."""
    rows = []
    for n in range(rounds):
        for place, seller in enumerate(firms):
            on = date(2025, 1, 3) + timedelta(30 * n + 3 * place)
            buyer, net = firms[(place + 1) % len(firms)], 100_000 + 500 * place + 7_000 * n
            for told_by in ("seller", "buyer") if seen == "both" else (seen,):
                rows.append(sale(seller, buyer, on, net, told_by=told_by, **cells))
    return rows


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (circle(ME, "U1"), True),
        (circle(ME, "U1", "U2"), True),
        (circle(ME, "U1", "U2", "U3"), True),
        (circle(ME, "U1", "U2", seen="both", rounds=1), False),
        (circle(ME, "U1", rounds=3), False),
        (circle(ME, "U1", "U2", status="void"), False),
        (circle(ME, "U1", "U2", "U3", "U4"), False),
        (circle(ME, "U1", "U2", known_on=DAY + timedelta(1)), False),
        ([row for row in circle(ME, "U1", "U2") if row[1]["counterparty"] != "U2" and row[1]["uscc"] != "U2"], False),
    ],
    ids=["two", "three", "four", "once", "two, rarely", "void", "five", "known later", "open"],
)
def test_invoices_in_circles_are_found(rows: list[Row], told: bool, warehouse: DuckWarehouse) -> None:
    put(warehouse, *rows)
    assert (raised(warehouse) == ["invoice-ring"]) == told


def test_amounts_far_apart_and_rounds_far_apart_are_no_circle(warehouse: DuckWarehouse) -> None:
    for n in range(6):
        on = date(2024, 8, 1) + timedelta(45 * n)
        put(warehouse, sale(ME, "U1", on, 100_000), sale("U1", ME, on, 120_000, told_by="buyer"))
    assert raised(warehouse) == []
    warehouse.execute("truncate history.invoice")
    for n in range(3):
        on = date(2023, 8, 1) + timedelta(200 * n)
        put(warehouse, sale(ME, "U1", on), sale("U1", ME, on + timedelta(80), told_by="buyer"))
    assert raised(warehouse) == []


def test_a_partner_is_known_by_its_name_as_by_its_code(warehouse: DuckWarehouse) -> None:
    named = {ME: "甲公司", "U1": "乙公司", "U2": "丙公司"}
    put(warehouse, *(("enterprise", {"uscc": code, "name": name}) for code, name in named.items() if code != ME))
    for table, cells in circle(ME, "U1", "U2"):
        put(warehouse, (table, cells | {"counterparty": named[cells["counterparty"]]}))
    refresh_derived(warehouse)
    (flag,) = integrity(warehouse, ["A1"], OFFICER)[0].flags
    assert flag.code == "invoice-ring"
    assert "3 家" in flag.zh
    assert {record.table for record in flag.records} == {"invoice"}


def test_an_answer_does_not_depend_on_who_else_is_asked_about(warehouse: DuckWarehouse) -> None:
    put(warehouse, application("A2", "U1"), application("A3", "U2", date(2025, 1, 4)), *circle(ME, "U1", "U2"))
    put(warehouse, *cluster(lost=4), certificate("CQC22001234567", "U1", **CCC))
    refresh_derived(warehouse)
    together = integrity(warehouse, ["A1", "A2", "A3"], OFFICER)
    assert together == tuple(integrity(warehouse, [each.application_id], OFFICER)[0] for each in together)
    assert together == integrity(warehouse, None, OFFICER)
    assert [len(each.flags) for each in together] == [2, 3, 0]


def test_a_number_that_nobody_has_is_told(warehouse: DuckWarehouse) -> None:
    with pytest.raises(InputError, match="unknown-application"):
        integrity(warehouse, ["A1", "A9"], OFFICER)


def test_no_enterprise_may_ask_and_no_page_of_its_own_shows_a_flag(warehouse: DuckWarehouse) -> None:
    with pytest.raises(PermissionDeniedError):
        integrity(warehouse, ["A1"], Actor("firm", Role.ENTERPRISE))
    theirs = (
        "services/preview.py",
        "services/preview_records.py",
        "ui/views/preview.py",
        "ui/components/self_told.py",
        "api/app.py",
    )
    for name in theirs:
        assert not re.search(r"integrity|Use\.FLAG", (SOURCE / name).read_text(encoding="utf-8")), name


def test_flags_are_for_the_officer_alone() -> None:
    flags = {spec.name for spec in CATALOG if spec.family is Family.INTEGRITY}
    assert flags == {spec.name for spec in for_use(Use.FLAG)}
    assert flags
    for use in (Use.MODEL, Use.FACT, Use.AUDIT):
        assert flags.isdisjoint(spec.name for spec in for_use(use))
    for gate in in_force(date(2026, 6, 1)).gates:
        assert flags.isdisjoint(gate.when.columns)


def test_every_flag_is_worded_as_a_question_in_both_languages() -> None:
    for code in CODES:
        for part in ("title", "told", "ask"):
            assert has(f"integrity.flag.{code}.{part}")


def test_the_page_says_that_nothing_found_proves_nothing(warehouse: DuckWarehouse) -> None:
    assert "不等于没有问题" in items((), Lang.ZH)
    put(warehouse, certificate("<b>CQC", **CCC))
    refresh_derived(warehouse)
    drawn = items(integrity(warehouse, ["A1"], OFFICER)[0].flags, Lang.EN)
    assert "&lt;b&gt;CQC" in drawn.upper().replace("&LT;B&GT;", "&lt;b&gt;")
    assert "Ask: " in drawn


@pytest.mark.parametrize("each", number_formats(), ids=lambda each: each.code)
def test_the_example_of_a_number_format_has_the_form(each: Any) -> None:
    from certloan.reference.loading import rows

    (row,) = [row for row in rows("number_formats") if row["code"] == each.code]
    assert re.fullmatch(each.pattern, row["example"])
    assert not each.refused or not re.fullmatch(each.refused, row["example"])
    assert bool(each.scheme) != bool(each.scheme_class)
    assert any(s.code == each.scheme or s.scheme_class == each.scheme_class for s in schemes())
