"""What recipes make of foreign sheets: the two shipped ones, and small ones written here."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.ingest.projection import FileProblem, Projection, Severity
from certloan.ingest.recipe import Recipe, load_recipe, shipped_recipes

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "sample"
Row = dict[str, Any]


def sheet(path: Path) -> tuple[list[str], list[list[str]]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    header, *rows = csv.reader(io.StringIO(text))
    return header, rows


def rows_of(projection: Projection, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Row]:
    """Run a projection in a real DuckDB over staged text, empty cells being null as the reader stages them."""
    cells = {f"c{i}": pa.array([row[i] or None for row in rows], pa.string()) for i in range(len(header))}
    connection = duckdb.connect()
    connection.register("staged", pa.table(cells))
    columns = ", ".join(f"{sql} as {name}" for name, sql in projection.columns.items())
    where = f" where {projection.where}" if projection.where else ""
    found: list[Row] = connection.sql(f"select {columns} from staged{where}").to_arrow_table().to_pylist()
    return found


def projected(recipe: Recipe, file: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[Row]]:
    made = recipe.projections(file, "", header)
    assert isinstance(made, list), made
    return {projection.contract.table: rows_of(projection, header, rows) for projection in made}


def sample(recipe: str, *parts: str) -> dict[str, list[Row]]:
    header, rows = sheet(SAMPLES.joinpath(*parts))
    return projected(load_recipe(recipe), parts[-1], header, rows)


def written(tmp_path: Path, text: str) -> Recipe:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(str(path))


HEAD = """
[recipe]
name = "own"
title = { zh = "自己的", en = "own" }
key = "opaque"
[recipe.provenance]
source = "a bank"
licence = "none"
as_of = "2025"
"""


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_is_sound_and_says_where_its_data_comes_from(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert len(recipe.digest) == 64
    assert recipe.declared.provenance.source
    assert recipe.header_index().count([h for kind in recipe.declared.kinds for h in kind.known_headers()]) > 5


@pytest.mark.parametrize(
    "parts",
    [
        ("sba", "sba_balanced_sample.csv.gz"),
        ("sba", "sba_case_sample.csv"),
        ("sba_national", "SBAnational_sample.csv"),
    ],
)
def test_sba_reads_each_of_its_three_files_by_header_alone(parts: tuple[str, str]) -> None:
    header, rows = sheet(SAMPLES.joinpath(*parts))
    tables = projected(load_recipe("sba"), "renamed.csv", header, rows)
    assert set(tables) == {"enterprise", "application", "outcome"}
    assert {len(found) for found in tables.values()} == {len(rows)}
    for row in tables["application"]:
        assert date(1968, 1, 1) <= date.fromisoformat(row["applied_on"]) <= date(2014, 12, 31)
        assert float(row["guaranteed_amount"]) <= float(row["amount"])
        assert row["startup"] in {"true", "false", None}
        assert row["area"] in {"urban", "rural", None}


def test_a_two_digit_year_never_lands_after_the_last_day_of_the_data() -> None:
    header, rows = sheet(SAMPLES / "sba_national" / "SBAnational_sample.csv")
    told = [row[header.index("ApprovalDate")] for row in rows]
    assert any(day.endswith("-68") for day in told), "the sample must hold a year that strptime would put into 2068"
    years = {row["applied_on"][:4] for row in sample("sba", "sba_national", "SBAnational_sample.csv")["application"]}
    assert "1968" in years
    assert max(years) <= "2014"


def test_the_day_numbers_of_the_case_file_count_from_1960() -> None:
    header, rows = sheet(SAMPLES / "sba" / "sba_case_sample.csv")
    row = list(rows[0])
    row[header.index("ApprovalDate")] = "15074"
    found = projected(load_recipe("sba"), "sba_case_sample.csv", header, [row])
    assert found["application"][0]["applied_on"] == "2001-04-09"


def test_the_class_weights_restore_the_true_rate_of_default_and_average_one() -> None:
    weights = {
        row["defaulted"]: float(row["case_weight"])
        for row in sample("sba", "sba", "sba_balanced_sample.csv.gz")["outcome"]
    }
    assert (weights["CHGOFF"] + weights["PIF"]) / 2 == pytest.approx(1)
    assert weights["CHGOFF"] / (weights["CHGOFF"] + weights["PIF"]) == pytest.approx(0.1756, abs=5e-5)
    assert {row["case_weight"] for row in sample("sba", "sba", "sba_case_sample.csv")["outcome"]} == {"1.0"}


def test_cumcm_gives_every_invoice_a_direction_a_key_and_a_state() -> None:
    bought = sample("cumcm2020c", "cumcm2020c", "a1_input.csv.gz")["invoice"]
    sold = sample("cumcm2020c", "cumcm2020c", "a1_output.csv.gz")["invoice"]
    assert {row["direction"] for row in bought} == {"purchase"}
    assert {row["direction"] for row in sold} == {"sale"}
    assert {row["status"] for row in sold} == {"有效发票", "作废发票", "red_letter"}
    assert all(
        (row["status"] == "red_letter") == (float(row["net"]) < 0) for row in sold if row["status"] != "作废发票"
    )
    assert len({(row["uscc"], row["invoice_no"]) for row in sold}) == len(sold) - 1  # the sample repeats one row


def test_cumcm_applies_after_the_last_invoice_and_only_rated_firms_have_an_outcome() -> None:
    rated, others = (sample("cumcm2020c", "cumcm2020c", f"{part}_enterprise.csv") for part in ("a1", "a2"))
    assert set(rated) == {"enterprise", "application", "outcome"}
    assert set(others) == {"enterprise", "application"}
    last = max(row["invoiced_on"] for row in sample("cumcm2020c", "cumcm2020c", "a2_output.csv.gz")["invoice"])
    assert {row["applied_on"] for row in rated["application"] + others["application"]} == {"2020-02-10"}
    assert last < "2020-02-10"


#: Written after the event, or computed from what was: none may reach anything but the outcome.
LEAKS = {"Term", "ChgOffDate", "ChgOffPrinGr", "BalanceGross", "DisbursementDate", "DisbursementGross", "MIS_Status"}
LEAKS |= {"Default", "daysterm", "xx", "Recession", "Portion", "RealEstate", "Selected", "New"}
LEAKS |= {
    "term",
    "chg_off_date",
    "chg_off_prin_gr",
    "balance_gross",
    "disbursement_date",
    "disbursement_gross",
    "mis_status",
}


def test_no_leaking_header_of_the_sba_files_reaches_a_feature() -> None:
    recipe = load_recipe("sba")
    reached = {header for table in ("enterprise", "application") for header in recipe.headers_behind(table)}
    assert reached == {
        *("loan_nr_chk_dgt", "state", "bank_state", "naics", "approval_date", "no_emp", "new_exist", "create_job"),
        *("retained_job", "franchise_code", "urban_rural", "rev_line_cr", "low_doc", "gr_appv", "sba_appv"),
        *("LoanNr_ChkDgt", "State", "BankState", "NAICS", "ApprovalDate", "NoEmp", "NewExist", "CreateJob"),
        *("RetainedJob", "FranchiseCode", "UrbanRural", "RevLineCr", "LowDoc", "GrAppv", "SBA_Appv"),
    }
    assert not reached & LEAKS
    assert recipe.headers_behind("outcome") & LEAKS == {"MIS_Status", "mis_status"}


def test_the_rating_of_cumcm_reaches_no_table_at_all() -> None:
    recipe = load_recipe("cumcm2020c")
    for table in ("enterprise", "application", "outcome", "invoice"):
        assert "信誉评级" not in recipe.headers_behind(table)
    assert "是否违约" not in recipe.headers_behind("application") | recipe.headers_behind("enterprise")


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_the_order_and_dress_of_the_headers_never_matter(data: st.DataObject) -> None:
    header, rows = sheet(SAMPLES / "sba" / "sba_case_sample.csv")
    order = data.draw(st.permutations(range(len(header))))
    dressed = [data.draw(st.sampled_from([str.upper, str.lower, lambda name: f" {name}　"]))(header[i]) for i in order]
    recipe = load_recipe("sba")
    plain = projected(recipe, "x.csv", header, rows[:9])
    assert projected(recipe, "x.csv", dressed, [[row[i] for i in order] for row in rows[:9]]) == plain


def test_a_header_that_the_recipe_does_not_speak_of_is_a_warning_told_once() -> None:
    header, _ = sheet(SAMPLES / "cumcm2020c" / "a2_enterprise.csv")
    made = load_recipe("cumcm2020c").projections("a2_enterprise.csv", "", [*header, "行业"])
    assert isinstance(made, list)
    notes = [note for projection in made for note in projection.notes]
    assert [(n.code, n.found, n.severity) for n in notes] == [("recipe-unknown-headers", "行业", Severity.WARNING)]


def test_a_missing_header_stops_the_sheet_and_names_what_is_missing() -> None:
    made = load_recipe("cumcm2020c").projections("a1_input.csv", "", ["企业代号", "发票号码", "金额"])
    assert isinstance(made, FileProblem)
    assert made.code == "recipe-missing-headers"
    assert made.facts["expected"] == "开票日期 / 销方单位代号 / 税额 / 发票状态"


def test_a_file_of_an_unknown_name_is_a_problem_and_a_skipped_one_is_not() -> None:
    recipe = load_recipe("cumcm2020c")
    unknown = recipe.projections("b7.csv", "", ["企业代号", "企业名称"])
    assert isinstance(unknown, FileProblem)
    assert unknown.code == "recipe-no-sheet-kind"
    assert recipe.projections("a3_rate_churn.csv", "", ["rate"]) == []
    assert recipe.skips("deep/A3_rate.xlsx")
    assert not recipe.skips("a1_input.csv.gz")


BAD_CELLS = (
    HEAD
    + """
[[sheet]]
name = "loans"
columns = { no = "No", day = { header = "Day", type = "date" }, amount = { header = "Amount", type = "number" }, share = { header = "Share", type = "number" } }
[[table]]
name = "application"
from = "loans"
where = "amount > 10"
[table.columns]
application_id = { join = ["no", "to_text(amount)"], separator = "/" }
uscc = "no"
applied_on = "day"
amount = { expr = "amount", unit = "万元" }
guaranteed_share = "ratio(share, 100)"
product = { expr = "no", missing = ["7"] }
"""
)


def test_a_cell_of_the_wrong_type_is_handed_on_for_the_contract_to_find(tmp_path: Path) -> None:
    recipe = written(tmp_path, BAD_CELLS)
    header = ["No", "Day", "Amount", "Share"]
    good = ["1", "2024/3/1", "1,250.5", "40"]
    rows = [
        good,
        ["2", "yesterday", "20", "n/a"],
        ["3", "20240301", "much", ""],
        ["4", "2024-3-1", "5", "1"],
        ["7", "", "inf", ""],
    ]
    found = {row["uscc"]: row for row in projected(recipe, "a.csv", header, rows)["application"]}
    assert found["1"] == {
        "application_id": "1/1250.5",
        "uscc": "1",
        "applied_on": "2024-03-01",
        "amount": "1250.5",
        "guaranteed_share": "0.4",
        "product": "1",
    }
    assert (found["2"]["applied_on"], found["2"]["guaranteed_share"]) == ("yesterday", "n/a")
    assert (found["3"]["amount"], found["3"]["applied_on"]) == ("much", "2024-03-01")
    assert "4" not in found, "where drops the row"
    assert (found["7"]["amount"], found["7"]["product"]) == ("inf", None)


def test_units_and_maps_are_left_to_the_contract_as_data(tmp_path: Path) -> None:
    made = written(tmp_path, BAD_CELLS).projections("a.csv", "", ["No", "Day", "Amount", "Share"])
    assert isinstance(made, list)
    assert {name: int(unit) for name, unit in made[0].units.items()} == {"amount": 10_000}
    assert made[0].opaque_key


def test_an_optional_header_that_is_absent_leaves_its_column_missing(tmp_path: Path) -> None:
    text = BAD_CELLS.replace('header = "Share", type = "number"', 'header = "Share", type = "number", optional = true')
    made = written(tmp_path, text).projections("a.csv", "", ["No", "Day", "Amount"])
    assert isinstance(made, list)
    assert "guaranteed_share" not in made[0].columns
    assert "amount" in made[0].columns


def test_two_kinds_that_explain_a_sheet_equally_well_are_told_apart_or_refused(tmp_path: Path) -> None:
    columns = 'columns = { no = "No" }\n'
    table = '[[table]]\nname = "enterprise"\nfrom = ["a", "b"]\n[table.columns]\nuscc = "no"\nname = "no"\n'
    text = HEAD + f'[[sheet]]\nname = "a"\n{columns}[[sheet]]\nname = "b"\nfiles = ["*"]\n{columns}{table}'
    made = written(tmp_path, text).projections("x.csv", "", ["No"])
    assert isinstance(made, FileProblem)
    assert (made.code, made.facts["expected"]) == ("recipe-ambiguous-sheet", "a / b")
