"""Who asks for a loan, who gets it, and who fails: the heart of the world, since everything else is evidence of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES, OBSERVED_DAYS
from certloan.world.draws import (
    NEVER,
    Arrow,
    Flags,
    Floats,
    Ints,
    between,
    calendar,
    chance,
    dates,
    digits,
    growth,
    joined,
    logistic,
    normal,
    on,
    pick,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import SOLE_TRADER, Firms, whole
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES
from certloan.world.standing import KEPT, LAPSED, OPEN_FAILURE, SYSTEM_LIFTS_QUALITY, Failures, Systems

#: Log odds of default within twelve months. Strength carries most of it, quality a real but modest part; a kept
#: management system acts through quality, and an open failure by itself (:mod:`certloan.world.standing`).
_BASE = -3.87
_PER_STRENGTH, PER_QUALITY, _PER_SIZE = -1.35, -0.95, -0.10
PER_LEANING = 0.15  # each step by which a borrower uses more of its lines than its strength suggests
_PER_YOUTH = 0.45  # registered less than three years before
PER_DOUBLED_REQUEST = 0.28  # each doubling of the amount against what the revenue suggests
_AFTER_DISTRESS = 2.6
#: Good and bad times for everybody, by year of application.
_TIMES = {2021: -0.05, 2022: 0.2, 2023: 0.15, 2024: 0.0, 2025: -0.05, 2026: 0.0}
_BAD_INDUSTRIES = {"4710": 0.5, "3011": 0.3, "1819": 0.2, "5131": 0.15, "6210": 0.2, "7452": -0.3, "6513": -0.15}

_MOST_APPLICATIONS = 4
_FIRST_APPLIES, _APPLIES_AGAIN = 0.9, 0.62
_REMAIN_AFTER_DISTRESS = 0.25
#: A firm without an application fails quietly, with this chance at mean strength over the whole time.
_QUIET_FAILURE = 0.10

#: Loans asked for at a branch elsewhere; it tells nothing.
_FAR_LENDER = 0.12
PRODUCTS = ("认证贷", "质量贷", "标准贷", "品字标贷", "流水贷")
STATUSES = ("pending", "granted", "refused")
#: A bank answers within this many days; what was asked later is still pending when the second delivery is made.
ANSWER_DAYS = 90
PURPOSES = ("working_capital", "quality_improvement", "equipment", "other")


@dataclass(frozen=True)
class Loans:
    """Applications in order of their number, with what is known of them only here."""

    firm: Ints
    applied: Ints
    amount: Ints
    term: Ints
    odds: Floats  # log odds of default
    strength: Floats
    standing: Ints  # how the firm's quality management system stood on the day
    open_failure: Flags
    granted: Flags
    default: Ints  # day, or NEVER; also for those not granted
    identity: Arrow  # application_id

    @property
    def pd(self) -> Floats:
        """The true probability of default."""
        return logistic(self.odds)


def lend(firms: Firms, held: Systems, failures: Failures, seed: int) -> tuple[Firms, Loans]:
    """Draw applications one after another, so that a failure is known to what comes after it."""
    rng = stream(seed, "applications")
    distress = np.full(len(firms), NEVER, dtype=np.int64)
    parts: list[tuple[Ints, ...]] = []
    active = chance(rng, _FIRST_APPLIES, len(firms))
    applied = firms.asks.copy()
    for _ in range(_MOST_APPLICATIONS):
        late = applied > distress
        active &= (applied <= CLOSES - 1) & (~late | chance(rng, _REMAIN_AFTER_DISTRESS, len(firms)))
        who = np.flatnonzero(active).astype(np.int64)
        part = _ask(rng, firms, held, failures, who, applied[who], late[who])
        parts.append(part)
        fresh = np.full(len(firms), NEVER, dtype=np.int64)
        fresh[who] = part[-1]
        distress = np.minimum(distress, np.where(fresh == NEVER, NEVER, fresh - 90))
        applied = applied + between(rng, 180, 640, len(firms))
        active &= chance(rng, _APPLIES_AGAIN, len(firms))
    distress = _quiet_failures(stream(seed, "quiet failures"), firms, distress, parts[0][0])
    firms = replace(firms, distress=distress, ended=_ends(stream(seed, "ends"), firms, distress))
    return firms, _numbered(firms, parts)


def _ask(
    rng: np.random.Generator, firms: Firms, held: Systems, failures: Failures, who: Ints, applied: Ints, late: Flags
) -> tuple[Ints, ...]:
    """Draw one application of each firm in ``who``."""
    n = len(who)
    stretch = normal(rng, n)  # how much more is asked for than the revenue suggests
    amount = whole(firms.revenue[who] * 0.12 * growth(0.7 * stretch), 10_000).clip(50_000, 20_000_000)
    strength = firms.strength_on(who, applied)
    standing = held.state_on(who, applied)
    # Who cannot pay any more does not keep its system up either.
    standing = np.where(late & (standing == KEPT), LAPSED, standing)
    unsettled = failures.open_on(who, applied)
    odds = _log_odds(firms, who, applied, strength, stretch) + _AFTER_DISTRESS * late
    odds = odds + PER_QUALITY * SYSTEM_LIFTS_QUALITY * (standing == KEPT) + OPEN_FAILURE * unsettled
    odds = np.round(odds, 6)
    fails = chance(rng, logistic(odds))
    default = np.where(fails, applied + between(rng, 125, 360, n), NEVER)
    term = np.array([6, 12, 12, 24, 36])[pick(rng, (0.1, 0.35, 0.3, 0.15, 0.1), n)]
    seen = strength + 0.25 * firms.size[who] + 0.9 * normal(rng, n)  # what the bank of the day made of the firm
    granted = chance(rng, logistic(1.7 + 1.1 * seen - 1.5 * late))
    kept = np.rint(odds * 1e6), np.rint(strength * 1e4)
    columns = (who, applied, amount, term, *kept, standing, unsettled, granted, default)
    return tuple(np.asarray(column, dtype=np.int64) for column in columns)


def _log_odds(firms: Firms, who: Ints, applied: Ints, strength: Floats, stretch: Floats) -> Floats:
    industry = np.array([_BAD_INDUSTRIES.get(entry.code, 0.0) for entry in INDUSTRIES])[firms.industry[who]]
    year, _, _ = calendar(applied)
    times = np.array([_TIMES.get(y, 0.0) for y in range(2021, 2027)])[np.clip(year - 2021, 0, 5)]
    young = (applied - firms.registered[who]) < 3 * 365
    return np.asarray(
        _BASE
        + _PER_STRENGTH * strength
        + PER_QUALITY * firms.quality[who]
        + _PER_SIZE * firms.size[who]
        + _PER_YOUTH * young
        + PER_DOUBLED_REQUEST * stretch
        + PER_LEANING * firms.leaning[who] * firms.borrows[who]
        + industry
        + times
    )


def _quiet_failures(rng: np.random.Generator, firms: Firms, distress: Ints, applicants: Ints) -> Ints:
    others = np.ones(len(firms), dtype=bool)
    others[applicants] = False
    fails = others & chance(rng, logistic(np.log(_QUIET_FAILURE) + _PER_STRENGTH * firms.strength_in(2022)))
    when = between(rng, np.maximum(firms.registered + 365, on(2019, 6, 1)), CLOSES)
    return np.where(fails, when, distress).astype(np.int64)


def _ends(rng: np.random.Generator, firms: Firms, distress: Ints) -> Ints:
    """Some of those who cannot pay are struck off one to three years later; a few others close in good order."""
    struck = (distress != NEVER) & chance(rng, 0.3, len(firms))
    after = np.where(struck, distress + between(rng, 250, 900, len(firms)), NEVER)
    firm, when = yearly_events(rng, np.full((len(firms), 5), 0.003), 2022)
    closing = np.full(len(firms), NEVER, dtype=np.int64)
    closing[firm] = when
    closing[closing < firms.registered + 900] = NEVER
    return np.minimum(after, closing)


def _numbered(firms: Firms, parts: list[tuple[Ints, ...]]) -> Loans:
    who, applied, amount, term, odds, strength, standing, unsettled, granted, default = (
        np.concatenate([part[i] for part in parts]) for i in range(10)
    )
    alive = applied < firms.ended[who]
    order = np.lexsort((who, applied))
    order = order[alive[order]].astype(np.int64)
    year, _, _ = calendar(applied[order])
    identity = joined("SQ", pa.array(year).cast(pa.string()), digits(firms.running(len(order), 4), 7))
    return Loans(
        firm=who[order],
        applied=applied[order],
        amount=amount[order],
        term=term[order],
        odds=np.round(odds[order] / 1e6, 6),
        strength=np.round(strength[order] / 1e4, 4),
        standing=standing[order],
        open_failure=unsettled[order].astype(bool),
        granted=granted[order].astype(bool),
        default=default[order],
        identity=identity,
    )


def application_table(firms: Firms, loans: Loans, uscc: Arrow, seed: int) -> pa.Table:
    """Write the applications. Jobs, area and the product's name tell nothing about default.

    A start-up is a firm registered less than two years before: it tells of youth, which raises the odds.
    """
    rng = stream(seed, "application columns")
    n = len(loans.firm)
    answer = np.where(loans.applied >= CLOSES - ANSWER_DAYS, 0, np.where(loans.granted, 1, 2)).astype(np.int64)
    county = np.array([int(place.code[:4]) for place in PLACES])
    far = chance(rng, _FAR_LENDER, n)
    county = np.where(far, county[between(rng, 0, len(PLACES) - 1, n)], county[firms.place[loans.firm]])
    jobs = np.rint(firms.employees[loans.firm] * growth(0.15 * normal(rng, n))).clip(1, None).astype(np.int64)
    return pa.table(
        {
            "application_id": loans.identity,
            "uscc": uscc.take(pa.array(loans.firm)),
            "applied_on": dates(loans.applied),
            "amount": pa.array(loans.amount),
            "term_months": pa.array(loans.term),
            "purpose": words(PURPOSES, pick(rng, (0.62, 0.14, 0.19, 0.05), n)),
            "product": words(PRODUCTS, pick(rng, (0.3, 0.25, 0.15, 0.1, 0.2), n)),
            "status": words(STATUSES, answer),
            "jobs_created": where(chance(rng, 0.7, n), pa.array(rng.poisson(2.0, n).astype(np.int64))),
            "employees_stated": where(chance(rng, 0.93, n), pa.array(jobs)),
            "startup": pa.array((loans.applied - firms.registered[loans.firm]) < 2 * 365),
            "revolving": pa.array(chance(rng, 0.3, n)),
            "area": words(("urban", "rural"), pick(rng, (0.7, 0.3), n)),
            "lender_region_code": pa.array(county * 100).cast(pa.string()),
            "known_on": dates(loans.applied),
        }
    )


def outcome_table(loans: Loans, seed: int) -> pa.Table:
    """Write what became of granted loans whose twelve months are over."""
    rng = stream(seed, "outcome columns")
    n = len(loans.firm)
    observed_to = loans.applied + OBSERVED_DAYS
    failed = loans.default != NEVER
    exposure = whole(loans.amount * (0.55 + 0.45 * np.round(rng.random(n), 4)), 100)
    recovered = whole(exposure * np.round(rng.beta(1.6, 2.4, n), 4), 100)
    table = pa.table(
        {
            "application_id": loans.identity,
            "observed_to": dates(observed_to),
            "defaulted": pa.array(failed),
            "default_on": dates(loans.default),
            "exposure": where(failed, pa.array(exposure)),
            "recovered": where(failed, pa.array(recovered)),
            "known_on": dates(observed_to),
        }
    )
    return table.filter(pa.array(loans.granted & (observed_to <= CLOSES)))


def consent_table(firms: Firms, loans: Loans, uscc: Arrow, seed: int) -> pa.Table:
    """Write the consents: nearly every applicant allowed the credit check, for two years at most."""
    rng = stream(seed, "consents")
    first = np.unique(np.stack([loans.firm, loans.applied], axis=1), axis=0)
    kept = first[chance(rng, np.where(firms.form[first[:, 0]] == SOLE_TRADER, 0.97, 0.985))]
    firm = np.concatenate([kept[:, 0], kept[:, 0]])
    granted = np.concatenate([kept[:, 1], kept[:, 1]])
    purpose = np.repeat(np.array([0, 1], dtype=np.int64), len(kept))
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "purpose": words(("credit_check", "data_use"), purpose),
            "granted_on": dates(granted),
            "expires_on": dates(granted + np.array([365, 730])[pick(rng, (0.7, 0.3), len(firm))]),
            "known_on": dates(granted),
        }
    )
