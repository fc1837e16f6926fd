"""What the credit bureau says: accounts month by month, inquiries, and the tax authority's grade."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from certloan.world.calendar import CLOSES, OPENS_IN
from certloan.world.draws import (
    NEVER,
    Arrow,
    Flags,
    Ints,
    between,
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
    replaced,
    stream,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import SOLE_TRADER, Firms, along, whole

KINDS = ("working_capital", "fixed_asset", "credit_line", "guarantee", "other")
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
LENDERS = tuple(f"样例银行{mark}" for mark in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")

_FIRST_MONTH = (2017 - 1970) * 12
_MONTHS = (2026 - 2017) * 12 + 6
_LAG = 10
_OPENED_FROM = on(2005, 1, 5)
_FIRST_AFTER = 800.0  # days from the start of a firm to its first account, on average
_SEEN_BEFORE = 1110  # days: a lender sees the months of three years before the first application, and all that follow
_A_YEAR = -1.75  # log of how many accounts a borrower of mean size takes up a year
_EXTENDS, _EXTENDS_PER_STRENGTH = -3.6, -0.8  # log odds that a loan is extended before it matures
_MISSES, _MISSES_PER_STRENGTH = -4.6, -1.3  # log odds that a month's payment is missed
_CATCHES_UP = 0.62
_WRITTEN_OFF = 480  # days past due after which an account is no longer reported


class Accounts:
    """The accounts of the world, one entry each. A firm takes them up one after another over its whole life."""

    def __init__(self, firms: Firms, seed: int) -> None:
        rng = stream(seed, "accounts")
        began = np.maximum(firms.registered + 120, _OPENED_FROM)
        # The first account comes some years after the start, the others at random: how much of this lies before an
        # application depends on the firm's age then, not on the year in which it applies.
        wait = np.rint(rng.exponential(_FIRST_AFTER, len(firms))).astype(np.int64)
        years = np.maximum(CLOSES - began - wait, 0) / 365.25
        mean = growth(_A_YEAR + 0.3 * firms.size).clip(0.03, 1.2) * years
        drawn = np.where(firms.borrows & (years > 0), 1 + rng.poisson(mean), 0)
        self.firm, self.number = explode(drawn.clip(0, 16).astype(np.int64))
        n = len(self.firm)
        self.kind = pick(rng, (0.6, 0.1, 0.22, 0.05, 0.03), n)
        first = (began + wait)[self.firm]
        later = np.floor(np.maximum(CLOSES - first, 0) * rng.random(n)).astype(np.int64)
        self.opened = first + np.where(self.number == 0, 0, later)
        months = np.array([12, 12, 24, 36, 60])[pick(rng, (0.35, 0.25, 0.2, 0.15, 0.05), n)]
        self.matures = self.opened + np.rint(months * 30.4375).astype(np.int64)
        share = growth(-2.3 + 0.6 * normal(rng, n))
        self.limit = whole(firms.revenue[self.firm] * share, 10_000).clip(20_000, 50_000_000)
        self.lender = pick(rng, [1.0 / (i + 2) for i in range(len(LENDERS))], n)
        strength = firms.strength_on(self.firm, np.minimum(self.matures, CLOSES))
        extends = (self.kind < 2) & chance(rng, logistic(_EXTENDS + _EXTENDS_PER_STRENGTH * strength))
        self.extended = np.where(extends, self.matures - between(rng, 5, 40, n), NEVER)
        self.prolonged = self.matures + np.where(extends, 182, 0)
        keep = (self.opened < firms.ended[self.firm]) & (self.opened < firms.distress[self.firm])
        for name, values in list(vars(self).items()):
            setattr(self, name, values[keep])


def tables(firms: Firms, uscc: Arrow, seed: int) -> tuple[pa.Table, pa.Table]:
    """Write ``credit_account`` and ``credit_month``."""
    accounts = Accounts(firms, seed)
    number = joined("ZH", digits(firms.serial[accounts.firm] + 1, 7), digits(accounts.number + 1, 2))
    owner = uscc.take(pa.array(accounts.firm))
    account_table = pa.table(
        {
            "uscc": owner,
            "account_no": number,
            "lender": words(LENDERS, accounts.lender),
            "kind": words(KINDS, accounts.kind),
            "credit_limit": pa.array(accounts.limit),
            "opened_on": dates(accounts.opened),
            "matures_on": dates(accounts.matures),
            "extended": pa.array(np.zeros(len(accounts.firm), dtype=bool)),
            "known_on": dates(accounts.opened + _LAG),
        }
    )
    later = np.flatnonzero(accounts.extended < np.minimum(firms.ended[accounts.firm], CLOSES - _LAG)).astype(np.int64)
    prolonged = replaced(
        account_table.take(pa.array(later)),
        matures_on=dates(accounts.prolonged[later]),
        extended=pa.array(np.ones(len(later), dtype=bool)),
        known_on=dates(accounts.extended[later] + _LAG),
    )
    return pa.concat_tables([account_table, prolonged]), _months(firms, accounts, owner, number, seed)


def _months(firms: Firms, accounts: Accounts, owner: Arrow, number: Arrow, seed: int) -> pa.Table:
    overdue, reported = _arrears(firms, accounts, stream(seed, "arrears"))
    account, month = np.nonzero(reported)
    rng = stream(seed, "balances")
    n = len(account)
    firm = accounts.firm[account]
    first_day = (month + _FIRST_MONTH).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    next_first = (month + _FIRST_MONTH + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    strength = along(firms.strength, firm, first_day)
    late = overdue[account, month].astype(np.int64)
    # One utilisation per account, moved by strength and by the month, so that a line is not drawn anew each month.
    own = 0.75 * firms.leaning[firm] + 0.4 * normal(rng, len(accounts.firm))[account]
    used = logistic(0.5 - 0.85 * strength + 0.5 * own + 0.35 * normal(rng, n) + 0.8 * (late > 0))
    line = accounts.kind[account] == KINDS.index("credit_line")
    used = np.where(line, used, np.round(0.75 + 0.25 * used, 6))
    limit = accounts.limit[account]
    grade = np.searchsorted([8, 91, 271, 361], late, side="right")
    balance = whole(limit * used, 100)
    behind = balance * np.minimum(np.ceil(late / 30.0) * 0.06, 1.0)
    watched = (grade == 0) & chance(rng, logistic(-4.6 - 0.9 * strength))
    return pa.table(
        {
            "uscc": owner.take(pa.array(account)),
            "account_no": number.take(pa.array(account)),
            "month": dates(first_day),
            "balance": pa.array(balance),
            "credit_limit": pa.array(limit),
            "five_class": words(CLASSES, np.where(watched, 1, grade)),
            "days_past_due": pa.array(late),
            "overdue_amount": pa.array(np.where(late > 0, whole(np.asarray(behind, dtype=np.float64), 10).clip(10), 0)),
            "known_on": dates(next_first - 1 + _LAG),
        }
    )


def _arrears(firms: Firms, accounts: Accounts, rng: np.random.Generator) -> tuple[NDArray[np.int16], Flags]:
    """Walk all accounts through the months together: days past due, and whether the month is reported."""
    n = len(accounts.firm)
    overdue = np.zeros((n, _MONTHS), dtype=np.int16)
    reported = np.zeros((n, _MONTHS), dtype=bool)
    days = np.zeros(n, dtype=np.int64)
    distress, ended = firms.distress[accounts.firm], firms.ended[accounts.firm]
    asked = firms.asks[accounts.firm]
    for month in range(_MONTHS):
        year = 2017 + month // 12
        last = on(year + (month % 12 == 11), (month + 1) % 12 + 1) - 1
        strength = along(firms.strength, accounts.firm, np.full(n, last - 15, dtype=np.int64))
        broke = last > distress
        misses = chance(rng, logistic(_MISSES + _MISSES_PER_STRENGTH * strength))
        catches = chance(rng, np.round(_CATCHES_UP + 0.1 * np.clip(strength, -2, 2), 6)) | (days > 75)
        running = np.where(days > 0, np.where(catches, 0, days + 30), np.where(misses, 2 + (rng.random(n) * 28), 0))
        days = np.where(broke, np.where(days > 0, days + 30, np.minimum(last - distress, 30)), running).astype(np.int64)
        live = (accounts.opened <= last) & (last < ended) & ((accounts.prolonged >= last - 30) | (days > 0))
        days = np.where(live, days, 0)
        overdue[:, month] = days
        reported[:, month] = live & (days <= _WRITTEN_OFF) & (last > asked - _SEEN_BEFORE)
    return overdue, reported


def inquiry_table(firms: Firms, uscc: Arrow, applied: tuple[Ints, Ints], seed: int) -> pa.Table:
    """Write inquiries: before every application one or more by other banks, and a stream that grows with weakness.

    ``applied`` gives the firm and the day of each application.
    """
    rng = stream(seed, "inquiries")
    firm, when = yearly_events(rng, 0.65 * growth(-0.5 * firms.strength_since(2018)), 2018)
    weak = firms.strength_on(*applied)
    shopping, _ = explode(rng.poisson(growth(-0.5 - 0.6 * weak)).astype(np.int64))
    firm = np.concatenate([firm, applied[0][shopping]])
    when = np.concatenate([when, applied[1][shopping] - between(rng, 3, 150, len(shopping))])
    purpose = pick(rng, (0.52, 0.3, 0.06, 0.12), len(firm))
    purpose[len(firm) - len(shopping) :] = 0
    keep = (when > firms.registered[firm]) & (when < firms.ended[firm]) & (when <= CLOSES)
    lender = pick(rng, [1.0 / (i + 2) for i in range(len(LENDERS))], len(firm))
    key = np.unique(np.stack([firm, when, lender, purpose], axis=1)[keep], axis=0)
    return pa.table(
        {
            "uscc": uscc.take(pa.array(key[:, 0])),
            "inquired_on": dates(key[:, 1]),
            "lender": words(LENDERS, key[:, 2]),
            "purpose": words(("loan_approval", "post_loan", "guarantee", "own"), key[:, 3]),
            "known_on": dates(key[:, 1]),
        }
    )


def tax_grade_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the yearly grades. M is for the new; A needs three years of operation; D follows failure to pay."""
    rng = stream(seed, "tax grades")
    years = np.arange(OPENS_IN, 2026, dtype=np.int64)
    firm = np.repeat(np.arange(len(firms), dtype=np.int64), len(years))
    year = np.tile(years, len(firms))
    ends = np.array([on(int(y), 12, 31) for y in years], dtype=np.int64)[year - OPENS_IN]
    points = firms.strength_on(firm, ends - 180) + 0.3 * firms.quality[firm] + 0.5 * normal(rng, len(firm))
    grade = np.select([points > 0.75, points > -1.35, points > -2.9], [0, 1, 3], 4)
    age = ends - firms.registered[firm]
    grade = np.where((grade == 0) & (age < 3 * 365), 1, grade)
    grade = np.where((age < 540) & (grade < 3), 2, grade)
    grade = np.where(ends > firms.distress[firm], np.maximum(grade, 3), grade)
    keep = (age > 90) & (ends < firms.ended[firm]) & chance(rng, np.where(firms.form[firm] == SOLE_TRADER, 0.35, 0.97))
    table = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "year": pa.array(year),
            "grade": words(("A", "B", "M", "C", "D"), grade.astype(np.int64)),
            "known_on": dates(ends + 120),
        }
    )
    return table.filter(pa.array(keep))
