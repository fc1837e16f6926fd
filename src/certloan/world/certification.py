"""Certificates and what became of them: cycles, renewals, surveillance, suspension, withdrawal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world.bodies import Bodies
from certloan.world.calendar import CLOSES, OPENS
from certloan.world.draws import (
    NEVER,
    Arrow,
    Ints,
    add_months,
    between,
    calendar,
    chance,
    dates,
    digits,
    explode,
    growth,
    joined,
    logistic,
    normal,
    on,
    pick,
    stream,
    texts,
    where,
    words,
)  # fmt: skip
from certloan.world.firms import Firms
from certloan.world.industries import INDUSTRIES
from certloan.world.participation import Chains
from certloan.world.schemes import SCHEMES, position

_LAG = 15
_RENEWS, _RENEWS_PER_QUALITY, _RENEWS_PER_STRENGTH = 1.9, 0.45, 0.35
#: Log odds that a surveillance audit is missed, and its change with quality.
_MISSES, _MISSES_PER_QUALITY, _MISSES_PER_STRENGTH = -3.1, -0.55, -0.25
_RESTORED = 0.6
#: Since 2026 an overdue audit suspends at once; before, an audit could be three months late (15 months in all).
_STRICT_FROM = on(2026, 1, 1)
_GRACE = 92
_MOST_CYCLES = 16
_UNSURVEYED = ("ORGANIC", "SANTONG")

EVENTS = ("surveillance_passed", "suspended", "restored", "withdrawn", "cancelled", "recertified")
_PASSED, _SUSPENDED, _RESTORED_EVENT, _WITHDRAWN, _CANCELLED, _RECERTIFIED = range(6)


@dataclass(frozen=True)
class _Cycles:
    """One audit each: a cycle of a chain."""

    chain: Ints
    number: Ints
    issued: Ints
    expires: Ints
    stops: Ints  # day of withdrawal or cancellation, or NEVER
    event_cycle: Ints
    event: Ints
    event_on: Ints


def tables(firms: Firms, uscc: Arrow, chains: Chains, bodies: Bodies, seed: int) -> tuple[pa.Table, pa.Table]:
    """Write ``certificate`` and ``certificate_event``."""
    cycles = _cycles(firms, chains, stream(seed, "cycles"))
    member, cycle = _members(chains, cycles)
    kept = cycles.expires[cycle] >= OPENS
    member, cycle = member[kept], cycle[kept]
    order = np.lexsort((chains.member_copy[member], chains.member_scheme[member], cycle, cycles.issued[cycle]))
    member, cycle = member[order], cycle[order]
    number = _numbers(firms, chains, cycles, bodies, member, cycle)
    table = _certificates(firms, uscc, chains, cycles, bodies, member, cycle, number, stream(seed, "certificates"))
    return table, _events(firms, uscc, chains, cycles, member, cycle, number, stream(seed, "certificate events"))


def _cycles(firms: Firms, chains: Chains, rng: np.random.Generator) -> _Cycles:
    chain_parts, number_parts, issued_parts, expires_parts, stops_parts = [], [], [], [], []
    event_parts: list[tuple[Ints, Ints, Ints]] = []
    firm, issued = chains.firm, chains.first
    stop_all = np.minimum(firms.distress, firms.ended)[firm]
    alive = issued < np.minimum(CLOSES, stop_all)
    made = 0
    for number in range(_MOST_CYCLES):
        chain = np.flatnonzero(alive).astype(np.int64)
        if not len(chain):
            break
        start = issued[chain]
        end = add_months(start, 12 * chains.years[chain]) - 1
        stops, events = _one_cycle(rng, firms, chains, chain, start, end, stop_all[chain])
        positions = made + np.arange(len(chain), dtype=np.int64)
        event_parts += [(positions[where_], kind, when) for where_, kind, when in events]
        renews = chance(
            rng,
            logistic(
                _RENEWS
                + _RENEWS_PER_QUALITY * firms.quality[firm[chain]]
                + _RENEWS_PER_STRENGTH * firms.strength_on(firm[chain], end)
                + 0.9 * (chains.years[chain] == 1)
            ),
        )
        again = end + 1 - between(rng, 0, 25, len(chain))
        renews &= (stops == NEVER) & (again <= CLOSES) & (again < stop_all[chain])
        event_parts.append((positions[renews], np.full(int(renews.sum()), _RECERTIFIED, dtype=np.int64), again[renews]))
        chain_parts.append(chain)
        number_parts.append(np.full(len(chain), number, dtype=np.int64))
        issued_parts.append(start)
        expires_parts.append(end)
        stops_parts.append(stops)
        made += len(chain)
        alive = np.zeros(len(firm), dtype=bool)
        alive[chain[renews]] = True
        issued = issued.copy()
        issued[chain] = again
    return _Cycles(
        np.concatenate(chain_parts),
        np.concatenate(number_parts),
        np.concatenate(issued_parts),
        np.concatenate(expires_parts),
        np.concatenate(stops_parts),
        *(np.concatenate([part[i] for part in event_parts]) for i in range(3)),
    )


def _one_cycle(
    rng: np.random.Generator, firms: Firms, chains: Chains, chain: Ints, start: Ints, end: Ints, stop_all: Ints
) -> tuple[Ints, list[tuple[Ints, Ints, Ints]]]:
    """Draw the audits between issue and expiry: passed, or missed with what follows. Gives the stops and the events."""
    firm = chains.firm[chain]
    surveyed = np.zeros(len(chains.firm), dtype=bool)
    wanted = np.array([scheme.code not in _UNSURVEYED for scheme in SCHEMES])[chains.member_scheme]
    surveyed[chains.member_chain[wanted]] = True
    stops = np.full(len(chain), NEVER, dtype=np.int64)
    events: list[tuple[Ints, Ints, Ints]] = []

    def note(happens: np.ndarray, kind: int, when: Ints) -> None:
        where_ = np.flatnonzero(happens & (when <= CLOSES)).astype(np.int64)
        events.append((where_, np.full(len(where_), kind, dtype=np.int64), when[where_]))

    for audit in range(1, 5):
        due = add_months(start, 12 * audit)
        active = surveyed[chain] & (due < end - 30) & (due < np.minimum(stops, stop_all))
        odds = _MISSES + _MISSES_PER_QUALITY * firms.quality[firm]
        odds = odds + _MISSES_PER_STRENGTH * firms.strength_on(firm, np.minimum(due, CLOSES))
        missed = active & chance(rng, logistic(odds))
        note(active & ~missed, _PASSED, due - between(rng, 0, 60, len(chain)))
        suspended = due + np.where(due >= _STRICT_FROM, 10, _GRACE)
        missed &= suspended < np.minimum(end, stop_all)
        restored = missed & chance(rng, _RESTORED, len(chain))
        note(missed, _SUSPENDED, suspended)
        note(restored, _RESTORED_EVENT, suspended + between(rng, 30, 170, len(chain)))
        withdrawn = missed & ~restored
        note(withdrawn, _WITHDRAWN, suspended + 183)
        stops = np.where(withdrawn, np.minimum(stops, suspended + 183), stops)
    broke = (stop_all < end) & (stop_all > start) & (stops == NEVER)
    cancelled = np.where(broke, stop_all + between(rng, 20, 150, len(chain)), NEVER)
    note(broke & (cancelled < end), _CANCELLED, cancelled)
    return np.minimum(stops, cancelled), events


def _members(chains: Chains, cycles: _Cycles) -> tuple[Ints, Ints]:
    """Pair every certificate of a chain with every cycle of it."""
    order = np.argsort(chains.member_chain, kind="stable").astype(np.int64)
    sizes = np.bincount(chains.member_chain, minlength=len(chains.firm)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    cycle, running = explode(sizes[cycles.chain])
    return order[starts[cycles.chain[cycle]] + running], cycle


def _numbers(firms: Firms, chains: Chains, cycles: _Cycles, bodies: Bodies, member: Ints, cycle: Ints) -> Arrow:
    """Write certificate numbers in the form of each scheme."""
    n = len(member)
    scheme = chains.member_scheme[member]
    chain = cycles.chain[cycle]
    firm = chains.firm[chain]
    body = bodies.chosen[chain]
    first_year, _, _ = calendar(chains.first[chain])
    year, _, _ = calendar(cycles.issued[cycle])
    serial = np.arange(n, dtype=np.int64)
    category = words([entry.ccc or "0000" for entry in INDUSTRIES], firms.industry[firm])
    ccc = joined(texts(first_year), digits(body % 30 + 1, 2), category, digits(serial % 1_000_000, 6))
    organic = joined(digits(body % 999 + 1, 4), "OP", digits(year % 100, 2), digits(serial % 100_000, 5))
    letter = words(("Q", "E", "S", "IS", "IT", "EN", "IP", "MM", "F", "H"), np.minimum(scheme, 9))
    scale = words(("S", "M", "L"), np.digitize(firms.employees[firm], [65, 400]).astype(np.int64))
    system = joined(
        digits(body + 1, 3), digits(year % 100, 2), letter, digits(serial, 7), "R", texts(cycles.number[cycle]), scale
    )
    other = joined(words([s.code for s in SCHEMES], scheme), texts(year), digits(serial, 7))
    number = pc.if_else(pa.array(scheme <= position("HACCP")), system, other)
    number = pc.if_else(pa.array(scheme == position("ORGANIC")), organic, number)
    return pc.if_else(pa.array(scheme == position("CCC")), ccc, number)


def _certificates(
    firms: Firms,
    uscc: Arrow,
    chains: Chains,
    cycles: _Cycles,
    bodies: Bodies,
    member: Ints,
    cycle: Ints,
    number: Arrow,
    rng: np.random.Generator,
) -> pa.Table:
    n = len(member)
    chain = cycles.chain[cycle]
    firm = chains.firm[chain]
    scheme = chains.member_scheme[member]
    body = bodies.chosen[chain]
    marked = chance(rng, np.array([s.accredited for s in SCHEMES])[scheme] * np.where(bodies.lax[body], 0.6, 1.1))
    other = chance(rng, 0.08, n)
    self_declared = self_declares(rng, firms, firm, scheme)
    system = scheme <= position("HACCP")
    covered = np.rint(firms.employees[firm] * growth(-0.25 + 0.25 * normal(rng, n))).clip(1).astype(np.int64)
    role = np.where(system, 0, pick(rng, (0.8, 0.13, 0.07), n))
    year, month, _ = calendar(cycles.issued[cycle])
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "certificate_no": number,
            "scheme": words([s.code for s in SCHEMES], scheme),
            "standard": words([s.standard for s in SCHEMES], scheme),
            "body_no": where(~self_declared, bodies.number.take(pa.array(body))),
            "issued_on": dates(cycles.issued[cycle]),
            "first_issued_on": dates(chains.first[chain]),
            "expires_on": dates(cycles.expires[cycle]),
            "accreditation": words(
                ("cnas", "other", "unaccredited"),
                np.where(self_declared, 2, np.where(marked, 0, np.where(other, 1, 2))),
            ),
            "role": words(("client", "producer", "factory"), role),
            "assurance": words(("third_party", "self_declared"), self_declared.astype(np.int64)),
            "scope": joined(
                words([entry.product for entry in INDUSTRIES], firms.industry[firm]),
                words(("的设计、生产及服务", "的生产", ""), np.where(system, pick(rng, (0.5, 0.5), n), 2)),
            ),
            "headcount_covered": where(system & chance(rng, 0.93, n), pa.array(covered)),
            "audit_id": where(
                ~self_declared & chance(rng, 0.97, n), joined("SH", texts(year * 100 + month), digits(cycle, 7))
            ),
            "known_on": dates(cycles.issued[cycle] + _LAG),
        }
    )


def self_declares(rng: np.random.Generator, firms: Firms, firm: Ints, scheme: Ints) -> np.ndarray:
    """三同 and part of 品字标 rest on the firm's own word, and so do the catalogue's self-declared product kinds."""
    own_word = np.array([entry.ccc in ("0301", "0302", "0401", "0501", "0603") for entry in INDUSTRIES])
    share = np.where(scheme == position("SANTONG"), 0.8, np.where(scheme == position("PZB"), 0.25, 0.0))
    share = np.where((scheme == position("CCC")) & own_word[firms.industry[firm]], 0.7, share)
    return chance(rng, share)


def _events(
    firms: Firms,
    uscc: Arrow,
    chains: Chains,
    cycles: _Cycles,
    member: Ints,
    cycle: Ints,
    number: Arrow,
    rng: np.random.Generator,
) -> pa.Table:
    """Copy each event of an audit to every certificate that the audit printed."""
    order = np.argsort(cycles.event_cycle, kind="stable").astype(np.int64)
    sizes = np.bincount(cycles.event_cycle, minlength=len(cycles.chain)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    certificate, running = explode(sizes[cycle])
    event = order[starts[cycle[certificate]] + running]
    when = cycles.event_on[event]
    kind = cycles.event[event]
    kept = (when >= OPENS) & (when + _LAG <= CLOSES)
    certificate, when, kind = certificate[kept], when[kept], kind[kept]
    sort = np.lexsort((kind, certificate, when))
    certificate, when, kind = certificate[sort], when[sort], kind[sort]
    table = pa.table(
        {
            "uscc": uscc.take(pa.array(chains.firm[cycles.chain[cycle[certificate]]])),
            "certificate_no": number.take(pa.array(certificate)),
            "event": words(EVENTS, kind),
            "event_on": dates(when),
            "reason_code": words((None, "0112", None, "0115", "0199", "0102"), kind),
            "known_on": dates(when + _LAG),
        }
    )
    return table
