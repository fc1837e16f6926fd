"""Certificates as the register prints them, with what was made up or bought among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world.bodies import Register
from certloan.world.calendar import CLOSES
from certloan.world.cycles import CANCELLED, EXPIRED, PASSED, RESTORED, SUSPENDED, WITHDRAWN, Cycles
from certloan.world.draws import (
    Arrow,
    Flags,
    Ints,
    calendar,
    chance,
    dates,
    digits,
    explode,
    growth,
    joined,
    normal,
    on,
    pick,
    replaced,
    stream,
    texts,
    where,
    words,
)  # fmt: skip
from certloan.world.firms import Firms
from certloan.world.industries import INDUSTRIES
from certloan.world.lending import Loans
from certloan.world.participation import BOUGHT_WITHIN, Chains
from certloan.world.planted import Planted
from certloan.world.schemes import CODES, SCHEMES, SYSTEM, position

_LAG, _STATE_LAG = 15, 25
#: Certificates that ended before this day are not told any more.
TOLD_FROM = on(2018, 1, 1)
STATES = ("valid", "suspended", "withdrawn", "cancelled", "expired")
_STATE_OF = {SUSPENDED: 1, RESTORED: 0, WITHDRAWN: 2, CANCELLED: 3, EXPIRED: 4}
#: The register drops most expired certificates without a word, and now and then misses that one was withdrawn.
_EXPIRY_TOLD, _MISTOLD = 0.25, 0.02
#: What is wrong with bought certificates, and by honest mistake with others.
_HEADCOUNT_FAR, _SCOPE_UNFIT, _MALFORMED = (0.45, 0.006), (0.35, 0.003), (0.4, 0.004)


@dataclass(frozen=True)
class Papers:
    """The certificates, one entry each: a member of a chain in one of its cycles."""

    firms: Firms
    chains: Chains
    cycles: Cycles
    register: Register
    member: Ints
    cycle: Ints

    @property
    def chain(self) -> Ints:
        """The chain of each."""
        return self.cycles.chain[self.cycle]

    @property
    def firm(self) -> Ints:
        """The holder of each."""
        return self.chains.firm[self.chain]

    @property
    def scheme(self) -> Ints:
        """The scheme of each."""
        return self.chains.member_scheme[self.member]

    @property
    def body(self) -> Ints:
        """The body of each; of no meaning where the firm declares."""
        return self.cycles.body[self.cycle]

    @property
    def issued(self) -> Ints:
        """The day of issue of each."""
        return self.cycles.issued[self.cycle]

    @property
    def bought(self) -> Flags:
        """Whether it was sold without an audit worth the name."""
        return self.chains.bought[self.chain]

    @property
    def own_word(self) -> Flags:
        """Whether the firm declares it itself."""
        return self.chains.own_word[self.chain]

    def held(self, scheme: str) -> Flags:
        """Tell which firms ever had a certificate of a scheme."""
        found = np.zeros(len(self.firms), dtype=bool)
        found[self.firm[self.scheme == position(scheme)]] = True
        return found


def papers(firms: Firms, chains: Chains, cycles: Cycles, register: Register) -> Papers:
    """Print the certificates of all audits, in order of issue."""
    member, cycle = _members(chains, cycles)
    kept = (cycles.expires[cycle] >= TOLD_FROM) & (cycles.issued[cycle] + _LAG <= CLOSES)
    member, cycle = member[kept], cycle[kept]
    order = np.lexsort((chains.member_copy[member], chains.member_scheme[member], cycle, cycles.issued[cycle]))
    return Papers(firms, chains, cycles, register, member[order], cycle[order])


def _members(chains: Chains, cycles: Cycles) -> tuple[Ints, Ints]:
    """Pair every certificate of a chain with every cycle of it."""
    order = np.argsort(chains.member_chain, kind="stable").astype(np.int64)
    sizes = np.bincount(chains.member_chain, minlength=len(chains.firm)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    cycle, running = explode(sizes[cycles.chain])
    return order[starts[cycles.chain[cycle]] + running], cycle


def numbers(papers: Papers, planted: Planted, seed: int) -> Arrow:
    """Write certificate numbers in the form of each scheme; some of those made up have a form that none has."""
    rng = stream(seed, "certificate numbers")
    scheme, firm, body = papers.scheme, papers.firm, papers.body
    first_year, _, _ = calendar(papers.chains.first[papers.chain])
    year, _, _ = calendar(papers.issued)
    serial = papers.firms.running(len(scheme), 15) - 1
    category = words([entry.ccc or "0000" for entry in INDUSTRIES], papers.firms.industry[firm])
    ccc = joined(texts(first_year), digits(body % 30 + 1, 2), category, digits(serial % 1_000_000, 6))
    organic = joined(digits(body % 999 + 1, 4), "OP", digits(year % 100, 2), digits(serial % 100_000, 5))
    letter = words(("Q", "E", "S", "IS", "IT", "EN", "IP", "MM", "F", "H", "X"), np.minimum(scheme, 10))
    scale = words(("S", "M", "L"), np.digitize(papers.firms.employees[firm], [65, 400]).astype(np.int64))
    again = texts(papers.cycles.number[papers.cycle])
    system = joined(digits(body + 1, 3), digits(year % 100, 2), letter, digits(serial, 7), "R", again, scale)
    other = joined(words(CODES, scheme), texts(year), digits(serial, 7))
    made_up = chance(rng, np.where(papers.bought, *_MALFORMED))
    wrong_ccc = joined("CCC", texts(year), digits(serial % 10_000_000, 7))
    wrong_organic = joined("YJ", texts(year), digits(serial % 10_000_000, 7))
    is_ccc, is_organic = scheme == position("CCC"), scheme == position("ORGANIC")
    number = pc.if_else(pa.array(SYSTEM[scheme]), system, other)
    number = pc.if_else(pa.array(is_organic), pc.if_else(pa.array(made_up), wrong_organic, organic), number)
    number = pc.if_else(pa.array(is_ccc), pc.if_else(pa.array(made_up), wrong_ccc, ccc), number)
    planted.note("number_malformed", (papers.firm, papers.issued), made_up & (is_ccc | is_organic), number)
    approved = papers.register.approved[papers.body, np.array([s.field for s in SCHEMES])[scheme]]
    planted.note("body_not_approved", (papers.firm, papers.issued), ~approved & ~papers.own_word, number)
    struck = papers.register.revoked[papers.body] <= papers.issued
    planted.note("body_not_licensed", (papers.firm, papers.issued), struck & ~papers.own_word, number)
    return number


def table(papers: Papers, uscc: Arrow, number: Arrow, planted: Planted, seed: int) -> pa.Table:
    """Write ``certificate``: each as it was issued, and again whenever the register told another state of it."""
    rng = stream(seed, "certificates")
    scheme, firm = papers.scheme, papers.firm
    n = len(scheme)
    year, month, _ = calendar(papers.issued)
    serial = papers.firms.running(len(papers.cycles.chain), 15)[papers.cycle] - 1
    audit = joined("SH", texts(year * 100 + month), digits(serial, 7))
    listed = np.array([bool(entry.ccc) for entry in INDUSTRIES])[papers.firms.industry[firm]]
    category = words([entry.ccc or None for entry in INDUSTRIES], papers.firms.industry[firm])
    graded = (scheme == position("SERVICE")) | (scheme == position("MINSU"))
    stars = np.rint(3 + 0.8 * papers.firms.quality[firm] + 0.5 * normal(rng, n)).clip(1, 5).astype(np.int64)
    system = SYSTEM[scheme]
    first = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "certificate_no": number,
            "scheme": words(CODES, scheme),
            "standard": words([s.standard for s in SCHEMES], scheme),
            "body_no": where(~papers.own_word, papers.register.number.take(pa.array(papers.body))),
            "issued_on": dates(papers.issued),
            "first_issued_on": dates(papers.chains.first[papers.chain]),
            "expires_on": dates(papers.cycles.expires[papers.cycle]),
            "accreditation": _accreditation(papers, rng),
            "role": words(("client", "producer", "factory"), np.where(system, 0, pick(rng, (0.8, 0.13, 0.07), n))),
            "assurance": words(("third_party", "self_declared"), papers.own_word.astype(np.int64)),
            "scope": _scope(papers, rng, planted, number),
            "product_category": where((scheme == position("CCC")) & listed, category),
            "grade": where(graded, pa.array(stars)),
            "headcount_covered": where(system & chance(rng, 0.93, n), _headcount(papers, rng, planted, number)),
            "audit_id": where(~papers.own_word & chance(rng, 0.97, n), audit),
            "state_stated": words(STATES, np.zeros(n, dtype=np.int64)),
            "surveillance_n": pa.array(np.zeros(n, dtype=np.int64)),
            "recertification_n": pa.array(papers.cycles.number[papers.cycle]),
            "known_on": dates(papers.issued + _LAG),
        }
    )
    return pa.concat_tables([first, _changes(papers, first, planted, number, rng)])


def _changes(papers: Papers, first: pa.Table, planted: Planted, number: Arrow, rng: np.random.Generator) -> pa.Table:
    """Tell again what became of certificates, weeks after it happened."""
    cycles = papers.cycles
    state = np.array([_STATE_OF.get(kind, -1) for kind in range(10)])[cycles.event]
    told = (state >= 0) & ((cycles.event != EXPIRED) | chance(rng, _EXPIRY_TOLD, len(state)))
    passes = cycles.event == PASSED
    paper, event = printed(papers, np.flatnonzero(told & (cycles.event_on + _STATE_LAG <= CLOSES)).astype(np.int64))
    when = cycles.event_on[event]
    _, only = np.unique(paper * (CLOSES + 1) + when, return_index=True)
    paper, event, when = paper[only], event[only], when[only]
    counted = np.flatnonzero(passes).astype(np.int64)
    by_cycle = np.bincount(cycles.event_cycle[counted], minlength=len(cycles.chain))
    before = np.minimum(by_cycle[cycles.event_cycle[event]], (when - papers.issued[paper]) // 300)
    missed = (state[event] == 2) & chance(rng, _MISTOLD, len(event))
    wrong = np.zeros(len(papers.cycle), dtype=bool)
    wrong[paper[missed]] = True
    planted.note("state_contradicted", (papers.firm, papers.issued), wrong, number)
    return replaced(
        first.take(pa.array(paper)),
        state_stated=words(STATES, np.where(missed, 0, state[event])),
        surveillance_n=pa.array(before.astype(np.int64)),
        known_on=dates(when + _STATE_LAG),
    )


def printed(papers: Papers, events: Ints) -> tuple[Ints, Ints]:
    """Copy each event of an audit to every certificate that the audit printed; give certificates and events."""
    cycle = papers.cycles.event_cycle[events]
    order = np.argsort(cycle, kind="stable").astype(np.int64)
    sizes = np.bincount(cycle, minlength=len(papers.cycles.chain)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    certificate, running = explode(sizes[papers.cycle])
    return certificate, events[order[starts[papers.cycle[certificate]] + running]]


def _headcount(papers: Papers, rng: np.random.Generator, planted: Planted, number: Arrow) -> Arrow:
    """Audits are paid by the head: who buys often states far fewer people than there are, or far more than it has."""
    n = len(papers.cycle)
    people = papers.firms.employees[papers.firm]
    covered = people * growth(-0.15 + 0.15 * normal(rng, n))
    far = chance(rng, np.where(papers.bought, *_HEADCOUNT_FAR)) & (SYSTEM[papers.scheme])
    covered = np.where(far, np.where(people >= 40, people * 0.12, people * 6.0 + 20), covered)
    planted.note("headcount_far", (papers.firm, papers.issued), far, number)
    return pa.array(np.rint(covered).clip(1).astype(np.int64))


def _scope(papers: Papers, rng: np.random.Generator, planted: Planted, number: Arrow) -> Arrow:
    system = SYSTEM[papers.scheme]
    industry = papers.firms.industry[papers.firm]
    unfit = chance(rng, np.where(papers.bought, *_SCOPE_UNFIT)) & system
    planted.note("scope_unfit", (papers.firm, papers.issued), unfit, number)
    products = words([entry.product for entry in INDUSTRIES], np.where(unfit, _elsewhere()[industry], industry))
    return joined(
        products, words(("的设计、生产及服务", "的生产", ""), np.where(system, pick(rng, (0.5, 0.5), len(system)), 2))
    )


def _elsewhere() -> Ints:
    """Give for each industry another of a different division."""
    found = []
    for at, entry in enumerate(INDUSTRIES):
        others = [(at + step) % len(INDUSTRIES) for step in range(17, 40)]
        found.append(next(i for i in others if INDUSTRIES[i].code[:2] != entry.code[:2]))
    return np.array(found, dtype=np.int64)


def _accreditation(papers: Papers, rng: np.random.Generator) -> Arrow:
    share = np.array([s.accredited for s in SCHEMES])[papers.scheme]
    marked = chance(rng, share * np.where(papers.register.lax[papers.body], 0.6, 1.1)) & ~papers.own_word
    other = chance(rng, 0.08, len(share)) & ~papers.own_word
    return words(("cnas", "other", "unaccredited"), np.where(marked, 0, np.where(other, 1, 2)))


def plant_purchases(papers: Papers, loans: Loans, planted: Planted) -> None:
    """Note the applications before which a firm bought several certificates."""
    _, first = np.unique(loans.firm, return_index=True)
    owner, application = loans.firm[first], first.astype(np.int64)
    audit = np.unique(papers.cycle[papers.bought & (papers.scheme != position("CCC"))])
    firm = papers.chains.firm[papers.cycles.chain[audit]]
    before = papers.firms.asks[firm] - papers.cycles.issued[audit]
    within = (before >= 0) & (before <= BOUGHT_WITHIN)
    many = np.bincount(firm[within], minlength=len(papers.firms)) >= 2
    planted.add("bought_before_applying", owner[many[owner]], loans.identity.take(pa.array(application[many[owner]])),
                loans.applied[application[many[owner]]])  # fmt: skip
