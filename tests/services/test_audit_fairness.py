"""The audit groups applicants as they were known on the day, and shows its uncertainty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.fairness.rates import Verdict
from certloan.features.catalog import by_name, for_use
from certloan.features.spec import Use
from certloan.i18n import Lang, sentence
from certloan.services.audit_fairness import ATTRIBUTES, LAYERS, FairnessReport, GroupRate, audit
from certloan.storage.warehouse import DuckWarehouse

REGULATOR = Actor("regulator", Role.REGULATOR)
PEOPLE = 200


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    # every second enterprise is state-owned; one of them only became so after its application
    opened.execute(
        f"""
        insert into history.enterprise (uscc, ownership, region_code, registered_on, happened_on, known_on, void_on)
        select 'U' || i, case when i % 2 = 0 then 'state' else 'private' end, '330106', date '2015-01-01',
               date '2015-01-01', date '2015-01-01', case when i = 1 then date '2026-06-02' end
        from range({PEOPLE}) t(i);
        insert into history.enterprise (uscc, ownership, registered_on, happened_on, known_on)
        values ('U1', 'state', '2015-01-01', '2015-01-01', '2026-06-02')
        """
    )
    yield opened
    opened.close()


def decisions(outcome_of: dict[int, str], **layers: dict[int, str]) -> pa.Table:
    """Decide even and odd enterprises; a layer that is not given agrees with the outcome."""
    told = {"outcome": outcome_of} | {f"{layer}_outcome": layers.get(layer, outcome_of) for layer in LAYERS}
    return pa.table(
        {
            "application_id": [f"A{place}" for place in range(PEOPLE)],
            "uscc": [f"U{place}" for place in range(PEOPLE)],
            "as_of": pa.array([date(2026, 6, 1)] * PEOPLE, pa.date32()),
            **{name: [codes[place % 2] for place in range(PEOPLE)] for name, codes in told.items()},
        }
    )


def layer_of(report: FairnessReport, attribute: str, layer: str) -> dict[str, GroupRate]:
    (found,) = (each for each in report.attributes if each.attribute == attribute)
    return {group.code: group for each in found.layers if each.layer == layer for group in each.groups}


def test_groups_are_those_of_the_day(warehouse: DuckWarehouse) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "decline"}), REGULATOR)
    groups = {
        group.code: group
        for attribute in report.attributes
        for group in attribute.groups
        if attribute.attribute == "ownership"
    }
    assert (groups["state"].n, groups["private"].n) == (PEOPLE // 2, PEOPLE // 2)
    assert (groups["state"].approved, groups["private"].approved) == (PEOPLE // 2, 0)
    assert groups["sole_trader"].n == 0
    assert {groups["state"].verdict, groups["private"].verdict} <= {Verdict.REFERENCE, Verdict.OUTSIDE}
    assert (report.people, report.approved) == (PEOPLE, PEOPLE // 2)


def test_what_is_not_known_is_a_group_and_no_reference(warehouse: DuckWarehouse) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "refer"}), REGULATOR)
    size = next(attribute for attribute in report.attributes if attribute.attribute == "size_class")
    assert size.reference is None
    assert {group.code: group.n for group in size.groups if group.n} == {"unknown": PEOPLE}


def test_the_report_can_be_written_as_json_without_any_applicant(warehouse: DuckWarehouse) -> None:
    told = json.dumps(
        audit(warehouse, decisions({0: "approve", 1: "approve"}), REGULATOR).as_json(), ensure_ascii=False
    )
    assert "U1" not in told
    assert json.loads(told)["screening_only"] is True
    assert "NaN" not in told


def test_only_those_who_may_audit_do(warehouse: DuckWarehouse) -> None:
    with pytest.raises(PermissionDeniedError):
        audit(warehouse, decisions({0: "approve", 1: "approve"}), Actor("e", Role.ENTERPRISE))


def test_decisions_without_an_outcome_are_refused(warehouse: DuckWarehouse) -> None:
    with pytest.raises(InputError) as caught:
        audit(warehouse, decisions({0: "approve", 1: "approve"}).drop_columns(["outcome"]), REGULATOR)
    assert all("outcome" in sentence(caught.value, lang) for lang in Lang)


def test_what_is_audited_is_never_scored() -> None:
    assert {by_name(name).use for name in ATTRIBUTES} == {Use.AUDIT}


def test_each_layer_shows_its_own_rates_where_the_final_rate_hides_which_one_decides(warehouse: DuckWarehouse) -> None:
    # private enterprises pass the gates as often as state-owned ones, and fall behind in the score
    report = audit(
        warehouse,
        decisions(
            {0: "approve", 1: "refer"},
            gate={0: "approve", 1: "approve"},
            score={0: "approve", 1: "refer"},
            ladder={0: "approve", 1: "approve"},
        ),
        REGULATOR,
    )
    gate, score = layer_of(report, "ownership", "gate"), layer_of(report, "ownership", "score")
    assert (gate["state"].rate, gate["private"].rate) == (1.0, 1.0)
    assert (score["state"].rate, score["private"].rate) == (1.0, 0.0)
    assert score["private"].n == PEOPLE // 2
    assert score["private"].low is not None
    assert score["private"].high is not None
    assert score["private"].low <= 0.0 < score["private"].high


def test_the_ladder_is_read_only_where_no_earlier_layer_declines(warehouse: DuckWarehouse) -> None:
    found = decisions(
        {0: "approve", 1: "decline"}, gate={0: "approve", 1: "approve"}, ladder={0: "approve", 1: "approve"}
    )
    ladder = layer_of(audit(warehouse, found, REGULATOR), "ownership", "ladder")
    assert (ladder["state"].n, ladder["private"].n) == (PEOPLE // 2, 0)
    assert ladder["private"].rate is None


def test_every_layer_is_compared_with_the_reference_of_the_whole(warehouse: DuckWarehouse) -> None:
    # the ladder judges only private enterprises: the largest group there is not the reference of the whole
    warehouse.execute("update history.enterprise set ownership = 'state' where uscc in ('U3', 'U5')")
    found = decisions({0: "decline", 1: "approve"}, ladder={0: "approve", 1: "approve"})
    report = audit(warehouse, found, REGULATOR)
    (whole,) = (each for each in report.attributes if each.attribute == "ownership")
    assert whole.reference == "state"
    for attribute in report.attributes:
        for layer in attribute.layers:
            assert [group.code for group in layer.groups] == [group.code for group in attribute.groups]
    for layer in whole.layers:
        assert [group.code for group in layer.groups if group.verdict is Verdict.REFERENCE] == ["state"]


@pytest.mark.parametrize("lang", list(Lang))
def test_inputs_that_carry_an_attribute_are_named(warehouse: DuckWarehouse, lang: Lang) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "approve"}), REGULATOR)
    told = {attribute.attribute: attribute.inputs(lang) for attribute in report.attributes}
    read = {spec.name for spec in for_use(Use.MODEL)}
    for name in {"app_employees_stated", "ent_employees", "ent_log_revenue", "ent_log_assets"} & read:
        spec = by_name(name)
        assert (spec.zh if lang is Lang.ZH else spec.en) in told["size_class"]
    named = {carrier.feature for attribute in report.attributes for carrier in attribute.carriers}
    assert named <= read, "only what the model may read carries anything into a decision"
    assert len(set(told.values())) == len(ATTRIBUTES)


def test_an_audit_can_be_restricted_to_later_applications(warehouse: DuckWarehouse) -> None:
    found = decisions({0: "approve", 1: "decline"})
    days = [date(2026, 6, 1) if place % 2 else date(2026, 6, 15) for place in range(PEOPLE)]
    found = found.set_column(found.column_names.index("as_of"), "as_of", pa.array(days, pa.date32()))
    whole, later = (audit(warehouse, found, REGULATOR, since=day) for day in (None, date(2026, 6, 15)))
    assert (whole.people, whole.first, whole.last) == (PEOPLE, date(2026, 6, 1), date(2026, 6, 15))
    assert (later.people, later.approved, later.first) == (PEOPLE // 2, PEOPLE // 2, date(2026, 6, 15))
    assert later.as_json()["since"] == "2026-06-15"
    for lang in Lang:
        assert all(day in whole.covers(lang) for day in ("2026-06-01", "2026-06-15"))
        assert "2026-06-01" not in later.covers(lang)


def test_a_whole_audit_says_that_it_judges_anew_and_holds_what_the_model_learned_from(
    warehouse: DuckWarehouse,
) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "approve"}), REGULATOR)
    assert "训练" in report.covers(Lang.ZH)
    assert "learned from" in report.covers(Lang.EN)


def test_a_day_after_the_last_application_is_refused(warehouse: DuckWarehouse) -> None:
    with pytest.raises(InputError) as caught:
        audit(warehouse, decisions({0: "approve", 1: "approve"}), REGULATOR, since=date(2030, 1, 1))
    assert all("2026-06-01" in sentence(caught.value, lang) for lang in Lang)


def test_nobody_is_compared_with_nobody(warehouse: DuckWarehouse) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "approve"}).slice(0, 0), REGULATOR)
    assert (report.people, report.first) == (0, None)
    assert all(report.covers(lang) for lang in Lang)
