"""The ladder: which band a score falls into, and how much may be lent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from certloan.domain.decision import Outcome
from certloan.expressions import Expression, Type
from certloan.policy.gates import expression
from certloan.policy.reading import Fields

_MOST = Decimal(10_000_000_000)


@dataclass(frozen=True)
class Band:
    """Scores from ``min_score`` up to the next band; the lowest band has none. ``factor`` scales the limit."""

    code: str
    min_score: int | None
    outcome: Outcome
    factor: Decimal


@dataclass(frozen=True)
class LimitRule:
    """How much may be lent: a share of the yearly base, scaled by band, lifted by certificates, capped, rounded down.

    ``base`` is an amount in yuan a year (revenue); unknown gives no limit and leaves it to the officer. An amount
    below ``minimum`` is not worth lending and is referred.
    """

    base: Expression
    share: Decimal
    uplift_when: Expression
    uplift: Decimal
    cap: Decimal
    round_to: Decimal
    minimum: Decimal


def read_bands(entries: Sequence[Fields]) -> tuple[Band, ...]:
    """Read the bands from best to worst; together they cover every score exactly once."""
    bands: list[Band] = []
    for entry in entries:
        code = entry.code("code")
        last = entry is entries[-1]
        low = entry.number("min_score", Decimal(-10_000), Decimal(10_000), required=not last)
        outcome = entry.choice("outcome", tuple(Outcome))
        factor = entry.number("limit_factor", Decimal(0), Decimal(10))
        entry.done()
        if last and low is not None:
            entry.problem("policy-band-gap", "min_score", found=low)
        if low is not None and low != int(low):
            entry.problem("policy-wrong-shape", "min_score", found=low, expected="600")
        if code in {band.code for band in bands}:
            entry.problem("policy-repeated", "code", found=code)
        if code is None or outcome is None or factor is None:
            continue
        if bands:
            _descends(entry, bands[-1], low, Outcome(outcome))
        bands.append(Band(code, None if low is None else int(low), Outcome(outcome), factor))
    return tuple(bands)


def _descends(entry: Fields, above: Band, low: Decimal | None, outcome: Outcome) -> None:
    if low is not None and above.min_score is not None and low >= above.min_score:
        entry.problem("policy-band-overlap", "min_score", found=low, expected=above.min_score)
    if outcome.severity < above.outcome.severity:
        entry.problem("policy-band-order", "outcome", found=outcome, expected=above.outcome)


def read_limit(fields: Fields | None) -> LimitRule | None:
    """Read the limit rule."""
    if fields is None:
        return None
    base = expression(fields, "base", Type.NUMBER)
    uplift_when = expression(fields, "certificate_uplift_when", Type.BOOLEAN)
    share = fields.number("share", Decimal(0), Decimal(10))
    uplift = fields.number("certificate_uplift", Decimal(0), Decimal(1))
    cap = fields.number("cap", Decimal(0), _MOST)
    round_to = fields.number("round_to", Decimal(1), _MOST)
    minimum = fields.number("minimum", Decimal(0), _MOST)
    fields.done()
    if base is None or uplift_when is None:
        return None
    if share is None or uplift is None or cap is None or round_to is None or minimum is None:
        return None
    return LimitRule(base, share, uplift_when, uplift, cap, round_to, minimum)


def band_sql(bands: Sequence[Band], score: str, values: Sequence[str]) -> str:
    """Give, for the column ``score``, the value that belongs to its band; null for a null score."""
    cases = [
        f"when {score} >= {band.min_score} then {value}" if band.min_score is not None else f"else {value}"
        for band, value in zip(bands, values, strict=True)
    ]
    return f"case when {score} is null then null {' '.join(cases)} end"


def base_sql(rule: LimitRule, dialect: str) -> str:
    """Give the yearly base in yuan, unknown where it is."""
    return f"cast({rule.base.sql(dialect)} as double)"


def limit_sql(rule: LimitRule, dialect: str, base: str, factor: str) -> str:
    """Give the limit in yuan before the cap, rounded down; cents are settled first, so that 0.1 + 0.2 costs nobody.

    ``base`` and ``factor`` are columns; where either is unknown, so is the limit.
    """
    lift = f"case when {rule.uplift_when.sql(dialect)} then {double(1 + rule.uplift)} else 1e0 end"
    amount = (
        f"case when {base} > 0 then {base} when {base} <= 0 then 0e0 end * {double(rule.share)} * {factor} * {lift}"
    )
    return f"floor(round({amount} * 1e2) / 1e2 / {double(rule.round_to)}) * {double(rule.round_to)}"


def double(number: Decimal) -> str:
    """Write a number as an engine's double.

    >>> double(Decimal("1E+3"))
    '1000e0'
    """
    return f"{number:f}e0"
