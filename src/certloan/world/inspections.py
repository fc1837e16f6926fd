"""What inspectors found: whom they visit, what fails, who objects, what is put right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    Flags,
    Floats,
    Ints,
    between,
    chance,
    dates,
    digits,
    growth,
    joined,
    logistic,
    pick,
    replaced,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import Firms
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES
from certloan.world.standing import Failures, Systems, quality_on

_CHECKS = ("spot_check", "random", "special", "risk_monitoring")
_LEVELS = ("national", "province", "city", "county")
VERDICTS = ("no_nonconformity", "nonconforming", "refused", "unlicensed")
FAILED, REFUSED, UNLICENSED = 1, 2, 3
_STAGES = ("production", "circulation", "online")
_ITEMS = ("safety", "mandatory", "declared", "labelling")
_LABORATORIES = tuple(f"样例质量检验院{mark}" for mark in "甲乙丙丁戊己庚辛壬癸")

_FROM, _YEARS = 2015, 12
#: Batches a year of a mean firm; more for the large, and for those whom the supervisor holds for risky.
_BATCHES, _BATCHES_PER_SIZE, _BATCHES_PER_RISK = 0.58, 0.30, 0.30
#: Log odds that a batch fails: about 9 % overall, as in the national bulletins of 2020 and 2022.
_FAILS, _FAILS_PER_QUALITY = -2.66, -0.9
_REFUSES = 0.004
#: How often a check of a firm that makes a catalogue product without a certificate finds that out.
_FOUND_OUT = 0.3
_SAFETY_SHARE = 0.45
_OBJECTS, _UPHELD = 0.12, 0.3
_RECTIFIES, _RECTIFIES_PER_QUALITY = 1.1, 0.7
_REPEATED = 0.015  # the same batch again, by a lower level
_LATE_SHARE = 0.02  # made known half a year after the rest


@dataclass(frozen=True)
class Checks:
    """The checks of all firms in order of time, as if every firm lived for ever."""

    firm: Ints
    when: Ints
    level: Ints
    batch: Arrow
    verdict: Ints
    item: Ints
    notified: Ints
    known: Ints
    objects: Flags
    upheld: Flags
    objection_on: Ints
    recheck_on: Ints  # day, or NEVER
    passed: Flags
    rectified: Ints  # day, or NEVER

    def failures(self, firms: int) -> Failures:
        """Give the failures that stood."""
        stood = (self.verdict == FAILED) & ~self.upheld
        return Failures(firms, self.firm[stood], self.notified[stood], self.rectified[stood])


def draw(firms: Firms, held: Systems, unlicensed: tuple[Ints, Ints], seed: int) -> Checks:
    """Draw the checks. ``unlicensed`` gives, for each firm, the days between which it sold without its certificate."""
    rng = stream(seed, "inspections")
    made = ~(firms.industry_is("it") | firms.industry_is("building"))
    rate = _BATCHES * growth(_BATCHES_PER_SIZE * firms.size - _BATCHES_PER_RISK * firms.risk_view)
    rate = rate * np.where(made, 1.0, 0.2)
    firm, when = yearly_events(rng, np.repeat(rate[:, None], _YEARS, axis=1), _FROM)
    keep = (when > firms.registered[firm] + 60) & (when <= CLOSES)
    firm, when = firm[keep], when[keep]
    batch = joined("PH", digits(when, 6), digits(between(rng, 1, 999, len(firm)), 3))
    level = pick(rng, (0.09, 0.24, 0.33, 0.34), len(firm))
    again = np.flatnonzero(chance(rng, _REPEATED, len(firm)) & (level < 3)).astype(np.int64)
    firm, when = (
        np.concatenate([firm, firm[again]]),
        np.concatenate([when, when[again] + between(rng, 3, 50, len(again))]),
    )
    level = np.concatenate([level, level[again] + 1])
    batch = pa.concat_arrays([batch, batch.take(pa.array(again))])
    keep = when <= CLOSES
    order = np.lexsort((firm[keep], when[keep]))
    rows = np.flatnonzero(keep)[order].astype(np.int64)
    quality = quality_on(firms, held, firm[rows], when[rows])
    return _found(rng, firms, unlicensed, quality, firm[rows], when[rows], level[rows], batch.take(pa.array(rows)))


def _found(
    rng: np.random.Generator, firms: Firms, unlicensed: tuple[Ints, Ints], quality: Floats, firm: Ints, when: Ints,
    level: Ints, batch: Arrow,
) -> Checks:  # fmt: skip
    n = len(firm)
    risk = np.array([entry.check_risk for entry in INDUSTRIES])[firms.industry[firm]]
    fails = chance(rng, logistic(_FAILS + _FAILS_PER_QUALITY * quality + risk))
    without = (unlicensed[0][firm] < when) & (when < unlicensed[1][firm]) & chance(rng, _FOUND_OUT, n)
    verdict = np.where(chance(rng, _REFUSES, n), REFUSED, np.where(without, UNLICENSED, fails.astype(np.int64)))
    failed = verdict == FAILED
    item = np.where(chance(rng, _SAFETY_SHARE, n), 0, 1 + pick(rng, (0.4, 0.35, 0.25), n))
    notified = when + between(rng, 8, 30, n)
    known = notified + between(rng, 1, 25, n)
    known = np.where(chance(rng, _LATE_SHARE, n), notified + between(rng, 90, 240, n), known)
    objects = failed & chance(rng, _OBJECTS, n)
    upheld = objects & chance(rng, _UPHELD, n)
    objection_on = np.where(objects, np.maximum(notified + between(rng, 16, 75, n), known + 1), NEVER)
    rechecked = failed & ~upheld & chance(rng, 0.85, n)
    recheck_on = np.maximum(known, np.where(objects, objection_on, 0)) + between(rng, 30, 120, n)
    passed = chance(rng, logistic(_RECTIFIES + _RECTIFIES_PER_QUALITY * quality))
    rectified = np.where(rechecked & passed, recheck_on - between(rng, 3, 25, n), NEVER)
    return Checks(
        firm, when, level, batch, verdict.astype(np.int64), item, notified, known, objects, upheld,
        objection_on, np.where(rechecked, recheck_on, NEVER), passed, rectified,
    )  # fmt: skip


def table(firms: Firms, uscc: Arrow, checks: Checks, seed: int) -> pa.Table:
    """Write the checks as they became known: the result, what became of an objection, the re-check."""
    rng = stream(seed, "inspection columns")
    firm, n = checks.firm, len(checks.firm)
    failed, answered = checks.verdict == FAILED, checks.verdict != REFUSED
    category = words([entry.ccc or None for entry in INDUSTRIES], firms.industry[firm])
    objection = np.where(checks.objects, 1, np.where(failed & chance(rng, 0.7, n), 0, 4))
    first = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "inspection_no": joined("JC", digits(firms.running(n, 20), 8)),
            "kind": words(_CHECKS, pick(rng, (0.5, 0.3, 0.12, 0.08), n)),
            "level": words(_LEVELS, checks.level),
            "product": words([entry.product for entry in INDUSTRIES], firms.industry[firm]),
            "batch_no": checks.batch,
            "inspected_on": dates(checks.when),
            "verdict": words(VERDICTS, checks.verdict),
            "safety_item": where(answered, pa.array(failed & (checks.item == 0))),
            "recheck": words((None,), np.zeros(n, dtype=np.int64)),
            "authority": _authority(firms, firm, checks.level),
            "testing_body": words(_LABORATORIES, between(rng, 0, len(_LABORATORIES) - 1, n)),
            "product_category": category,
            "stage": where(chance(rng, 0.95, n), words(_STAGES, pick(rng, (0.5, 0.32, 0.18), n))),
            "failed_item": where(failed, words(_ITEMS, checks.item)),
            "notified_on": where(failed, dates(checks.notified)),
            "objection": words(("none", "pending", "upheld", "rejected", None), objection),
            "rectified_on": dates(np.full(n, NEVER, dtype=np.int64)),
            "known_on": dates(checks.known),
            "void_on": dates(np.full(n, NEVER, dtype=np.int64)),
        }
    )
    lived = checks.known < firms.ended[firm] + 200
    return pa.concat_tables(
        [first.filter(pa.array(lived & (checks.when < firms.ended[firm]))), *_later(firms, checks, first)]
    )


def _later(firms: Firms, checks: Checks, first: pa.Table) -> list[pa.Table]:
    lived = (checks.when < firms.ended[checks.firm]) & (checks.known < firms.ended[checks.firm] + 200)
    answered = np.flatnonzero(lived & (checks.objection_on <= CLOSES)).astype(np.int64)
    upheld = checks.upheld[answered]
    second = replaced(
        first.take(pa.array(answered)),
        objection=words(("rejected", "upheld"), upheld.astype(np.int64)),
        known_on=dates(checks.objection_on[answered]),
        void_on=dates(np.where(upheld & (answered % 2 == 0), checks.objection_on[answered], NEVER)),
    )
    again = np.flatnonzero(lived & (checks.recheck_on <= CLOSES)).astype(np.int64)
    told = first.take(pa.array(again))
    objected = pa.array(checks.objects[again])
    third = replaced(
        told,
        recheck=words(("failed", "passed"), checks.passed[again].astype(np.int64)),
        objection=pc.if_else(objected, "rejected", told["objection"].combine_chunks()),
        rectified_on=dates(checks.rectified[again]),
        known_on=dates(checks.recheck_on[again]),
    )
    return [second, third]


def _authority(firms: Firms, firm: Ints, level: Ints) -> Arrow:
    county = words([place.zh for place in PLACES], firms.place[firm])
    guangdong = np.array([place.code.startswith("44") for place in PLACES])[firms.place[firm]]
    province = words(("浙江省", "广东省"), guangdong.astype(np.int64))
    above = pc.if_else(pa.array(level == 0), "国家", pc.if_else(pa.array(level == 1), province, county))
    return joined(above, "市场监督管理部门")
