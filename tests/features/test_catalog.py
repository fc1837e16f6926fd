"""The catalog is complete: every feature is named, placed, sourced, documented, and reads what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from certloan.contracts import CONTRACTS
from certloan.domain.evidence import Dimension, Family
from certloan.errors import InputError
from certloan.features.aggregates import Sum
from certloan.features.catalog import CATALOG, by_name, for_use
from certloan.features.columns import expression
from certloan.features.compile import stage_sql
from certloan.features.document import document
from certloan.features.evidence import evidence_sql, telling
from certloan.features.matrix import parts
from certloan.features.reach import columns_read
from certloan.features.relations import RELATIONS, UNUSED
from certloan.features.relations.references import REFERENCE
from certloan.features.sources import cited, sources
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec, Unit, Use
from certloan.i18n import has
from certloan.reference.relations import reference_relations

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "src").rglob("*.csv"), *(ROOT / "src").rglob("*.toml")])
NAMES = [spec.name for spec in CATALOG]
AGGREGATED = [spec for spec in CATALOG if isinstance(spec, FeatureSpec)]


def spec_id(spec: Spec) -> str:
    return spec.name


def test_names_are_unique_and_plain() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert [name for name in NAMES if not re.fullmatch(r"[a-z][a-z0-9_]{2,40}", name)] == []


#: Flags look at the evidence of the others: they are no evidence of their own, and never in a model.
EVIDENCE = tuple(family for family in Family if family is not Family.INTEGRITY)


def test_the_model_has_sixty_features_or_more_from_all_families_and_dimensions() -> None:
    model = for_use(Use.MODEL)
    assert len(model) >= 60
    assert {spec.family for spec in model} == set(EVIDENCE)
    assert {spec.dimension for spec in model} == set(Dimension)


@pytest.mark.parametrize("family", EVIDENCE)
def test_every_family_says_whether_it_has_evidence_at_all(family: Family) -> None:
    found = [spec for spec in CATALOG if spec.family is family and spec.name.endswith("_known")]
    assert len(found) == 1
    assert isinstance(found[0], FeatureSpec)
    assert found[0].missing is Missing.ZERO_IF_DELIVERED
    assert not found[0].where


@pytest.mark.parametrize("spec", CATALOG, ids=spec_id)
def test_every_feature_has_labels_a_source_and_a_unit_in_both_languages(spec: Spec) -> None:
    assert re.search("[\u4e00-\u9fff]", spec.zh)
    assert spec.en.isascii()
    assert cited(spec.source)
    assert has(f"feature.unit.{spec.unit.value}")
    assert all(has(f"feature.level.{level}") for level in spec.levels)
    assert spec.categorical == (spec.unit is Unit.CATEGORY)
    assert spec.direction == 0 or not spec.categorical


@pytest.mark.parametrize("source", ["FIELD §4.1", "企业信用报告EB01", "S5 质量", "CNCA-QMS-01:2025 监督; 笔记", ""])
def test_a_source_that_names_no_paper_is_noticed(source: str) -> None:
    with pytest.raises(KeyError):
        cited(source)


def test_every_paper_is_cited_and_has_a_title_in_both_languages() -> None:
    used = {paper.key for spec in CATALOG for paper in cited(spec.source)}
    assert used == set(sources())
    for paper in sources().values():
        assert re.search("[\u4e00-\u9fff]", paper.zh)
        assert paper.en.isascii()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_nothing_that_ships_cites_notes_that_do_not(path: Path) -> None:
    assert "FIELD §" not in path.read_text(encoding="utf-8")


def test_labels_are_unique() -> None:
    for labels in ([spec.zh for spec in CATALOG], [spec.en for spec in CATALOG]):
        assert len(set(labels)) == len(labels)


def test_no_feature_of_the_model_reads_where_an_enterprise_is_or_who_owns_it() -> None:
    guarded = {
        "enterprise.region_code", "enterprise.ownership", "enterprise.name", "enterprise.risk_class",
        "application.lender_region_code", "application.area",
    }  # fmt: skip
    assert [spec.name for spec in for_use(Use.MODEL) if columns_read(spec) & guarded] == []


def test_no_feature_of_the_model_reads_a_head_count_that_an_enterprise_may_withhold() -> None:
    """One exception, by name: how many figures a report withholds reads whether the head-count is there, not what it is."""
    reading = {spec.name for spec in for_use(Use.MODEL) if "annual_report.employees" in columns_read(spec)}
    assert reading == {"ent_figures_withheld"}


def test_how_often_somebody_is_inspected_is_never_held_against_it() -> None:
    assert by_name("insp_36m_n").use is Use.FACT


def test_a_number_without_a_direction_is_no_advice() -> None:
    """There is no way in which it could be changed for the better."""
    undirected = [spec for spec in for_use(Use.MODEL) if spec.direction == 0 and not spec.categorical]
    assert [spec.name for spec in undirected if spec.actionable] == []


def test_an_amount_enters_a_model_only_against_what_it_is_measured_by() -> None:
    sized = {spec.name for spec in for_use(Use.MODEL) if spec.unit is Unit.YUAN and spec.direction == 0}
    assert (sized, by_name("app_amount").use) == (set(), Use.FACT)


def test_to_take_part_is_a_fact_and_the_model_reads_what_came_of_it() -> None:
    reading = {spec.name for spec in for_use(Use.MODEL) if any(c.startswith("programme.") for c in columns_read(spec))}
    assert reading == {"programme_closed_share_36m"}


def test_policy_never_reads_what_is_kept_for_the_audit() -> None:
    assert {spec.use for spec in for_use(Use.FACT)} == {Use.MODEL, Use.FACT}
    audit = {spec.name for spec in CATALOG if spec.use is Use.AUDIT}
    made = {spec.name: {part.name for part in parts(spec)} & audit for spec in for_use(Use.FACT)}
    assert [name for name, read in made.items() if read] == []
    assert {"size_class", "county_group", "ownership", "province", "ent_risk_class"} <= audit


def test_every_contract_column_reaches_a_feature_or_is_declared_unused() -> None:
    read = frozenset().union(*(columns_read(spec) for spec in CATALOG))
    unread = set()
    for table, contract in CONTRACTS.items():
        for column in contract.names:
            identity = column in ("uscc", "application_id") or column in re.findall(r"\w+", contract.happened_on)
            if not identity and f"{table}.{column}" not in read and f"{table}.*" not in UNUSED:
                unread.add(f"{table}.{column}")
    assert unread == {name for name in UNUSED if not name.endswith("*")} - _identities()


def _identities() -> set[str]:
    """Give the columns that are declared unused although they are the day of their record."""
    return {f"{table}.{name}" for table, c in CONTRACTS.items() for name in re.findall(r"\w+", c.happened_on)} & set(
        UNUSED
    )


def test_the_label_is_never_evidence() -> None:
    assert not any(column.startswith("outcome.") for spec in CATALOG for column in columns_read(spec))
    assert "outcome" not in {relation.table for relation in RELATIONS.values()}


def test_derived_features_are_made_of_catalog_features() -> None:
    for spec in CATALOG:
        if isinstance(spec, DerivedSpec):
            assert len(parts(spec)) >= 2 or spec.name.startswith(("ent_log", "ops_months"))


def test_references_have_the_columns_that_features_expect() -> None:
    for name, columns in REFERENCE.items():
        assert set(reference_relations()[name].column_names) == {"code", "valid_from", "valid_to", *columns}


def test_a_condition_over_an_unknown_column_is_refused_with_its_name() -> None:
    wrong = FeatureSpec(
        name="x", zh="错", en="wrong", family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_month",
        aggregate=Sum("balance"), where="ballance > 0", unit=Unit.YUAN, source="企业信用报告 ED01",
    )  # fmt: skip
    with pytest.raises(InputError, match="ballance"):
        stage_sql("credit_month", [wrong])


def test_a_sum_of_computed_numbers_is_refused_because_it_would_depend_on_the_order() -> None:
    wrong = FeatureSpec(
        name="x", zh="错", en="wrong", family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_month",
        aggregate=Sum("balance / 3"), unit=Unit.YUAN, source="企业信用报告 ED01",
    )  # fmt: skip
    with pytest.raises(ValueError, match="balance / 3"):
        stage_sql("credit_month", [wrong])


def test_all_features_of_a_relation_come_from_one_scan_of_it() -> None:
    """A relation that says something of its own other records reads them once more for each thing it says."""
    for name, relation in RELATIONS.items():
        specs = [spec for spec in AGGREGATED if spec.table == name]
        others = [RELATIONS[summary.table] for summary in relation.summaries]
        of_itself = sum(other.table == relation.table for other in others)
        if name == "certificate_event":  # what its certificate has become is itself told by the events
            of_itself += 1
        statement = stage_sql(name, specs)
        assert len(re.findall(rf"join {relation.table} as r", statement)) == 1 + of_itself


@pytest.mark.parametrize("spec", AGGREGATED, ids=spec_id)
def test_the_records_behind_a_feature_show_the_cells_that_it_reads(spec: FeatureSpec) -> None:
    read = {
        column.split(".")[1] for column in columns_read(spec) if column.startswith(RELATIONS[spec.table].table + ".")
    }
    value = set().union(*(expression(spec.table, source).columns for source in vars(spec.aggregate).values()))
    assert value & read <= set(telling(spec))


def test_evidence_can_be_asked_for_every_feature_that_comes_from_records() -> None:
    assert all("select subject" in evidence_sql(spec) for spec in AGGREGATED)


def test_the_document_is_that_of_the_catalog() -> None:
    """Out of date? ``python -m certloan.features.document > docs/features.md``."""
    assert (ROOT / "docs" / "features.md").read_text(encoding="utf-8") == document()


def test_a_feature_is_found_by_name() -> None:
    assert by_name("cert_valid_n").zh == "有效证书数"
    with pytest.raises(KeyError):
        by_name("no_such_feature")
