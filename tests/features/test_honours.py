"""Standards, titles, posts, mitigants: by level, while they hold, and self-reports least of all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.features.conftest import DAY

from certloan.domain.evidence import Family
from certloan.features.catalog import CATALOG, by_name
from certloan.features.spec import Use

D = dt.date
ENDED = DAY - dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("levels", "rank"),
    [((), 0), (("county",), 1), (("city", "county"), 2), (("province",), 3), (("national", "city"), 4), ((None,), 1)],
)
def test_the_highest_quality_award_counts_and_it_counts_for_good(
    records: Any, levels: tuple[str | None, ...], rank: int
) -> None:
    records.put("honour", kind="tech_sme", granted_on=D(2020, 1, 1))
    for level in levels:
        records.put("honour", kind="quality_award", level=level, granted_on=D(2015, 1, 1))
    assert records.ask("honour_award_level") == rank


def test_a_title_counts_while_it_is_valid_and_each_kind_once(records: Any) -> None:
    for level in ("province", "city"):
        records.put("honour", kind="specialised", level=level, granted_on=D(2023, 1, 1), valid_to=D(2026, 1, 1))
    records.put("honour", kind="high_tech", granted_on=D(2021, 1, 1), valid_to=ENDED)
    told = records.ask("honour_titles_n", "honour_specialised_n", "honour_best_weight")
    assert (told["honour_titles_n"], told["honour_specialised_n"]) == (1, 1)
    assert 0 < told["honour_best_weight"] < 1


@pytest.mark.parametrize("kind", ["excellence", "chief_quality_officer", "standards_director", "quality_engineer"])
def test_self_reported_methods_and_posts_are_no_titles(records: Any, kind: str) -> None:
    records.put("honour", kind=kind, level="city", granted_on=D(2023, 1, 1), valid_to=D(2026, 1, 1))
    assert records.ask("honour_titles_n") == 0


def test_posts_are_held_until_they_end(records: Any) -> None:
    records.put("honour", kind="chief_quality_officer", granted_on=D(2021, 1, 1), valid_to=ENDED)
    records.put("honour", kind="standards_director", granted_on=D(2023, 1, 1))
    assert (records.ask("honour_chief_quality_officer"), records.ask("honour_standards_director")) == (0, 1)


def test_standards_are_told_by_part_and_by_level(records: Any) -> None:
    records.put("innovation", kind="standard", role="lead", level="group", granted_on=D(2022, 1, 1))
    records.put("innovation", kind="standard", role="join", level="national", granted_on=D(2022, 1, 1))
    records.put("innovation", kind="standard", role="lead", level="national", granted_on=D(2016, 1, 1), ends_on=ENDED)
    told = records.ask(
        "innov_standards_led_n", "innov_standards_joined_n", "innov_upper_standards_n", "innov_upper_standards_led_n",
        "innov_group_standards_n", "innov_led_level", "innov_joined_level",
    )  # fmt: skip
    assert list(told.values())[3:] == [1, 1, 1, 0, 1, 2, 5]


@pytest.mark.parametrize(
    ("kind", "feature"),
    [
        ("invention_patent", "innov_invention_patents_n"), ("utility_patent", "innov_utility_patents_n"),
        ("design_patent", "innov_design_patents_n"), ("trademark", "innov_trademarks_n"),
        ("collective_mark", "innov_collective_marks_n"), ("geographical_indication", "innov_geographical_n"),
        ("data_right", "innov_data_rights_n"), ("standard_disclosure", "innov_disclosed_standards_n"),
    ],
)  # fmt: skip
def test_each_kind_of_right_is_counted_by_itself(records: Any, kind: str, feature: str) -> None:
    records.put("innovation", kind=kind, granted_on=D(2023, 1, 1), ends_on=D(2033, 1, 1))
    counted = {
        name: value
        for name, value in records.ask().items()
        if name.startswith("innov_") and value and name.endswith("_n")
    }
    further = {"innov_new_36m_n", "innov_invention_new_36m_n"}
    assert counted.keys() - further == {feature}
    assert ("innov_new_36m_n" in counted) == (kind != "standard_disclosure")


def test_insurance_is_read_against_the_request(records: Any) -> None:
    records.put("application", application_id="A1", applied_on=DAY, happened_on=DAY, amount=Decimal(1000))
    records.put("mitigant", kind="certification_insurance", insured_amount=Decimal(400), starts_on=D(2024, 1, 1))
    records.put("mitigant", kind="safety_insurance", insured_amount=Decimal(100), starts_on=D(2024, 1, 1))
    records.put("mitigant", kind="guarantee_fund", insured_amount=Decimal(9000), starts_on=D(2024, 1, 1))
    records.put("mitigant", kind="guarantee_fund", insured_amount=Decimal(1), starts_on=D(2022, 1, 1), ends_on=ENDED)
    told = records.ask("mitigant_amount", "mitigant_insured_to_request", "mitigant_guaranteed_to_request")
    assert list(told.values())[3:] == [9500, 0.5, 2]


def test_who_has_no_mitigant_has_none_whatever_was_asked_for(records: Any) -> None:
    records.put("mitigant", uscc="U2", kind="quality_deposit", starts_on=D(2024, 1, 1))
    assert records.ask("mitigant_insured_to_request") == 0
    assert records.ask("mitigant_deposit", uscc="U2") == 1


def test_a_promise_of_ones_own_is_no_evidence_for_the_model_to_learn_from() -> None:
    assert by_name("honour_commitment").use is Use.FACT


@pytest.mark.parametrize("family", [Family.HONOUR, Family.MITIGANT, Family.INNOVATION])
def test_the_families_stand_apart_and_are_known_by_themselves(family: Family) -> None:
    mine = [spec for spec in CATALOG if spec.family is family]
    positions = [CATALOG.index(spec) for spec in mine]
    assert positions == list(range(positions[0], positions[0] + len(mine)))
    assert mine[0].name.endswith("_known")


def test_programmes_are_read_by_what_came_of_them(records: Any) -> None:
    day = D(2024, 1, 1)
    records.put("programme", programme="diagnosis", joined_on=day, problems_found=8, problems_closed=6)
    records.put("programme", programme="training", joined_on=day)
    records.put("programme", programme="voluntary_test", joined_on=day, reports=5)
    told = records.ask(
        "programme_36m_n", "programme_kinds_36m_n", "programme_problems_36m_n", "programme_closed_share_36m",
        "programme_reports_24m_n",
    )  # fmt: skip
    assert list(told.values())[3:] == [2, 3, 8, 0.75, 5]
    assert by_name("programme_36m_n").use is Use.FACT


def test_only_products_still_made_are_counted(records: Any) -> None:
    records.put("product", name="a", since=D(2020, 1, 1), coded_share=0.8, output_share=0.6, same_quality=True)
    records.put("product", name="b", since=D(2020, 1, 1), coded_share=0.1, output_share=0.1)
    records.put("product", name="c", since=D(2020, 1, 1), until=ENDED, coded_share=0.9, same_quality=True)
    told = records.ask("product_made_n", "product_coded_share", "product_main_coded_share", "product_same_quality_n")
    assert list(told.values())[3:] == [2, 0.5, 1, 1]
