"""The form in which an enterprise tells of itself. Fields left empty stay unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from certloan.errors import InputError
from certloan.services.preview import PreviewInput, TypedCertificate
from certloan.ui import session
from certloan.ui.visit import Visit

_WAN = Decimal(10_000)
#: What a field takes; amount and revenue in 万元.
_RANGES = {
    "amount": (1, 100_000_000),
    "revenue": (0, 100_000_000),
    "employees": (0, 1_000_000),
    "days_past_due": (0, 3_650),
    "passed": (0, 100),
    "failed": (0, 100),
}
_EARLIEST = dt.date(1950, 1, 1)
#: More certificates than this are beyond what somebody types; the bank's file holds them anyway.
MOST_CERTIFICATES = 12
_TAX_GRADES = ("A", "B", "M", "C", "D")


def draw(visit: Visit, schemes: Sequence[tuple[str, str]], today: dt.date) -> PreviewInput | None:
    """Draw the form, and give what was typed once it is asked for."""
    with st.form("preview", border=False):
        certificates = _certificates(visit, schemes, today)
        more = st.form_submit_button(
            visit.word("preview.add"),
            icon=":material/add:",
            on_click=session.add_certificate,
            disabled=len(certificates) >= MOST_CERTIFICATES,
        )
        st.markdown(f"##### {visit.word('preview.facts')}")
        facts = _facts(visit, today)
        asked = st.form_submit_button(visit.word("preview.ask"), type="primary", icon=":material/visibility:")
    if not asked or more:
        return None
    labels, typed = dict(schemes), _input(facts, visit)
    return replace(typed, certificates=tuple(_told(each, labels) for each in certificates if each[0] is not None))


_Typed = tuple[str | None, dt.date | None, dt.date | None, bool, bool]


def _certificates(visit: Visit, schemes: Sequence[tuple[str, str]], today: dt.date) -> list[_Typed]:
    st.markdown(f"##### {visit.word('preview.certificates')}")
    st.caption(visit.word("preview.certificates_note"))
    return [
        _certificate(number, place, visit, schemes, today) for place, number in enumerate(session.certificates(), 1)
    ]


def _certificate(number: int, place: int, visit: Visit, schemes: Sequence[tuple[str, str]], today: dt.date) -> _Typed:
    labels = dict(schemes)
    with st.container(border=True, key=f"certificate-{number}"):
        scheme = st.selectbox(
            visit.word("preview.scheme", number=place),
            list(labels),
            index=None,
            format_func=lambda code: f"{labels.get(code, code)} ({code})",
            placeholder=visit.word("preview.choose"),
            key=f"scheme-{number}",
            persist_state="session",
        )
        left, right = st.columns(2)
        issued = left.date_input(
            visit.word("preview.issued_on"),
            value=None,
            min_value=_EARLIEST,
            max_value=today,
            key=f"issued-{number}",
            persist_state="session",
            format="YYYY-MM-DD",
        )
        expires = right.date_input(
            visit.word("preview.expires_on"), value=None, min_value=_EARLIEST, max_value=dt.date(today.year + 20, 12, 31),
            key=f"expires-{number}", persist_state="session", format="YYYY-MM-DD",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            third_party = st.toggle(
                visit.word("preview.third_party"),
                value=True,
                key=f"third-{number}",
                persist_state="session",
                help=visit.word("preview.third_party_help"),
            )
            accredited = st.toggle(
                visit.word("preview.accredited"), value=False, key=f"cnas-{number}", persist_state="session"
            )
            if place > 1:
                st.form_submit_button(
                    visit.word("preview.remove"), key=f"remove-{number}", icon=":material/close:",
                    on_click=session.remove_certificate, args=(number,), type="tertiary",
                )  # fmt: skip
    return scheme, _one(issued), _one(expires), third_party, accredited


@dataclass(frozen=True)
class _Facts:
    """What stands in the fields, as typed: numbers by the name of their field, a day, a grade."""

    numbers: Mapping[str, float | None]
    registered_on: dt.date | None
    tax_grade: str | None


def _facts(visit: Visit, today: dt.date) -> _Facts:
    numbers: dict[str, float | None] = {}
    first, second, third = st.columns(3)
    numbers["amount"] = first.number_input(
        visit.word("preview.amount"), value=100.0, step=10.0, format="%g", key="amount", persist_state="session"
    )
    numbers["revenue"] = second.number_input(
        visit.word("preview.revenue"), value=None, step=10.0, format="%g", key="revenue", persist_state="session"
    )
    numbers["employees"] = _count(third, "employees", visit)
    first, second, third = st.columns(3)
    registered = first.date_input(
        visit.word("preview.registered_on"),
        value=None,
        min_value=_EARLIEST,
        max_value=today,
        format="YYYY-MM-DD",
        key="registered_on",
        persist_state="session",
    )
    tax = second.selectbox(
        visit.word("preview.tax_grade"), _TAX_GRADES, index=None, placeholder=visit.word("preview.choose"),
        format_func=lambda grade: visit.word(f"tax.{grade}"), key="tax_grade", persist_state="session",
    )  # fmt: skip
    numbers["days_past_due"] = _count(third, "days_past_due", visit)
    first, second, _ = st.columns(3)
    numbers["passed"], numbers["failed"] = _count(first, "passed", visit), _count(second, "failed", visit)
    return _Facts(numbers, _one(registered), tax)


def _count(place: DeltaGenerator, name: str, visit: Visit) -> int | None:
    return place.number_input(visit.word(f"preview.{name}"), value=None, step=1, key=name, persist_state="session")


def _input(facts: _Facts, visit: Visit) -> PreviewInput:
    """Check the numbers, and give what was typed; a field that refused them by itself would say nothing of why."""
    for name, number in facts.numbers.items():
        least, most = _RANGES[name]
        if number is not None and not least <= number <= most:
            field = visit.word(f"preview.{name}")
            raise InputError(
                "number-out-of-range", field=field, found=f"{number:,g}", least=f"{least:,}", most=f"{most:,}"
            )
    whole = {name: None if number is None else int(number) for name, number in facts.numbers.items()}
    return PreviewInput(
        amount=_yuan(facts.numbers["amount"]) or Decimal(0),
        registered_on=facts.registered_on,
        employees=whole["employees"],
        revenue=_yuan(facts.numbers["revenue"]),
        tax_grade=facts.tax_grade,
        days_past_due_max=whole["days_past_due"],
        inspections_passed=whole["passed"] or 0,
        inspections_failed=whole["failed"] or 0,
    )


def _told(typed: _Typed, labels: Mapping[str, str]) -> TypedCertificate:
    scheme, issued, expires, third_party, accredited = typed
    if scheme is None or issued is None:
        raise InputError("certificate-without-date", scheme=labels.get(scheme or "", scheme or ""))
    return TypedCertificate(scheme, issued, expires, third_party, accredited)


def _yuan(wan: float | None) -> Decimal | None:
    return None if wan is None else (Decimal(str(wan)) * _WAN).quantize(Decimal("0.01"))


def _one(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) else None
