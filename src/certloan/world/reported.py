"""What the credit report says of certificates (EF07): most are confirmed, some missing, some stale, some contradict."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.certification import Papers
from certloan.world.draws import Arrow, Ints, add_months, between, chance, dates, logistic, pick, stream, words
from certloan.world.firms import Firms
from certloan.world.planted import Planted
from certloan.world.schemes import CODES, SCHEMES

_LAG = 45
_MISSING, _STALE = 0.22, 0.05
#: A stated end that is a year off; and records of certificates that nobody issued, told by the firm itself.
_CONTRADICTS, _BOUGHT_CONTRADICTS = 0.015, 0.25
_PHANTOM, _PHANTOM_PER_QUALITY = -5.2, -0.8
_CLAIMED = (0, 1, 2, 17)


def table(firms: Firms, uscc: Arrow, papers: Papers, planted: Planted, seed: int) -> pa.Table:
    """Write ``reported_certificate`` for firms with a credit history: one record for each scheme of an audit."""
    rng = stream(seed, "reported certificates")
    kind = papers.chains.member_copy[papers.member] == 0
    own = np.flatnonzero(kind & firms.borrows[papers.firm] & ~papers.own_word).astype(np.int64)
    own = own[~chance(rng, _MISSING, len(own))]
    n = len(own)
    begins = papers.issued[own] + np.where(chance(rng, 0.2, n), between(rng, 1, 10, n), 0)
    ends = papers.cycles.expires[papers.cycle[own]]
    stale = chance(rng, _STALE, n)  # the cycle before is still the newest that the report knows
    wrong = chance(rng, np.where(papers.bought[own], _BOUGHT_CONTRADICTS, _CONTRADICTS))
    ends = np.where(wrong, add_months(ends, 12), ends)
    drop = stale & (papers.cycles.number[papers.cycle[own]] > 0)
    phantom, claimed, since = _phantoms(rng, firms)
    firm = np.concatenate([papers.firm[own][~drop], phantom])
    scheme = np.concatenate([papers.scheme[own][~drop], claimed])
    start = np.concatenate([begins[~drop], since])
    end = np.concatenate([ends[~drop], add_months(since, 36)])
    contradicts = np.concatenate([wrong[~drop], np.ones(len(phantom), dtype=bool)])
    body = np.concatenate([papers.body[own][~drop], np.full(len(phantom), len(papers.register.name), dtype=np.int64)])
    _, only = np.unique(np.stack([firm, scheme, start], axis=1), axis=0, return_index=True)
    only = only[(start[only] + _LAG <= CLOSES) & (start[only] < firms.ended[firm[only]])]
    firm, scheme, start, end, contradicts, body = (x[only] for x in (firm, scheme, start, end, contradicts, body))
    bad = np.flatnonzero(contradicts).astype(np.int64)
    planted.add("report_contradicted", firm[bad], words(CODES, scheme[bad]), start[bad])
    names = pa.concat_arrays([papers.register.name, pa.array([None], pa.string())])
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "scheme": words(CODES, scheme),
            "certified_by": names.take(pa.array(body)),
            "certified_on": dates(start),
            "ends_on": dates(end),
            "content": words([s.zh for s in SCHEMES], scheme),
            "known_on": dates(start + _LAG),
        }
    )


def _phantoms(rng: np.random.Generator, firms: Firms) -> tuple[Ints, Ints, Ints]:
    """Firms of low quality now and then have told the bureau of a certificate that no body issued."""
    claims = firms.borrows & chance(rng, logistic(_PHANTOM + _PHANTOM_PER_QUALITY * firms.quality))
    firm = np.flatnonzero(claims & (firms.registered + 200 < firms.asks - 60)).astype(np.int64)
    since = firms.asks[firm] - between(rng, 60, 700, len(firm))
    scheme = np.array(_CLAIMED)[pick(rng, (0.5, 0.2, 0.2, 0.1), len(firm))]
    return firm, scheme.astype(np.int64), np.maximum(since, firms.registered[firm] + 100)
