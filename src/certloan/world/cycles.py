"""What becomes of certificates: renewals, surveillance in time, late or missed, suspension, withdrawal, a body that
loses its licence. All chains walk together from cycle to cycle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from certloan.world.bodies import Register
from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Flags,
    Floats,
    Ints,
    add_months,
    between,
    chance,
    logistic,
    on,
    stream,
)  # fmt: skip
from certloan.world.firms import Firms
from certloan.world.participation import Chains
from certloan.world.schemes import SCHEMES, SYSTEM, position

_RENEWS, _RENEWS_PER_QUALITY, _RENEWS_PER_STRENGTH = 1.9, 0.65, 0.4
#: Log odds that a surveillance audit is missed; it is missed when a firm is weak, and most when it grows weaker.
_MISSES, _MISSES_PER_QUALITY, _MISSES_PER_STRENGTH, _MISSES_PER_FALL = -3.2, -0.7, -0.8, 2.0
#: Log odds that it comes late, but comes.
_LATE, _LATE_PER_STRENGTH = -2.0, -0.4
#: Log odds that a suspended certificate is restored.
_RESTORED, _RESTORED_PER_STRENGTH = 0.45, 0.6
#: Since 2026 an overdue audit suspends at once; before, an audit could be three months late (15 months in all) and a
#: renewal six months.
STRICT_FROM = on(2026, 1, 1)
_GRACE, _SUSPENDED_FOR = 92, 183
_RENEWED_LATE = 0.05
_MOST_CYCLES = 24
#: A product of the compulsory catalogue may not be sold without: its certificate is kept when others are let go.
_NEEDED = 1.8
_UNSURVEYED = ("ORGANIC", "SANTONG")
#: When a body loses its licence: certificates withdrawn by the authority, and holders who go to another body.
_WITHDRAWN_WITH_BODY, _MOVES, _MOVES_PER_QUALITY = 0.5, 0.3, 0.7
_CHANGED = 0.05

EVENTS = (
    "surveillance_passed", "suspended", "restored", "withdrawn", "cancelled", "recertified", "special_audit_passed",
    "changed", "expired", "issued",
)  # fmt: skip
PASSED, SUSPENDED, RESTORED, WITHDRAWN, CANCELLED, RECERTIFIED, SPECIAL, CHANGED, EXPIRED, ISSUED = range(10)
#: Events at which an audit team was there.
BY_TEAM = (PASSED, RESTORED, RECERTIFIED, SPECIAL, ISSUED)


@dataclass(frozen=True)
class Cycles:
    """One audit each: a cycle of a chain, and what happened while it ran."""

    chain: Ints
    number: Ints
    issued: Ints
    expires: Ints
    body: Ints
    stopped: Ints  # withdrawn or cancelled on, or NEVER
    event_cycle: Ints
    event: Ints
    event_on: Ints

    def until(self, chains: Chains, stop: Ints) -> Cycles:
        """End what a firm that cannot pay would have gone on with; ``stop`` is a day for each firm.

        The body cancels its running certificates some months later.
        """
        limit = stop[chains.firm[self.chain]]
        breaks = (self.issued < limit) & (limit < self.expires) & (self.stopped > limit)
        cancelled = np.where(breaks, limit + 20 + (self.chain * 37 + self.number * 11) % 131, NEVER)
        cancelled = np.where(cancelled < self.expires, cancelled, NEVER)
        kept = self.issued < limit
        renumbered = np.cumsum(kept) - 1
        was = kept[self.event_cycle] & ((self.event_on <= limit[self.event_cycle]) | (self.event == EXPIRED))
        was &= ~((self.event == EXPIRED) & (cancelled[self.event_cycle] != NEVER))
        ends = np.flatnonzero(kept & (cancelled <= CLOSES)).astype(np.int64)
        cycle = np.concatenate([self.event_cycle[was], ends])
        stopped = np.where(self.stopped <= limit, self.stopped, cancelled)
        return Cycles(
            chain=self.chain[kept],
            number=self.number[kept],
            issued=self.issued[kept],
            expires=self.expires[kept],
            body=self.body[kept],
            stopped=stopped[kept],
            event_cycle=renumbered[cycle],
            event=np.concatenate([self.event[was], np.full(len(ends), CANCELLED, dtype=np.int64)]),
            event_on=np.concatenate([self.event_on[was], cancelled[ends]]),
        )

    def with_events(self, cycle: Ints, kind: int, when: Ints) -> Cycles:
        """Add events of one kind."""
        return replace(
            self,
            event_cycle=np.concatenate([self.event_cycle, cycle]),
            event=np.concatenate([self.event, np.full(len(cycle), kind, dtype=np.int64)]),
            event_on=np.concatenate([self.event_on, when]),
        )


def walk(firms: Firms, chains: Chains, register: Register, seed: int) -> Cycles:
    """Walk all chains as if every firm could always pay; :meth:`Cycles.until` corrects that later."""
    rng = stream(seed, "cycles")
    walker = _Walker(rng, firms, chains, register)
    chain = np.flatnonzero(chains.first < CLOSES).astype(np.int64)
    issued = chains.first[chain]
    body = register.choose(stream(seed, "body choice"), firms.quality[chains.firm[chain]], chains.field[chain])
    sold = _corrupt_for(stream(seed, "sold by"), register, chains.field[chain])
    fresh = register.choose(stream(seed, "strict body"), firms.quality[chains.firm[chain]], chains.field[chain], False)
    body = np.where(register.revoked[body] <= issued, fresh, body)
    body = np.where(chains.bought[chain], sold, body)
    for number in range(_MOST_CYCLES):
        chain, issued, body = walker.cycle(number, chain, issued, body)
    return walker.done()


def _corrupt_for(rng: np.random.Generator, register: Register, field: Ints) -> Ints:
    """Choose who sells: a corrupt body, approved for the field where there is one."""
    sellers = np.flatnonzero(register.corrupt).astype(np.int64)
    fits = register.approved[sellers][:, field].T + 0.5 * rng.random((len(field), len(sellers)))
    return np.asarray(sellers[np.argmax(fits, axis=1)], dtype=np.int64)


class _Walker:
    def __init__(self, rng: np.random.Generator, firms: Firms, chains: Chains, register: Register) -> None:
        self.rng, self.firms, self.chains, self.register = rng, firms, chains, register
        wanted = np.array([scheme.code not in _UNSURVEYED for scheme in SCHEMES])[chains.member_scheme]
        self.surveyed = np.zeros(len(chains.firm), dtype=bool)
        self.surveyed[chains.member_chain[wanted]] = True
        self.surveyed &= ~chains.own_word
        self.needed = np.zeros(len(chains.firm), dtype=bool)
        self.needed[chains.member_chain[chains.member_scheme == position("CCC")]] = True
        system = SYSTEM[chains.member_scheme]
        self.system = np.zeros(len(chains.firm), dtype=bool)
        self.system[chains.member_chain[system]] = True
        self.made: list[tuple[Ints, ...]] = []
        self.events: list[tuple[Ints, Ints, Ints]] = []
        self.count = 0

    def cycle(self, number: int, chain: Ints, start: Ints, body: Ints) -> tuple[Ints, Ints, Ints]:
        """Let one cycle of each chain happen; give the chains that go on, with the next issue and the next body."""
        rng, n = self.rng, len(chain)
        firm = self.chains.firm[chain]
        end = add_months(start, 12 * self.chains.years[chain]) - 1
        lost = self.register.revoked[body]
        hit = (lost > start) & (lost < end) & ~self.chains.own_word[chain]
        stopped = np.where(hit & chance(rng, _WITHDRAWN_WITH_BODY, n), lost + between(rng, 30, 90, n), NEVER)
        self._note(stopped < end, WITHDRAWN, stopped)
        stopped = self._surveillance(chain, start, end, stopped)
        quality, late = self.firms.quality[firm], chance(rng, _RENEWED_LATE, n)
        renewal = np.where(late, end + between(rng, 10, 170, n), end - between(rng, 0, 25, n))
        strength = self.firms.strength_on(firm, np.minimum(end, CLOSES))
        odds = _RENEWS + _RENEWS_PER_QUALITY * quality + 0.9 * (self.chains.years[chain] == 1)
        odds = odds + _NEEDED * self.needed[chain]
        renews = chance(rng, logistic(odds + _RENEWS_PER_STRENGTH * strength)) & (stopped == NEVER) & ~hit
        renews &= ~late | (renewal < STRICT_FROM)
        moves = hit & chance(rng, logistic(_MOVES + _MOVES_PER_QUALITY * quality)) & ~self.chains.bought[chain]
        issued = np.where(moves, lost + between(rng, 60, 240, n), renewal)
        goes_on = (renews | moves) & (issued <= CLOSES)
        self._note(goes_on & ~moves & ~late, RECERTIFIED, renewal)
        self._note(~goes_on & (stopped == NEVER) & chance(rng, 0.7, n), EXPIRED, end + 1)
        changed = start + between(rng, 40, 700, n)
        self._note(chance(rng, _CHANGED, n) & (changed < np.minimum(end, stopped)), CHANGED, changed)
        self._note(self.system[chain] & (number == 0), ISSUED, start)
        self.made.append((chain, np.full(n, number, dtype=np.int64), start, end, body, stopped))
        self.count += n
        fresh = self.register.choose(rng, quality, self.chains.field[chain], lax_too=False)
        body = np.where(self.register.revoked[body] <= issued, fresh, body)
        return chain[goes_on], issued[goes_on], body[goes_on]

    def _surveillance(self, chain: Ints, start: Ints, end: Ints, stopped: Ints) -> Ints:
        """Draw the audits between issue and expiry, each due twelve months after the one before."""
        rng, n, firm = self.rng, len(chain), self.chains.firm[chain]
        last = start
        for _ in range(4):
            due = add_months(last, 12)
            limit = np.minimum(end, stopped)
            active = self.surveyed[chain] & (due < end - 45) & (due < stopped)
            strength = self.firms.strength_on(firm, np.minimum(due, CLOSES))
            fall = self.firms.strength_on(firm, np.minimum(due, CLOSES) - 365) - strength
            missing = _MISSES + _MISSES_PER_QUALITY * self.firms.quality[firm] + _MISSES_PER_STRENGTH * strength
            missing = missing - 0.5 * _NEEDED * self.needed[chain]
            missed = active & chance(rng, logistic(missing + _MISSES_PER_FALL * np.maximum(fall, 0.0)))
            late = active & ~missed & chance(rng, logistic(_LATE + _LATE_PER_STRENGTH * strength))
            audit = due + np.where(late, between(rng, 8, 80, n), -between(rng, 0, 60, n))
            suspended = due + np.where(due >= STRICT_FROM, 7, _GRACE)
            falls = missed | (late & (suspended < audit))
            suspended = np.where(falls & (suspended < limit), suspended, NEVER)
            back = np.where(late, audit, suspended + between(rng, 30, 170, n))
            restored = (suspended != NEVER) & (back < limit) & (late | chance(rng, self._restored(strength, firm)))
            self._note(active & ~missed & ~falls & (audit < limit), PASSED, audit)
            self._note(suspended < limit, SUSPENDED, suspended)
            self._note(restored, RESTORED, back)
            withdrawn = np.where(falls & ~restored, suspended + _SUSPENDED_FOR, NEVER)
            withdrawn = np.where((suspended < limit) & (withdrawn < limit), withdrawn, NEVER)
            self._note(withdrawn < limit, WITHDRAWN, withdrawn)
            # Suspended until it expired: nothing is left to renew either.
            stopped = np.minimum(stopped, np.where(falls & ~restored, np.minimum(withdrawn, end), NEVER))
            last = np.where(falls, back, audit)
        return stopped

    def _restored(self, strength: Floats, firm: Ints) -> Floats:
        odds = _RESTORED + _RESTORED_PER_STRENGTH * strength + 0.4 * self.firms.quality[firm]
        return logistic(odds)

    def _note(self, happens: Flags, kind: int, when: Ints) -> None:
        which = np.flatnonzero(happens & (when <= CLOSES)).astype(np.int64)
        self.events.append((self.count + which, np.full(len(which), kind, dtype=np.int64), when[which]))

    def done(self) -> Cycles:
        cycles = (np.concatenate([part[i] for part in self.made]) for i in range(6))
        return Cycles(*cycles, *(np.concatenate([part[i] for part in self.events]) for i in range(3)))
