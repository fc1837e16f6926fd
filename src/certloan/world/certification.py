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
    Flags,
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
from certloan.world.schemes import CODES, SCHEMES, position

_LAG = 15
_RENEWS, _RENEWS_PER_QUALITY, _RENEWS_PER_STRENGTH = 1.9, 0.65, 0.3
#: Log odds that a surveillance audit is missed, and its change with quality.
_MISSES, _MISSES_PER_QUALITY, _MISSES_PER_STRENGTH = -3.1, -0.75, -0.2
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
    event_cycle: Ints
    event: Ints
    event_on: Ints


@dataclass(frozen=True)
class _Papers:
    """The certificates, one entry each: a member of a chain in one of its cycles."""

    firms: Firms
    chains: Chains
    cycles: _Cycles
    bodies: Bodies
    member: Ints
    cycle: Ints

    @property
    def chain(self) -> Ints:
        return self.cycles.chain[self.cycle]

    @property
    def firm(self) -> Ints:
        return self.chains.firm[self.chain]

    @property
    def scheme(self) -> Ints:
        return self.chains.member_scheme[self.member]

    @property
    def body(self) -> Ints:
        return self.bodies.chosen[self.chain]

    @property
    def issued(self) -> Ints:
        return self.cycles.issued[self.cycle]


def tables(firms: Firms, uscc: Arrow, chains: Chains, bodies: Bodies, seed: int) -> tuple[pa.Table, pa.Table]:
    """Write ``certificate`` and ``certificate_event``."""
    cycles = _cycles(firms, chains, stream(seed, "cycles"))
    member, cycle = _members(chains, cycles)
    kept = cycles.expires[cycle] >= OPENS
    member, cycle = member[kept], cycle[kept]
    order = np.lexsort((chains.member_copy[member], chains.member_scheme[member], cycle, cycles.issued[cycle]))
    papers = _Papers(firms, chains, cycles, bodies, member[order], cycle[order])
    number = _numbers(papers)
    table = _certificates(papers, uscc, number, stream(seed, "certificates"))
    return table, _events(papers, uscc, number)


def _cycles(firms: Firms, chains: Chains, rng: np.random.Generator) -> _Cycles:
    """Walk all chains together from cycle to cycle until each has ended."""
    made: list[tuple[Ints, ...]] = []
    events: list[tuple[Ints, Ints, Ints]] = []
    stop_all = np.minimum(firms.distress, firms.ended)[chains.firm]
    issued = chains.first.copy()
    chain = np.flatnonzero(issued < np.minimum(CLOSES, stop_all)).astype(np.int64)
    count = 0
    for number in range(_MOST_CYCLES):
        start = issued[chain]
        end = add_months(start, 12 * chains.years[chain]) - 1
        stops, happened = _one_cycle(rng, firms, chains, chain, start, end, stop_all[chain])
        again = end + 1 - between(rng, 0, 25, len(chain))
        renews = _renews(rng, firms, chains, chain, end)
        renews &= (stops == NEVER) & (again <= np.minimum(CLOSES, stop_all[chain] - 1))
        renewed = np.flatnonzero(renews).astype(np.int64)
        happened.append((renewed, np.full(len(renewed), _RECERTIFIED, dtype=np.int64), again[renewed]))
        events += [(count + where_, kind, when) for where_, kind, when in happened]
        made.append((chain, np.full(len(chain), number, dtype=np.int64), start, end))
        count += len(chain)
        issued[chain] = again
        chain = chain[renewed]
    cycles = (np.concatenate([part[i] for part in made]) for i in range(4))
    return _Cycles(*cycles, *(np.concatenate([part[i] for part in events]) for i in range(3)))


def _renews(rng: np.random.Generator, firms: Firms, chains: Chains, chain: Ints, end: Ints) -> Flags:
    firm = chains.firm[chain]
    odds = _RENEWS + _RENEWS_PER_QUALITY * firms.quality[firm] + 0.9 * (chains.years[chain] == 1)
    return chance(rng, logistic(odds + _RENEWS_PER_STRENGTH * firms.strength_on(firm, end)))


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

    def note(happens: Flags, kind: int, when: Ints) -> None:
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


def _numbers(papers: _Papers) -> Arrow:
    """Write certificate numbers in the form of each scheme."""
    scheme, firm, body = papers.scheme, papers.firm, papers.body
    first_year, _, _ = calendar(papers.chains.first[papers.chain])
    year, _, _ = calendar(papers.issued)
    serial = papers.firms.running(len(scheme), 15) - 1
    category = words([entry.ccc or "0000" for entry in INDUSTRIES], papers.firms.industry[firm])
    ccc = joined(texts(first_year), digits(body % 30 + 1, 2), category, digits(serial % 1_000_000, 6))
    organic = joined(digits(body % 999 + 1, 4), "OP", digits(year % 100, 2), digits(serial % 100_000, 5))
    letter = words(("Q", "E", "S", "IS", "IT", "EN", "IP", "MM", "F", "H"), np.minimum(scheme, 9))
    scale = words(("S", "M", "L"), np.digitize(papers.firms.employees[firm], [65, 400]).astype(np.int64))
    again = texts(papers.cycles.number[papers.cycle])
    system = joined(digits(body + 1, 3), digits(year % 100, 2), letter, digits(serial, 7), "R", again, scale)
    other = joined(words(CODES, scheme), texts(year), digits(serial, 7))
    number = pc.if_else(pa.array(scheme <= position("HACCP")), system, other)
    number = pc.if_else(pa.array(scheme == position("ORGANIC")), organic, number)
    return pc.if_else(pa.array(scheme == position("CCC")), ccc, number)


def _certificates(papers: _Papers, uscc: Arrow, number: Arrow, rng: np.random.Generator) -> pa.Table:
    scheme, firm = papers.scheme, papers.firm
    n = len(scheme)
    own_word = _own_word(papers, rng)
    system = scheme <= position("HACCP")
    covered = np.rint(papers.firms.employees[firm] * growth(-0.25 + 0.25 * normal(rng, n))).clip(1).astype(np.int64)
    role = np.where(system, 0, pick(rng, (0.8, 0.13, 0.07), n))
    year, month, _ = calendar(papers.issued)
    audit = joined("SH", texts(year * 100 + month), digits(papers.firms.running(len(papers.cycles.chain), 15)[papers.cycle] - 1, 7))
    products = words([entry.product for entry in INDUSTRIES], papers.firms.industry[firm])
    activity = words(("的设计、生产及服务", "的生产", ""), np.where(system, pick(rng, (0.5, 0.5), n), 2))
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "certificate_no": number,
            "scheme": words(CODES, scheme),
            "standard": words([s.standard for s in SCHEMES], scheme),
            "body_no": where(~own_word, papers.bodies.number.take(pa.array(papers.body))),
            "issued_on": dates(papers.issued),
            "first_issued_on": dates(papers.chains.first[papers.chain]),
            "expires_on": dates(papers.cycles.expires[papers.cycle]),
            "accreditation": _accreditation(papers, own_word, rng),
            "role": words(("client", "producer", "factory"), role),
            "assurance": words(("third_party", "self_declared"), own_word.astype(np.int64)),
            "scope": joined(products, activity),
            "headcount_covered": where(system & chance(rng, 0.93, n), pa.array(covered)),
            "audit_id": where(~own_word & chance(rng, 0.97, n), audit),
            "known_on": dates(papers.issued + _LAG),
        }
    )


def _accreditation(papers: _Papers, own_word: Flags, rng: np.random.Generator) -> Arrow:
    share = np.array([s.accredited for s in SCHEMES])[papers.scheme]
    marked = chance(rng, share * np.where(papers.bodies.lax[papers.body], 0.6, 1.1)) & ~own_word
    other = chance(rng, 0.08, len(share)) & ~own_word
    return words(("cnas", "other", "unaccredited"), np.where(marked, 0, np.where(other, 1, 2)))


def _own_word(papers: _Papers, rng: np.random.Generator) -> Flags:
    """三同 and part of 品字标 rest on the firm's own word, and so do the catalogue's self-declared product kinds."""
    declared = np.array([entry.ccc in ("0301", "0302", "0401", "0501", "0603") for entry in INDUSTRIES])
    scheme = papers.scheme
    share = np.where(scheme == position("SANTONG"), 0.8, np.where(scheme == position("PZB"), 0.25, 0.0))
    share = np.where((scheme == position("CCC")) & declared[papers.firms.industry[papers.firm]], 0.7, share)
    return chance(rng, share)


def _events(papers: _Papers, uscc: Arrow, number: Arrow) -> pa.Table:
    """Copy each event of an audit to every certificate that the audit printed."""
    cycles = papers.cycles
    order = np.argsort(cycles.event_cycle, kind="stable").astype(np.int64)
    sizes = np.bincount(cycles.event_cycle, minlength=len(cycles.chain)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    certificate, running = explode(sizes[papers.cycle])
    event = order[starts[papers.cycle[certificate]] + running]
    when, kind = cycles.event_on[event], cycles.event[event]
    kept = (when >= OPENS) & (when + _LAG <= CLOSES)
    certificate, when, kind = certificate[kept], when[kept], kind[kept]
    sort = np.lexsort((kind, certificate, when))
    certificate, when, kind = certificate[sort], when[sort], kind[sort]
    return pa.table(
        {
            "uscc": uscc.take(pa.array(papers.firm[certificate])),
            "certificate_no": number.take(pa.array(certificate)),
            "event": words(EVENTS, kind),
            "event_on": dates(when),
            "reason_code": words((None, "0112", None, "0115", "0199", "0102"), kind),
            "known_on": dates(when + _LAG),
        }
    )
