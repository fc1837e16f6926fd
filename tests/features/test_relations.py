"""What a relation may be made of: each primitive by what it does, on relations of the tests' own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from certloan.contracts import CONTRACTS
from certloan.expressions import Type
from certloan.features.aggregates import Count, CountDistinct, Exists, Latest, Max, Min, Sum
from certloan.features.columns import layers, parts, types
from certloan.features.dialect import DUCKDB
from certloan.features.prepare import prepared
from certloan.features.relations import RELATIONS, Previous, Relation, Summary, Told
from certloan.features.relations.references import DERIVED, REFERENCE
from certloan.features.spec import Lookup
from certloan.reference.relations import reference_relations
from certloan.services import refresh_derived
from certloan.services.build_features import asked

D = dt.date
DAY = D(2024, 6, 15)

_BODY = Summary(
    "body",
    "certification_body",
    on={"body_no": "body_no"},
    columns={
        "body_licensed_to": Told(Max("licensed_to"), Type.DATE),
        "body_sanction": Told(Latest("sanction"), Type.TEXT, where="sanction is not null"),
        "body_known": Told(Exists(), Type.BOOLEAN),
    },
    by_subject=False,
)
_EVENTS = Summary(
    "events",
    "certificate_event",
    on={"certificate_no": "certificate_no"},
    columns={
        "last_surveillance_on": Told(Max("event_on"), Type.DATE, where="event = 'surveillance_passed'"),
        "events_n": Told(Count(), Type.NUMBER),
        "kinds_n": Told(CountDistinct("event"), Type.NUMBER),
        "was_suspended": Told(Exists(), Type.BOOLEAN, where="event = 'suspended'"),
        "last": Told(Latest("event"), Type.TEXT, rank="case when event = 'withdrawn' then 1 else 0 end"),
    },
)
_HOLDER = Summary("holder", "enterprise", on={}, columns={"industry": Told(Latest("industry_code"), Type.TEXT)})
CERTIFICATE = Relation(
    "tested_certificate",
    "certificate",
    ("certificate_no",),
    delivered=("certificate_event",),
    lookups=(
        Lookup("reference_size", "industry_at_issue", day="issued_on", prefix="issue_"),
        Lookup("reference_size", "substring(industry, 1, 4)"),
    ),
    summaries=(_EVENTS, _BODY, _HOLDER),
    previous=(Previous("before_ended_on", Type.DATE, "expires_on", ("scheme",), "issued_on"),),
    computed={
        "gap_days": ("days_between(before_ended_on, issued_on)", Type.NUMBER),
        "industry_at_issue": ("substring(industry, 1, 4)", Type.TEXT),
        "quiet": ("certificate_event_delivered and events_n = 0", Type.BOOLEAN),
    },
)
#: A summary of a prepared relation: what all its certificates say of an event, computed columns among it.
EVENT = Relation(
    "tested_event",
    "certificate_event",
    ("certificate_no",),
    summaries=(
        Summary(
            "certificate",
            "tested_certificate",
            on={"certificate_no": "certificate_no"},
            columns={
                "longest_gap": Told(Max("gap_days"), Type.NUMBER),
                "events_before": Told(Sum("events_n"), Type.NUMBER),
                "first_issued": Told(Min("issued_on"), Type.DATE),
            },
        ),
    ),
)


@pytest.fixture(autouse=True)
def tested() -> Iterator[None]:
    known = dict(RELATIONS)
    RELATIONS.update({CERTIFICATE.name: CERTIFICATE, EVENT.name: EVENT})  # type: ignore[attr-defined]
    yield
    for name in RELATIONS.keys() - known.keys():
        del RELATIONS[name]  # type: ignore[attr-defined]


def see(records: Any, *columns: str, of: Relation = CERTIFICATE, day: dt.date = DAY, uscc: str = "U1") -> list[Any]:
    """Give some columns of a relation's records on a day, by their first telling column."""
    subjects = pa.table({"application_id": ["A1"], "uscc": [uscc], "as_of": [day]})
    sql = prepared(of, [*of.telling, *columns], (), DUCKDB)
    with asked(records.warehouse, subjects, of.delivered):
        rows = records.warehouse.query(f"select {', '.join(columns)} from ({sql}) order by {of.telling[0]}").to_pylist()
    return [tuple(row.values()) if len(columns) > 1 else row[columns[0]] for row in rows]


def test_a_summary_tells_of_each_record_what_the_other_table_says_of_it(records: Any) -> None:
    records.put("certificate", certificate_no="C1")
    records.put("certificate", certificate_no="C2")
    for day, event in ((D(2023, 5, 1), "surveillance_passed"), (D(2024, 5, 1), "surveillance_passed")):
        records.put("certificate_event", certificate_no="C1", event=event, event_on=day)
    records.put("certificate_event", certificate_no="C1", event="suspended", event_on=D(2024, 6, 1))
    told = see(records, "last_surveillance_on", "events_n", "kinds_n", "was_suspended", "last")
    assert told == [(D(2024, 5, 1), 3, 2, True, "suspended"), (None, 0, 0, False, None)]


def test_what_another_enterprise_says_of_the_same_number_is_not_told(records: Any) -> None:
    records.put("certificate", certificate_no="C1")
    records.put("certificate_event", uscc="U2", certificate_no="C1", event="suspended", event_on=D(2024, 1, 1))
    assert see(records, "events_n", "was_suspended") == [(0, False)]


@pytest.mark.parametrize(("known_on", "counted"), [(D(2024, 6, 15), 1), (D(2024, 6, 16), 0)])
def test_a_summary_counts_what_was_known_on_the_day_and_no_more(records: Any, known_on: dt.date, counted: int) -> None:
    records.put("certificate", certificate_no="C1")
    records.put("certificate_event", certificate_no="C1", event="changed", event_on=D(2024, 1, 1), known_on=known_on)
    assert see(records, "events_n") == [counted]


@pytest.mark.parametrize(("void_on", "counted"), [(D(2024, 6, 15), 0), (D(2024, 6, 16), 1)])
def test_a_void_record_disappears_from_a_summary_on_its_day(records: Any, void_on: dt.date, counted: int) -> None:
    records.put("certificate", certificate_no="C1")
    records.put("certificate_event", certificate_no="C1", event="changed", event_on=D(2024, 1, 1), void_on=void_on)
    assert see(records, "events_n") == [counted]


def test_of_two_newest_events_the_graver_is_the_last(records: Any) -> None:
    records.put("certificate", certificate_no="C1")
    for event in ("surveillance_passed", "withdrawn", "changed"):
        records.put("certificate_event", certificate_no="C1", event=event, event_on=D(2024, 5, 1))
    assert see(records, "last") == ["withdrawn"]


def test_an_empty_on_tells_of_the_enterprise_as_a_whole(records: Any) -> None:
    records.put("certificate", certificate_no="C1")
    records.put("certificate", certificate_no="C2")
    records.put("enterprise", name="x", industry_code="3491", registered_on=D(2010, 1, 1))
    records.put("enterprise", uscc="U2", name="y", industry_code="6110", registered_on=D(2010, 1, 1))
    assert see(records, "industry") == ["3491", "3491"]


def test_a_register_is_joined_by_the_day_and_tells_everybody_the_same(records: Any) -> None:
    for uscc, number in (("U1", "C1"), ("U2", "C2")):
        records.put("certificate", uscc=uscc, certificate_no=number, body_no="B1")
    records.put("certificate", certificate_no="C3", body_no="B9")
    records.put("certification_body", body_no="B1", licensed_from=D(2015, 1, 1), licensed_to=D(2030, 1, 1))
    records.put(
        "certification_body", body_no="B1", licensed_from=D(2015, 1, 1), sanction="fined", known_on=D(2024, 6, 10)
    )
    seen = ("body_licensed_to", "body_sanction", "body_known")
    assert see(records, *seen) == [(D(2030, 1, 1), "fined", True), (None, None, False)]
    assert see(records, *seen, uscc="U2", day=D(2024, 6, 9)) == [(D(2030, 1, 1), None, True)]


def test_a_register_is_grouped_by_day_and_key_and_never_by_enterprise() -> None:
    sql = prepared(CERTIFICATE, ["body_known"], (), DUCKDB)
    register = sql[sql.index("select e.as_of as as_of") : sql.index("group by e.as_of")]
    assert re.findall(r"\bsubject\b", register) == []
    assert "(select distinct as_of from feature_subjects) as s join certification_body as r" in register


def test_the_record_before_the_first_is_unknown_and_each_scheme_is_its_own_sequence(records: Any) -> None:
    put = [("C1", "A01", 2018), ("C2", "A01", 2021), ("C3", "A01", 2024), ("C4", "A02", 2023)]
    for number, scheme, year in put:
        records.put(
            "certificate", certificate_no=number, scheme=scheme, issued_on=D(year, 2, 1), expires_on=D(year + 3, 1, 1)
        )
    assert see(records, "before_ended_on") == [None, D(2021, 1, 1), D(2024, 1, 1), None]
    assert see(records, "gap_days") == [None, 31, 31, None]


def test_records_of_one_day_have_the_same_record_before_them(records: Any) -> None:
    for number, day, end in (("C1", 1, 2022), ("C2", 2, 2023), ("C3", 2, 2024), ("C4", 3, 2025)):
        records.put("certificate", certificate_no=number, issued_on=D(2020, 1, day), expires_on=D(end, 1, 1))
    assert see(records, "before_ended_on") == [None, D(2022, 1, 1), D(2022, 1, 1), D(2024, 1, 1)]


def test_a_source_that_was_not_yet_delivered_is_told_apart_from_one_that_is_silent(records: Any) -> None:
    records.put("certificate", certificate_no="C1", issued_on=D(2020, 1, 1))
    assert see(records, "certificate_event_delivered", "quiet") == [(False, False)]
    records.put(
        "certificate_event", uscc="U2", certificate_no="C9", event="issued", event_on=D(2024, 1, 1), known_on=DAY
    )
    assert see(records, "certificate_event_delivered", "quiet", day=D(2024, 6, 14)) == [(False, False)]
    assert see(records, "certificate_event_delivered", "quiet") == [(True, True)]


def test_a_reference_is_looked_up_in_the_version_of_any_day(records: Any) -> None:
    version = min(row["valid_from"] or D.min for row in reference_relations()["reference_size"].to_pylist())
    records.put("enterprise", name="x", industry_code="3491", registered_on=D(1990, 1, 1))
    records.put("certificate", certificate_no="NEW", issued_on=D(2023, 1, 1))
    records.put("certificate", certificate_no="OLD", issued_on=D(1990, 1, 1))
    old = None if version > D(1990, 1, 1) else True
    assert see(records, "covered", "issue_covered") == [(True, True), (True, old)]


def test_a_summary_may_read_what_another_prepared_relation_computes(records: Any) -> None:
    for number, year in (("C1", 2018), ("C2", 2022)):
        records.put("certificate", certificate_no=number, issued_on=D(year, 1, 1), expires_on=D(year + 3, 1, 1))
    records.put("certificate_event", certificate_no="C2", event="changed", event_on=D(2023, 1, 1))
    assert see(records, "longest_gap", "events_before", "first_issued", of=EVENT) == [(365, 1, D(2022, 1, 1))]


def test_parts_that_are_made_of_each_other_are_refused_by_name() -> None:
    circle = Relation("circle", "certificate", computed={"one": ("other", Type.TEXT), "other": ("one", Type.TEXT)})
    RELATIONS["circle"] = circle  # type: ignore[index]
    with pytest.raises(ValueError, match="made of each other"):
        layers("circle", ["one"])


def test_two_columns_of_one_name_are_refused() -> None:
    RELATIONS["twice"] = Relation("twice", "certificate", computed={"scheme": ("standard", Type.TEXT)})  # type: ignore[index]
    with pytest.raises(ValueError, match="scheme"):
        types("twice")


def test_a_sum_that_would_depend_on_the_order_is_refused(records: Any) -> None:
    told = {"share": Told(Sum("output_share"), Type.NUMBER)}
    RELATIONS["summed"] = Relation(  # type: ignore[index]
        "summed", "certificate", ("certificate_no",), summaries=(Summary("p", "product", on={}, columns=told),)
    )
    with pytest.raises(ValueError, match="output_share"):
        see(records, "share", of=RELATIONS["summed"])


@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_every_relation_can_be_prepared_whole_and_its_parts_have_the_types_that_they_declare(name: str) -> None:
    assert RELATIONS[name].table in CONTRACTS
    wanted = [column for made in parts(name) for column in made.gives]
    assert prepared(RELATIONS[name], wanted, (), DUCKDB)


def test_the_columns_of_references_are_those_that_the_reference_tables_give() -> None:
    given = {
        name: set(table.column_names) - {"code", "valid_from", "valid_to"}
        for name, table in reference_relations().items()
    }
    assert {name: set(columns) for name, columns in REFERENCE.items()} == given


def test_every_derived_table_has_one_that_computes_it() -> None:
    assert sorted(table.name for table in refresh_derived.DERIVED) == sorted(DERIVED)
