"""Renewing a certificate, under its number or a new one, or by a scheme that includes it, keeps all that was earned."""

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
from certloan.features.spec import Spec
from certloan.portrait.scores import score
from certloan.portrait.table import newest
from certloan.services.refresh_derived import refresh_derived

D = dt.date
LAW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
ASKED = D(2026, 6, 15)
TABLE = newest()
JUDGED: tuple[Spec, ...] = tuple(
    spec
    for spec in dict.fromkeys((*CATALOG, *TABLE.specs))
    if spec in TABLE.specs or (spec.family is Family.CERTIFICATION and spec.direction)
)
#: By which schemes a system is upgraded: its own edition, and those whose certificate includes it.
UPGRADES = {"A01": ("A0101", "QMS-UP", "IATF16949"), "A0101": ("QMS-UP", "IATF16949"), "A02": ("A0201",)}
WAYS = ("same number", "new number", "upgrade")

Row = dict[str, Any]


class Renewed(History):
    """A warehouse whose derived tables follow its certificates."""

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        super()._insert(table, rows)
        if table == "certificate":
            refresh_derived(self.warehouse, [table])

    def ask(self, held: Sequence[Row], *names: str, day: dt.date = ASKED) -> Row:
        """Give features of the firm that holds these certificates."""
        told: list[Record] = [("certificate", _dated(row)) for row in held]
        specs = [spec for spec in CATALOG if spec.name in names] if names else list(JUDGED)
        subject = pa.table({"application_id": ["A1"], "uscc": ["U1"], "as_of": [day]})
        return dict(self.matrix([*told, _stranger()], specs, subject).to_pylist()[0])


@pytest.fixture(scope="module")
def firm() -> Iterator[Renewed]:
    made = Renewed()
    yield made
    made.warehouse.close()


def _dated(row: Row) -> Row:
    return {"uscc": "U1", "happened_on": row["issued_on"], "known_on": row["issued_on"], **row}


def _stranger() -> Record:
    day = D(2000, 1, 1)
    row = {
        "uscc": "U0",
        "certificate_no": "X",
        "event": "changed",
        "event_on": day,
        "happened_on": day,
        "known_on": day,
    }
    return "certificate_event", row


def _certificate(number: str, scheme: str, issued: dt.date, expires: dt.date, **cells: Any) -> Row:
    return {"certificate_no": number, "scheme": scheme, "issued_on": issued, "expires_on": expires, **cells}


def _renewal(row: Row, way: str, scheme: str) -> list[Row]:
    """Give the certificate and its renewal on the day that is asked about, told as the register tells it."""
    new = row | {"issued_on": ASKED, "expires_on": ASKED + (row["expires_on"] - row["issued_on"]), "audit_id": "NEW"}
    if way == "same number":
        return [row | {"superseded_on": ASKED}, new]
    return [row, new | {"certificate_no": "NEW", "scheme": scheme if way == "upgrade" else row["scheme"]}]


@st.composite
def certificates(draw: st.DrawFn) -> list[Row]:
    """Draw what a firm holds and held; the first certificate is still in force."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        issued = ASKED - dt.timedelta(days=draw(st.integers(1, 360 if number == 0 else 2500)))
        first = draw(st.none() | st.integers(0, 3000))
        found.append(
            _certificate(
                f"C{number}",
                draw(st.sampled_from(("A01", "A0101", "A02", "ORGANIC", "VOL", "FSMS"))),
                issued,
                issued + dt.timedelta(days=365),
                first_issued_on=None if first is None else issued - dt.timedelta(days=first),
                audit_id=draw(st.sampled_from((None, "R1", "R2"))),
                accreditation=draw(st.sampled_from((None, "cnas"))),
            )
        )
    return found


@LAW
@given(held=certificates(), way=st.sampled_from(WAYS), data=st.data(), forgets=st.booleans())
def test_renewing_in_time_lowers_no_feature_and_no_side_of_the_portrait(
    firm: Renewed, held: list[Row], way: str, data: st.DataObject, forgets: bool
) -> None:
    row = held[0]
    assume(way != "upgrade" or row["scheme"] in UPGRADES)
    scheme = data.draw(st.sampled_from(UPGRADES[row["scheme"]])) if way == "upgrade" else ""
    renewed = _renewal(row, way, scheme)
    if forgets:
        # A register that dates the first issue of the new paper only.
        renewed[-1] = renewed[-1] | {"first_issued_on": None}
    before, after = firm.ask(held), firm.ask([*renewed, *held[1:]])
    for spec in JUDGED:
        was, now = before[spec.name], after[spec.name]
        if spec.family is Family.CERTIFICATION and spec.direction and was is not None:
            assert now is not None, spec.name
            assert (now - was) * spec.direction >= 0, spec.name
    schema = {spec.name: pa.string() if spec.categorical else pa.float64() for spec in TABLE.specs}
    one, other = (pa.table({n: pa.array([row[n]], t) for n, t in schema.items()}) for row in (before, after))
    for was, now in zip(score(TABLE.sides, one), score(TABLE.sides, other), strict=True):
        assert now.low[0] >= was.low[0] - 1e-9, was.side.code


@pytest.mark.parametrize("scheme", ["A0101", "QMS-UP", "IATF16949"])
def test_an_upgrade_in_time_continues_the_system_that_it_includes(firm: Renewed, scheme: str) -> None:
    held = [
        _certificate("Q1", "A01", D(2020, 6, 1), D(2023, 5, 31)),
        _certificate("Q2", scheme, D(2023, 5, 20), D(2026, 5, 19)),
        _certificate("Q3", scheme, D(2026, 5, 1), D(2029, 4, 30)),
    ]
    names = ("cert_unrenewed_n", "cert_continuous_months", "cert_recertified_n", "cert_first_issue_months")
    found = firm.ask(held, *names)
    assert [found[name] for name in names] == [0, 72, 2, 72]


def test_a_number_that_is_kept_continues_itself_year_by_year_until_a_year_is_missed(firm: Renewed) -> None:
    def year(at: int, **cells: Any) -> Row:
        issued = D(at, 6, 1)
        known = {"known_on": D(at, 6, 16), "superseded_on": D(at + 1, 6, 16)}
        return _certificate("O", "ORGANIC", issued, D(at + 1, 6, 1), **known, **cells)

    names = ("cert_continuous_months", "cert_recertified_n", "cert_restarted_n", "cert_first_issue_months")
    told = [year(2023), year(2024), year(2025), year(2026)]
    assert [firm.ask(told, *names, day=D(2026, 7, 1))[name] for name in names] == [37, 1, 0, 37]
    # On the day before the newest statement was known, only the ones before it tell.
    assert firm.ask(told, *names, day=D(2026, 5, 31))["cert_continuous_months"] == 35
    missed = [year(2023), year(2025) | {"known_on": D(2025, 6, 16)}, year(2026)]
    assert [firm.ask(missed, *names, day=D(2026, 7, 1))[name] for name in names] == [13, 1, 0, 37]


def test_a_corrected_day_of_issue_is_no_renewal(firm: Renewed) -> None:
    typed = _certificate("O", "ORGANIC", D(2025, 1, 1), D(2025, 12, 31), known_on=D(2025, 9, 20))
    right = _certificate("O", "ORGANIC", D(2025, 9, 1), D(2026, 8, 31), known_on=D(2025, 10, 1))
    found = firm.ask([typed | {"superseded_on": D(2025, 10, 1)}, right], "cert_recertified_n", "cert_continuous_months")
    assert (found["cert_recertified_n"], found["cert_continuous_months"]) == (0, 9)


@pytest.mark.parametrize(
    ("held", "lost"),
    [
        ([_certificate(f"P{s}", s, D(2021, 1, 1), D(2023, 12, 31), audit_id="R") for s in ("A01", "A02", "A03")], 1),
        ([_certificate("Q", "A01", D(2020, 6, 15), D(2023, 6, 15))], 0),
        ([_certificate("Q", "A01", D(2020, 6, 16), D(2023, 6, 16))], 1),
        ([_certificate("W", "WGH", D(2022, 1, 1), D(2024, 12, 31))], 0),
        ([_certificate("X", "XK", D(2020, 1, 1), D(2024, 12, 31))], 1),
        (
            [
                _certificate("X", "XK", D(2020, 1, 1), D(2024, 12, 31)),
                _certificate("C", "CCC", D(2024, 9, 1), D(2029, 8, 31), role="client"),
            ],
            0,
        ),
        (
            [
                _certificate("X", "XK", D(2020, 1, 1), D(2024, 12, 31)),
                _certificate("C", "CCC", D(2022, 9, 1), D(2027, 8, 31), role="client"),
            ],
            1,
        ),
        (
            [
                _certificate("Q1", "A01", D(2020, 6, 1), D(2023, 8, 31)),
                _certificate("Q2", "A01", D(2023, 8, 1), D(2025, 7, 31)),
            ],
            1,
        ),
    ],
    ids=["one audit", "long ago", "within 36 months", "abolished", "licence", "became CCC", "had CCC", "one scheme"],
)
def test_what_is_lost_is_counted_once_and_only_for_three_years(firm: Renewed, held: list[Row], lost: int) -> None:
    assert firm.ask(held, "cert_unrenewed_n")["cert_unrenewed_n"] == lost


def test_a_further_certificate_that_ends_sooner_takes_no_days_from_a_firm(firm: Renewed) -> None:
    system = _certificate("Q", "A01", D(2026, 1, 1), D(2028, 12, 31))
    organic = _certificate("O", "ORGANIC", D(2025, 8, 1), D(2026, 7, 31))
    found = firm.ask([system, organic], "cert_days_left", "cert_nearest_expiry_days")
    assert (found["cert_days_left"], found["cert_nearest_expiry_days"]) == (365, 46)
