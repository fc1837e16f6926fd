"""The trail of every certificate: what happened to it, on which day, and which audit team was there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.certification import TOLD_FROM, Papers, printed
from certloan.world.cycles import BY_TEAM, EVENTS, SPECIAL, STRICT_FROM, Cycles
from certloan.world.draws import Arrow, Ints, between, chance, dates, meetings, stream, where, words
from certloan.world.inspections import FAILED, Checks
from certloan.world.participation import Chains
from certloan.world.planted import Planted
from certloan.world.schemes import position

_LAG = 15
_REASONS = (None, "0112", None, "0115", "0199", "0102", "0131", "0140", None, None)
#: Since 2026 a failed national check asks for an audit at short notice, within 30 days of the notice; before, a body
#: might come.
_SHORT_NOTICE_FROM = STRICT_FROM
_AUDITED, _AUDITED_BEFORE = 0.85, 0.3


def with_special_audits(chains: Chains, cycles: Cycles, checks: Checks, firms: int, seed: int) -> Cycles:
    """Add the audits that failed national checks ask for."""
    rng = stream(seed, "special audits")
    asks = (checks.verdict == FAILED) & (checks.level == 0)
    asks &= chance(rng, np.where(checks.notified >= _SHORT_NOTICE_FROM, _AUDITED, _AUDITED_BEFORE))
    firm, when = checks.firm[asks], checks.notified[asks] + between(rng, 6, 29, int(asks.sum()))
    quality = np.zeros(len(chains.firm), dtype=bool)
    quality[chains.member_chain[chains.member_scheme == position("A01")]] = True
    runs = np.flatnonzero(quality[cycles.chain]).astype(np.int64)
    asked, found = meetings(chains.firm[cycles.chain[runs]], firms, firm)
    cycle, day = runs[found], when[asked]
    live = (cycles.issued[cycle] < day) & (day < np.minimum(cycles.expires, cycles.stopped)[cycle]) & (day <= CLOSES)
    return cycles.with_events(cycle[live], SPECIAL, day[live])


def table(papers: Papers, uscc: Arrow, number: Arrow, planted: Planted, seed: int) -> pa.Table:
    """Write ``certificate_event``."""
    rng = stream(seed, "audit teams")
    cycles = papers.cycles
    sold = papers.chains.bought[cycles.chain] & papers.register.corrupt[cycles.body]
    owner = papers.chains.firm[cycles.chain]
    team = papers.register.team(cycles.body, sold, papers.firms, owner, rng)
    planted.note("audit_team", (papers.firm, papers.issued), sold[papers.cycle], number)
    events = np.flatnonzero((cycles.event_on >= TOLD_FROM) & (cycles.event_on + _LAG <= CLOSES)).astype(np.int64)
    certificate, event = printed(papers, events)
    certificate, event = _once(certificate, event, cycles)
    when, kind = cycles.event_on[event], cycles.event[event]
    there = np.isin(kind, BY_TEAM) & ~papers.own_word[certificate] & chance(rng, 0.9, len(event))
    return pa.table(
        {
            "uscc": uscc.take(pa.array(papers.firm[certificate])),
            "certificate_no": number.take(pa.array(certificate)),
            "event": words(EVENTS, kind),
            "event_on": dates(when),
            "reason_code": words(_REASONS, kind),
            "team": where(there, team.take(pa.array(papers.cycle[certificate]))),
            "known_on": dates(when + _LAG),
        }
    )


def _once(certificate: Ints, event: Ints, cycles: Cycles) -> tuple[Ints, Ints]:
    """Keep one event of a kind a day for each certificate, in order of time."""
    certificates = int(certificate.max(initial=0)) + 1
    keys = (cycles.event_on[event] * certificates + certificate) * len(EVENTS) + cycles.event[event]
    _, first = np.unique(keys, return_index=True)
    return certificate[first], event[first]
