"""What firms do for better quality: programmes of the authorities, asked for by those who care."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    between,
    chance,
    dates,
    growth,
    logistic,
    replaced,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import Firms

_LAG = 30
_FROM, _YEARS = 2018, 9
#: A year's chance at mean quality and size, its change (log) with quality and size, and whether it counts problems and
#: whether it gives test reports. Training reaches everybody alike: it tells nothing.
_PROGRAMMES: dict[str, tuple[float, float, float, bool, bool]] = {
    "sme_certification": (0.014, 0.25, -0.35, False, False),
    "diagnosis": (0.014, 0.20, 0.1, True, False),
    "training": (0.016, 0.0, 0.2, False, False),
    "comparison": (0.005, 0.45, 0.5, False, True),
    "reliability": (0.004, 0.50, 0.6, True, False),
    "voluntary_test": (0.020, 0.45, 0.3, False, True),
    "one_stop_service": (0.014, 0.15, 0.0, False, False),
    "chain": (0.004, 0.20, 0.6, False, False),
}


def table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write ``programme``: the joining, and later what came of it."""
    rng = stream(seed, "programmes")
    parts = []
    for at, (rate, per_quality, per_size, *_) in enumerate(_PROGRAMMES.values()):
        rates = rate * growth(per_quality * firms.quality + per_size * firms.size)
        firm, when = yearly_events(rng, np.repeat(rates[:, None], _YEARS, axis=1), _FROM)
        parts.append((firm, when, np.full(len(firm), at, dtype=np.int64)))
    firm, when, kind = (np.concatenate([part[i] for part in parts]) for i in range(3))
    keys = np.unique(np.stack([when, firm, kind], axis=1), axis=0)
    when, firm, kind = keys[:, 0], keys[:, 1], keys[:, 2]
    keep = (when > firms.registered[firm] + 90) & (when + _LAG <= CLOSES)
    keep &= when < np.minimum(firms.ended, firms.distress)[firm]
    when, firm, kind = when[keep], firm[keep], kind[keep]
    n = len(firm)
    counts = np.array([entry[3] for entry in _PROGRAMMES.values()])[kind]
    tests = np.array([entry[4] for entry in _PROGRAMMES.values()])[kind]
    found = 1 + rng.poisson(growth(1.6 - 0.25 * firms.quality[firm]))
    closed = np.floor(found * logistic(1.0 + 0.9 * firms.quality[firm]) + rng.random(n))
    empty = pa.nulls(n, pa.int64())
    ended = when + between(rng, 20, 240, n)
    first = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "programme": words(tuple(_PROGRAMMES), kind),
            "joined_on": dates(when),
            "ended_on": dates(np.full(n, NEVER, dtype=np.int64)),
            "problems_found": empty,
            "problems_closed": empty,
            "reports": empty,
            "known_on": dates(when + _LAG),
        }
    )
    told = np.flatnonzero((ended + _LAG <= CLOSES) & chance(rng, 0.9, n)).astype(np.int64)
    second = replaced(
        first.take(pa.array(told)),
        ended_on=dates(ended[told]),
        problems_found=where(counts, pa.array(found)).take(pa.array(told)),
        problems_closed=where(counts, pa.array(np.minimum(closed, found).astype(np.int64))).take(pa.array(told)),
        reports=where(tests, pa.array(1 + rng.poisson(2.0, n))).take(pa.array(told)),
        known_on=dates(ended[told] + _LAG),
    )
    return pa.concat_tables([first, second])
