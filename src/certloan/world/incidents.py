"""What went wrong: penalties, complaints true and untrue, tip-offs, recalls, accidents."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    Floats,
    Ints,
    between,
    chance,
    dates,
    digits,
    growth,
    joined,
    logistic,
    normal,
    pick,
    replaced,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import Firms, whole
from certloan.world.inspections import FAILED, UNLICENSED, Checks

KINDS = ("recall", "penalty", "complaint", "report", "accident")
_RECALL, _PENALTY, _COMPLAINT, _REPORT, _ACCIDENT = range(5)
_CATEGORIES = (
    "product_quality", "certification_fraud", "compulsory_certification", "food_safety", "measurement", "licence",
    "advertising", "other",
)  # fmt: skip
_FORMS = ("criticism", "fine", "confiscation", "suspension", "revocation")
_RESULTS = ("upheld", "rejected", "pending", None)

_FROM, _YEARS = 2016, 11
#: Chance a year at mean quality and size, and its change (log) with quality and with size. Complaints that are true
#: come of quality; those that are not, and tip-offs, come of being large: they tell nothing.
_RATES: dict[str, tuple[int, float, float, float]] = {
    "recall": (_RECALL, 0.005, -0.45, 0.35),
    "penalty": (_PENALTY, 0.020, -0.55, 0.1),
    "true complaint": (_COMPLAINT, 0.030, -0.6, 0.3),
    "untrue complaint": (_COMPLAINT, 0.025, 0.0, 0.45),
    "report": (_REPORT, 0.015, 0.0, 0.45),
    "accident": (_ACCIDENT, 0.003, -0.7, 0.2),
}
_PENALTY_AFTER_FAILURE, _PENALTY_AFTER_UNLICENSED, _PENALTY_AFTER_FRAUD = 0.25, 0.75, 0.10
_LATE_SHARE = 0.02
_FORM_SHARES = np.array([[0.12, 0.8, 0.08, 0.0, 0.0], [0.02, 0.68, 0.27, 0.02, 0.01], [0.0, 0.45, 0.3, 0.18, 0.07]])


def table(firms: Firms, uscc: Arrow, checks: Checks, bought: tuple[Ints, Ints], seed: int) -> pa.Table:
    """Write the incidents; ``bought`` gives firm and day of certificates that were bought, and may be found out."""
    rng = stream(seed, "incidents")
    firm, when, kind, category, true = _happenings(rng, firms, checks, bought)
    keep = (when > firms.registered[firm] + 60) & (when < firms.ended[firm]) & (when <= CLOSES)
    rows = np.flatnonzero(keep)
    rows = rows[np.lexsort((kind[rows], firm[rows], when[rows]))].astype(np.int64)
    return _rows(rng, firms, uscc, firm[rows], when[rows], kind[rows], category[rows], true[rows])


def _happenings(
    rng: np.random.Generator, firms: Firms, checks: Checks, bought: tuple[Ints, Ints]
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Draw who, when, what, of which category (8: none), and whether it is true."""
    parts: list[tuple[Ints, ...]] = []

    def add(firm: Ints, when: Ints, kind: int, category: Ints, true: int = 1) -> None:
        n = len(firm)
        parts.append((firm, when, np.full(n, kind), category, np.full(n, true)))

    food = firms.industry_is("food") | firms.industry_is("agriculture")
    failed = np.flatnonzero(
        (checks.verdict == FAILED) & ~checks.upheld & chance(rng, _PENALTY_AFTER_FAILURE, len(checks.firm))
    )
    found = np.flatnonzero((checks.verdict == UNLICENSED) & chance(rng, _PENALTY_AFTER_UNLICENSED, len(checks.firm)))
    after = between(rng, 30, 150, len(checks.firm))
    add(checks.firm[failed], (checks.known + after)[failed], _PENALTY, np.where(food[checks.firm[failed]], 3, 0))
    add(checks.firm[found], (checks.known + after)[found], _PENALTY, np.full(len(found), 2))
    caught = np.flatnonzero(chance(rng, _PENALTY_AFTER_FRAUD, len(bought[0])))
    add(bought[0][caught], bought[1][caught] + between(rng, 90, 700, len(caught)), _PENALTY, np.full(len(caught), 1))
    for name, (kind, rate, per_quality, per_size) in _RATES.items():
        rates = rate * growth(per_quality * firms.quality + per_size * firms.size)
        firm, when = yearly_events(rng, np.repeat(rates[:, None], _YEARS, axis=1), _FROM)
        drawn = pick(rng, (0.35, 0.0, 0.03, 0.1, 0.12, 0.08, 0.2, 0.12), len(firm))
        category = np.where(kind == _PENALTY, drawn, len(_CATEGORIES))
        add(firm, when, kind, category, int(not name.startswith("untrue")))
    firm, when, kinds, category, true = (np.concatenate([part[i] for part in parts]).astype(np.int64) for i in range(5))
    return firm, when, kinds, category, true


def _rows(
    rng: np.random.Generator, firms: Firms, uscc: Arrow, firm: Ints, when: Ints, kinds: Ints, category: Ints, true: Ints
) -> pa.Table:
    n = len(firm)
    severity = pick(rng, (0.55, 0.35, 0.1), n)
    severity = np.where((kinds == _ACCIDENT) | (category == 1), np.maximum(severity, 1), severity)
    money = whole(
        np.array([30_000, 12_000, 1_500, 1_500, 200_000])[kinds] * growth(0.8 * normal(rng, n) + 0.9 * severity), 100
    )
    known = when + np.where(chance(rng, _LATE_SHARE, n), 150, between(rng, 5, 40, n))
    penalty, disputed = kinds == _PENALTY, (kinds == _COMPLAINT) | (kinds == _REPORT)
    # A repaired penalty may no longer be shared: three months at least if slight, a year and more if serious.
    repaired = penalty & chance(rng, np.array([0.8, 0.6, 0.25])[severity], n)
    shown = np.array([95, 240, 500])[severity] + between(rng, 0, 200, n)
    ordered = np.where(kinds == _RECALL, _ordered(rng, firms, firm), 2)
    form = np.where(penalty, _of_severity(rng, severity), len(_FORMS))
    first = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "incident_no": joined("SJ", digits(firms.running(n, 20), 8)),
            "kind": words(KINDS, kinds),
            "occurred_on": dates(when),
            "category": words((*_CATEGORIES, None), category),
            "form": words((*_FORMS, None), form),
            "result": words(_RESULTS, np.where(disputed, 2, 3)),
            "ordered": words(("ordered", "voluntary", None), ordered),
            "amount": where(chance(rng, 0.9, n), pa.array(money)),
            "severity": words(("minor", "moderate", "serious"), severity),
            "known_on": dates(known),
            "void_on": dates(np.where(repaired, known + shown, NEVER)),
        }
    )
    answered_on = known + between(rng, 20, 75, n)
    upheld = np.where(kinds == _REPORT, chance(rng, 0.1, n), true == 1)
    again = np.flatnonzero(disputed & (answered_on <= CLOSES)).astype(np.int64)
    second = replaced(
        first.take(pa.array(again)),
        result=words(_RESULTS, np.where(upheld, 0, 1)[again]),
        known_on=dates(answered_on[again]),
    )
    return pa.concat_tables([first, second])


def _ordered(rng: np.random.Generator, firms: Firms, firm: Ints) -> Ints:
    """Who cares recalls by itself: the authority has to order a recall from those of low quality."""
    return (~chance(rng, logistic(-0.6 - 0.8 * firms.quality[firm]))).astype(np.int64)


def _of_severity(rng: np.random.Generator, severity: Ints) -> Ints:
    edges: Floats = np.round(np.cumsum(_FORM_SHARES, axis=1), 6)
    return np.asarray((rng.random(len(severity))[:, None] > edges[severity]).sum(axis=1).clip(0, 4), dtype=np.int64)
