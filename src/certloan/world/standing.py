"""What certificates and failed checks *cause*, apart from what they tell: the only effects of evidence on a firm.

A management system for quality that was audited in earnest and is kept up raises quality a little while it is in force.
A failed batch that nobody put right costs customers until it is. Nothing else in the world has an effect of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.world.bodies import Register
from certloan.world.cycles import RESTORED, SUSPENDED, Cycles
from certloan.world.draws import NEVER, Flags, Floats, Ints, meetings
from certloan.world.firms import Firms
from certloan.world.participation import Chains
from certloan.world.schemes import position

#: What a kept management system adds to latent quality. A choice, and a small one: quality has a spread of one.
SYSTEM_LIFTS_QUALITY = 0.25
#: What an open failure adds to the log odds of default, and for how long at most (days).
OPEN_FAILURE, FORGOTTEN_AFTER = 0.30, 1095

NEVER_HELD, KEPT, SUSPENDED_NOW, LAPSED = range(4)


@dataclass(frozen=True)
class Systems:
    """The quality management systems that are real, one entry for each cycle, and when they were suspended."""

    firms: int
    firm: Ints
    issued: Ints
    ends: Ints  # expiry, or the day of withdrawal or cancellation
    pause_firm: Ints
    pause_from: Ints
    pause_to: Ints

    def state_on(self, firm: Ints, days: Ints) -> Ints:
        """Tell how some firms stood on some days: never held, kept, suspended, or lapsed."""
        asked, cycle = meetings(self.firm, self.firms, firm)
        began = self.issued[cycle] <= days[asked]
        runs = began & (days[asked] <= self.ends[cycle])
        paused, pause = meetings(self.pause_firm, self.firms, firm)
        pauses = (self.pause_from[pause] <= days[paused]) & (days[paused] < self.pause_to[pause])
        state = np.where(_any(asked, began, len(firm)), LAPSED, NEVER_HELD)
        state = np.where(_any(asked, runs, len(firm)), KEPT, state)
        stopped = _any(paused, pauses, len(firm)) & (state == KEPT)
        return np.where(stopped, SUSPENDED_NOW, state).astype(np.int64)


def _any(owner: Ints, flags: Flags, n: int) -> Flags:
    return np.asarray(np.bincount(owner[flags], minlength=n) > 0)


def systems(firms: Firms, chains: Chains, cycles: Cycles, register: Register) -> Systems:
    """Find the cycles of quality management systems that were audited in earnest: by a strict body, and not bought."""
    prints = np.zeros(len(chains.firm), dtype=bool)
    prints[chains.member_chain[chains.member_scheme == position("A01")]] = True
    real = (prints & ~chains.bought)[cycles.chain] & ~register.lax[cycles.body]
    pauses = np.flatnonzero((cycles.event == SUSPENDED) & real[cycles.event_cycle])
    cycle, begins = cycles.event_cycle[pauses], cycles.event_on[pauses]
    back = np.full(len(cycles.chain), NEVER, dtype=np.int64)
    returns = cycles.event == RESTORED
    ends = cycles.expires[cycle].copy()
    # A cycle may pause more than once: each pause ends with the first return after it.
    asked, found = meetings(cycles.event_cycle[returns], len(back), cycle)
    day = cycles.event_on[returns][found]
    after = day >= begins[asked]
    np.minimum.at(ends, asked[after], day[after])
    return Systems(
        firms=len(firms),
        firm=chains.firm[cycles.chain[real]],
        issued=cycles.issued[real],
        ends=np.minimum(cycles.expires, cycles.stopped)[real],
        pause_firm=chains.firm[cycles.chain[cycle]],
        pause_from=begins,
        pause_to=ends,
    )


@dataclass(frozen=True)
class Failures:
    """Failed batches that stood: from the day the firm was told until they were put right, or forgotten."""

    firms: int
    firm: Ints
    told: Ints
    closed: Ints

    def open_on(self, firm: Ints, days: Ints) -> Flags:
        """Tell which firms had a failed batch on some days that nobody had put right."""
        asked, at = meetings(self.firm, self.firms, firm)
        last = np.minimum(self.closed[at], self.told[at] + FORGOTTEN_AFTER)
        return _any(asked, (self.told[at] <= days[asked]) & (days[asked] < last), len(firm))


def quality_on(firms: Firms, held: Systems, firm: Ints, days: Ints) -> Floats:
    """Give the quality of some firms on some days, with what a kept management system adds."""
    kept = held.state_on(firm, days) == KEPT
    return np.asarray(np.round(firms.quality[firm] + SYSTEM_LIFTS_QUALITY * kept, 4), dtype=np.float64)
