"""Laws of certificates, on any history: paper is not evidence, renewing never hurts, a struck body proves nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.features.histories import History, Record

from certloan.domain.evidence import Family
from certloan.features.catalog import CATALOG
from certloan.features.spec import Spec, Use

LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
FIRST_DAY = dt.date(2019, 1, 1)
ASKED = dt.date(2026, 6, 15)
SUBJECT = pa.table({"application_id": ["A1"], "uscc": ["U1"], "as_of": [ASKED]})
CERTIFICATES = tuple(spec for spec in CATALOG if spec.family is Family.CERTIFICATION)
MODEL = tuple(spec for spec in CERTIFICATES if spec.use is Use.MODEL)
LONG_AGO = dt.date(2000, 1, 1)
#: Somebody else's records, so that every source of certificates counts as delivered.
DELIVERED: list[Record] = [
    ("certificate", {"uscc": "U0", "certificate_no": "X", "scheme": "A01", "issued_on": LONG_AGO}),
    ("certificate_event", {"uscc": "U0", "certificate_no": "X", "event": "changed", "event_on": LONG_AGO}),
    ("certification_body", {"body_no": "GOOD", "licensed_from": LONG_AGO}),
    ("certification_body", {"body_no": "STRUCK", "licensed_from": LONG_AGO}),
]
STRUCK: Record = (
    "certification_body",
    {
        "body_no": "STRUCK", "licensed_from": LONG_AGO, "sanction": "revoked", "sanctioned_on": dt.date(2026, 5, 1),
        "happened_on": LONG_AGO, "known_on": dt.date(2026, 5, 20),
    },
)  # fmt: skip
SCHEMES = (
    "A01",
    "A0101",
    "A02",
    "A03",
    "ENMS",
    "IATF16949",
    "CCC",
    "CCC-SD",
    "VOL",
    "GREEN",
    "PZB",
    "ORGANIC",
    "SERVICE",
)
EVENTS = ("surveillance_passed", "suspended", "restored", "withdrawn", "cancelled", "recertified", "changed", "expired")

Row = dict[str, Any]


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


def _days(first: dt.date, last: dt.date) -> st.SearchStrategy[dt.date]:
    return st.integers(0, (last - first).days).map(lambda days: first + dt.timedelta(days=days))


@st.composite
def certificates(draw: st.DrawFn, most: int = 5, first: dt.date = FIRST_DAY) -> list[Row]:
    """Draw certificates of one firm, each with a number of its own."""
    found = []
    for number in range(draw(st.integers(1, most))):
        issued = draw(_days(first, ASKED - dt.timedelta(days=1)))
        before = draw(st.none() | st.integers(0, 3000))
        found.append(
            {
                "certificate_no": f"C{number}",
                "scheme": draw(st.sampled_from(SCHEMES)),
                "issued_on": issued,
                "first_issued_on": None if before is None else issued - dt.timedelta(days=before),
                "expires_on": draw(
                    st.none() | _days(issued + dt.timedelta(days=200), issued + dt.timedelta(days=1900))
                ),
                "accreditation": draw(st.sampled_from((None, "cnas", "other", "unaccredited"))),
                "assurance": draw(st.sampled_from((None, "third_party", "self_declared"))),
                "role": draw(st.sampled_from((None, "client", "producer", "factory"))),
                "product_category": draw(st.sampled_from((None, "0702", "0703"))),
                "grade": draw(st.none() | st.integers(1, 5)),
                "audit_id": draw(st.sampled_from((None, "R1", "R2"))),
                "body_no": draw(st.sampled_from((None, "GOOD"))),
                "recertification_n": draw(st.none() | st.integers(0, 4)),
                "state_stated": draw(st.sampled_from((None, None, "valid", "suspended"))),
            }
        )
    return found


@st.composite
def events(draw: st.DrawFn, held: Sequence[Row], kinds: Sequence[str] = EVENTS) -> list[Row]:
    """Draw a few events of those certificates."""
    return [
        {
            "certificate_no": draw(st.sampled_from([row["certificate_no"] for row in held])),
            "event": draw(st.sampled_from(kinds)),
            "event_on": draw(_days(FIRST_DAY, ASKED)),
            "reason_code": draw(st.sampled_from((None, "0102", "0199"))),
        }
        for _ in range(draw(st.integers(0, 6)))
    ]


def _told(held: Sequence[Row], happened: Sequence[Row], more: Sequence[Record] = ()) -> list[Record]:
    found: list[Record] = [*DELIVERED, *(("certificate", row) for row in held)]
    found += [("certificate_event", row) for row in happened]
    return [_dated(table, row) for table, row in (*found, *more)]


def _dated(table: str, row: Row) -> Record:
    day = row.get("happened_on") or row.get("issued_on") or row.get("event_on") or row.get("licensed_from")
    mine = {} if table == "certification_body" else {"uscc": "U1"}
    return table, {**mine, "happened_on": day, "known_on": day, **row}


def _asked(history: History, told: Sequence[Record], specs: tuple[Spec, ...] = MODEL) -> Row:
    found: Row = history.matrix(told, specs, SUBJECT).to_pylist()[0]
    return found


@LAW
@given(data=st.data())
def test_printing_one_audit_as_five_certificates_changes_nothing_that_the_model_reads(
    history: History, data: Any
) -> None:
    held = data.draw(certificates())
    happened = data.draw(events(held))
    before = _asked(history, _told(held, happened))
    row = data.draw(st.sampled_from(held))
    for copy in range(4):
        number = f"COPY{copy}"
        held = [*held, row | {"certificate_no": number}]
        happened += [e | {"certificate_no": number} for e in happened if e["certificate_no"] == row["certificate_no"]]
    assert _asked(history, _told(held, happened)) == before


@LAW
@given(data=st.data())
def test_renewing_never_lowers_what_speaks_for_a_firm_nor_raises_what_speaks_against_it(
    history: History, data: Any
) -> None:
    held = data.draw(certificates())
    happened = data.draw(events(held))
    before = _asked(history, _told(held, happened), CERTIFICATES)
    row = data.draw(st.sampled_from(held))
    assume(row["role"] != "factory")
    renewed = row | {
        "certificate_no": "NEW", "issued_on": ASKED, "first_issued_on": row["first_issued_on"] or row["issued_on"],
        "expires_on": ASKED + dt.timedelta(days=365), "audit_id": "NEW", "body_no": "GOOD", "state_stated": None,
        "recertification_n": (row["recertification_n"] or 0) + 1,
    }  # fmt: skip
    after = _asked(history, _told([*held, renewed], happened), CERTIFICATES)
    for spec in CERTIFICATES:
        was, now = before[spec.name], after[spec.name]
        if spec.direction and was is not None:
            assert now is not None, spec.name
            assert (now - was) * spec.direction >= 0, spec.name


@LAW
@given(data=st.data())
def test_the_certificates_of_a_struck_body_are_as_if_they_did_not_exist(history: History, data: Any) -> None:
    held = data.draw(certificates(most=3))
    happened = data.draw(events(held))
    # In force, so that nothing but their body speaks against them.
    theirs = [
        row | {"certificate_no": f"S{at}", "body_no": "STRUCK", "expires_on": dt.date(2030, 1, 1), "state_stated": None}
        for at, row in enumerate(data.draw(certificates(most=3, first=dt.date(2025, 7, 1))))
    ]
    passed = data.draw(events(theirs, ("surveillance_passed", "changed")))
    assume(all(row["issued_on"] < dt.date(2026, 5, 1) for row in theirs))
    known = tuple(spec for spec in MODEL if spec.name != "cert_known")
    without = _asked(history, _told(held, happened, [STRUCK]), known)
    assert _asked(history, _told([*held, *theirs], [*happened, *passed], [STRUCK]), known) == without


@LAW
@given(data=st.data())
def test_another_body_restores_what_a_struck_one_had_certified(history: History, data: Any) -> None:
    (row,) = data.draw(certificates(most=1, first=dt.date(2025, 7, 1)))
    row |= {"expires_on": dt.date(2028, 1, 1), "state_stated": None, "role": "client", "assurance": "third_party"}
    assume(row["issued_on"] < dt.date(2026, 5, 1))
    good = _asked(history, _told([row | {"body_no": "GOOD"}], [], [STRUCK]))
    struck = _asked(history, _told([row | {"body_no": "STRUCK"}], [], [STRUCK]))
    again = row | {"certificate_no": "NEW", "body_no": "GOOD"}
    ends = {"certificate_no": "C0", "event": "cancelled", "event_on": ASKED, "reason_code": "0103"}
    restored = _asked(history, _told([row | {"body_no": "STRUCK"}, again], [ends], [STRUCK]))
    assert struck["cert_first_issue_months"] is None
    assert good["cert_first_issue_months"] is not None
    assert restored == good


@LAW
@given(data=st.data())
def test_what_certificates_tell_does_not_depend_on_the_order_in_which_they_came(history: History, data: Any) -> None:
    held = data.draw(certificates())
    told = _told(held, data.draw(events(held)), [STRUCK])
    before = _asked(history, told, CERTIFICATES)
    assert _asked(history, data.draw(st.permutations(told)), CERTIFICATES) == before


@LAW
@given(data=st.data(), late=st.integers(1, 300))
def test_what_becomes_known_of_certificates_later_changes_no_earlier_day(
    history: History, data: Any, late: int
) -> None:
    held = data.draw(certificates())
    told = _told(held, data.draw(events(held)))
    more = _told(data.draw(certificates()), [], [STRUCK])[len(DELIVERED) :]
    later: list[Record] = [(table, row | {"known_on": ASKED + dt.timedelta(days=late)}) for table, row in more]
    later += [
        (table, row | {"known_on": ASKED + dt.timedelta(days=late)})
        for table, row in _told([], data.draw(events(held)))[len(DELIVERED) :]
    ]
    assert _asked(history, [*told, *later], CERTIFICATES) == _asked(history, told, CERTIFICATES)


@LAW
@given(data=st.data())
def test_a_further_certificate_never_makes_the_audits_of_a_firm_look_older(history: History, data: Any) -> None:
    """Another paper, of whatever age and scheme: what is known of the newest audit can only get better."""
    both = data.draw(certificates(most=5))
    held = both[:-1]
    assume(held)
    happened = data.draw(events(held, ("surveillance_passed", "changed", "suspended", "restored")))
    asked = tuple(spec for spec in MODEL if spec.name in ("cert_audit_age_days", "cert_gap_used"))
    assert len(asked) == 2
    before, after = (_asked(history, _told(rows, happened), asked) for rows in (held, both))
    for spec in asked:
        if before[spec.name] is not None:
            assert after[spec.name] is not None, spec.name
            assert after[spec.name] <= before[spec.name], spec.name
