"""The package's own tables keep their contracts, are dated and sourced, and give the known answers."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from certloan.reference import examine
from certloan.reference.certificates import scheme_words, schemes
from certloan.reference.loading import day, in_force, put_in_place, rows, shipped
from certloan.reference.relations import reference_relations
from certloan.reference.sizes import size_class
from certloan.reference.tables import TABLES
from certloan.world.industries import INDUSTRIES
from certloan.world.schemes import SCHEMES

FOLDER = resources.files("certloan.reference") / "data"


def rule(code: str, on: dt.date) -> dict[str, object]:
    found = [
        row
        for row in reference_relations()["reference_rule"].to_pylist()
        if row["code"] == code and in_force(row["valid_from"], row["valid_to"], on)
    ]
    assert len(found) == 1
    return dict(found[0])


def looked_up(relation: str, code: str, on: dt.date) -> dict[str, object]:
    found = [
        row
        for row in reference_relations()[relation].to_pylist()
        if row["code"] == code and in_force(row["valid_from"], row["valid_to"], on)
    ]
    return dict(found[0]) if found else {}


def test_nothing_is_wrong_with_the_tables_of_the_package() -> None:
    assert examine.problems() == ()


def test_every_file_is_a_declared_table_and_the_other_way_round() -> None:
    assert {entry.name.removesuffix(".csv") for entry in FOLDER.iterdir()} == set(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_file_holds_the_columns_of_its_contract_and_no_other(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8-sig") as opened:
        heading = next(csv.reader(opened))
    table = TABLES[name]
    assert set(heading) <= {field.name for field in table.fields}
    assert {field.name for field in table.fields if field.required} <= set(heading)
    assert shipped(name)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_cells_that_are_not_confirmed_are_cells_of_the_table(name: str) -> None:
    if TABLES[name].dated:
        named = {column for row in rows(name) for column in row["unconfirmed"].split(";") if column}
        assert all(TABLES[name].field(column) for column in named)
        assert all(row["verified"] == "true" for row in rows(name) if row["unconfirmed"])


def test_an_application_of_2025_is_judged_by_the_rule_of_2016_and_one_of_2026_by_that_of_2025() -> None:
    before, after = rule("A01", dt.date(2025, 12, 31)), rule("A01", dt.date(2026, 1, 1))
    assert (before["rule_version"], before["gap_months"], before["recert_grace_months"]) == ("2016", 15, 6)
    assert (after["rule_version"], after["gap_months"], after["recert_grace_months"]) == ("CNCA-QMS-01:2025", 12, 0)
    assert (before["special_audit_days"], after["special_audit_days"]) == (None, 30)
    assert rule("A0101", dt.date(2026, 1, 1))["rule_version"] == after["rule_version"]


@pytest.mark.parametrize(
    ("code", "months"), [("CCC", 60), ("GREEN", 60), ("CR", 60), ("CMA", 72), ("ORGANIC", 12), ("GREENFOOD", 36)]
)
def test_validity_is_what_the_field_says(code: str, months: int) -> None:
    assert rule(code, dt.date(2026, 6, 1))["validity_months"] == months


def test_every_scheme_has_one_rule_on_every_day_and_a_declaration_has_no_surveillance() -> None:
    for scheme in schemes():
        for on in (dt.date(2019, 1, 1), dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2030, 1, 1)):
            found = rule(scheme.code, on)
            assert scheme.third_party or found["gap_months"] is None


def test_a_robot_that_was_tested_as_a_sample_has_no_validity() -> None:
    assert rule("CR-A", dt.date(2026, 1, 1))["validity_months"] is None


@pytest.mark.parametrize("vector", rows("size_vectors"), ids=lambda row: f"{row['code']}-{row['staff']}")
def test_the_size_vectors_hold(vector: dict[str, str]) -> None:
    found = size_class(
        vector["code"],
        staff=int(vector["staff"]),
        revenue=Decimal(vector["revenue"]) * 10_000,
        assets=Decimal(vector["assets"]) * 10_000 if vector["assets"] else None,
        on=day(vector["on"]) or dt.date.max,
    )
    assert (found or "none") == vector["expected"]


def test_power_banks_need_a_certificate_from_the_day_on_which_they_must_have_one() -> None:
    assert looked_up("reference_ccc", "0914", dt.date(2024, 7, 31)) == {}
    assert looked_up("reference_ccc", "0914", dt.date(2024, 8, 1))["required"] is True


@pytest.mark.parametrize(
    ("code", "declared", "priority"), [("0105", False, True), ("0301", True, True), ("0501", True, False)]
)
def test_the_catalogue_tells_declarations_and_close_watch(code: str, declared: bool, priority: bool) -> None:
    found = looked_up("reference_ccc", code, dt.date(2026, 1, 1))
    assert (found["required"], found["self_declared"], found["priority"]) == (True, declared, priority)


def test_an_honour_weighs_the_more_the_higher_its_level() -> None:
    by_kind: dict[str, dict[str, Decimal]] = {}
    for row in rows("honours"):
        by_kind.setdefault(row["kind"], {})[row["level"]] = Decimal(row["weight"])
    for weights in by_kind.values():
        assert weights["national"] > weights["province"] > weights["city"] >= weights["county"] > 0
        assert weights[""] in set(weights.values())


def test_what_is_only_told_by_the_holder_weighs_little() -> None:
    told = [Decimal(row["weight"]) for row in rows("honours") if row["self_reported"] == "true"]
    assert told
    assert max(told) <= Decimal("0.2")


@pytest.mark.parametrize(
    ("code", "fits"),
    [("A01 13", True), ("IATF16949 36", True), ("IATF16949 13", False), ("HACCP 14", True), ("HACCP 36", False),
     ("MINSU 61", True), ("PZB 61", False), ("CR 34", True), ("GBT50430 47", True)],
)  # fmt: skip
def test_a_scheme_fits_the_divisions_that_it_is_made_for(code: str, fits: bool) -> None:
    assert looked_up("reference_scheme_fit", code, dt.date(2026, 1, 1))["fits"] is fits


def test_publication_of_minor_penalties_ends_after_three_months_and_of_others_sooner_since_2026() -> None:
    def months(severity: str, on: dt.date) -> str:
        return next(
            row["max_months"]
            for row in rows("publication_rules")
            if (row["regime"], row["severity"]) == ("penalty", severity)
            and in_force(day(row["valid_from"]), day(row["valid_to"]), on)
        )

    assert [months("moderate", on) for on in (dt.date(2026, 3, 31), dt.date(2026, 4, 1))] == ["36", "12"]
    assert months("minor", dt.date(2026, 4, 1)) == "3"


def test_statements_can_ask_how_long_a_penalty_may_be_published() -> None:
    before = looked_up("reference_publication", "penalty moderate", dt.date(2026, 3, 31))
    after = looked_up("reference_publication", "penalty moderate", dt.date(2026, 4, 1))
    assert (before["publish_max_months"], after["publish_max_months"]) == (36, 12)
    assert looked_up("reference_publication", "penalty minor", dt.date(2026, 4, 1))["published"] is False


def test_the_rate_behind_the_one_documented_spread_is_the_verified_one() -> None:
    found = [
        row
        for row in rows("lpr")
        if row["term"] == "1Y" and in_force(day(row["valid_from"]), day(row["valid_to"]), dt.date(2024, 7, 15))
    ]
    assert [(row["percent"], row["verified"]) for row in found] == [("3.45", "true")]
    assert all(row["verified"] == "false" for row in rows("lpr") if row not in found)


def test_the_carbon_catalogue_has_seventeen_products() -> None:
    assert len(rows("carbon_catalogue")) == 17


def test_a_table_that_contradicts_itself_is_found_out() -> None:
    """Every check of the examination can fail."""
    wrong = {
        "schemes": ("schemes", {"code": "PZB-SD"}, {"strength": "4"}, "reference-strong-declaration"),
        "name": ("schemes", {"code": "A02"}, {"zh": "质量管理体系认证"}, "reference-word-twice"),
        "alias": ("scheme_aliases", {"alias": "ISO9001"}, {"alias": "环境管理体系认证"}, "reference-word-twice"),
        "gap": ("validity_rules", {"rule": "GREEN"}, {"gap_months": "72"}, "reference-gap"),
        "hole": (
            "validity_rules",
            {"rule": "QMS", "valid_to": ""},
            {"valid_from": "2026-02-01"},
            "reference-rule-hole",
        ),
        "order": ("size_thresholds", {"industry": "仓储业"}, {"staff_medium": "900"}, "reference-size-order"),
        "county": ("zhejiang_mountain_counties", {"code": "330127"}, {"name": "千岛"}, "reference-county-name"),
        "count": (
            "zhejiang_mountain_counties",
            {"code": "330127"},
            {"valid_to": "2020-01-01"},
            "reference-county-count",
        ),
    }
    try:
        for table, which, change, code in wrong.values():
            changed = [
                {**row, **change} if all(row[name] == cell for name, cell in which.items()) else row
                for row in shipped(table)
            ]
            put_in_place({table: changed})
            assert code in {problem.code for problem in examine.problems()}, code
    finally:
        put_in_place({})


def test_the_page_names_every_table_and_every_relation() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    assert [name for name in (*TABLES, *reference_relations()) if f"`{name}`" not in page] == []
    for name in ("schemes", "validity_rules", "honours", "lists", "publication_rules", "ccc_catalogue", "lpr"):
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        assert [field.name for field in TABLES[name].own if f"`{field.name}`" not in line] == []


def test_the_synthetic_economy_lives_by_these_tables() -> None:
    """The world may not read them, so that it stays a world of its own; it must not contradict them either."""
    known = {scheme.code for scheme in schemes()}
    assert {scheme.code for scheme in SCHEMES} <= known
    for scheme in SCHEMES:
        assert scheme_words()[scheme.zh] == scheme.code
        months = rule(scheme.code, dt.date(2025, 1, 1))["validity_months"]
        assert months in (None, 12 * scheme.years), scheme.code
    assert {entry.ccc for entry in INDUSTRIES if entry.ccc} <= {row["code"] for row in rows("ccc_catalogue")}
