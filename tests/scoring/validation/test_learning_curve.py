from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.optimize import curve_fit
from tests.scoring.validation.rows import FAST, features, honest

from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.validation.judgement import Verdict
from certloan.scoring.validation.learning_curve import (
    Answer,
    LearningCurve,
    enough,
    learn_curve,
)
from certloan.scoring.validation.power_law import fit_law
from certloan.scoring.validation.sample_size import hanley_mcneil_error, narrower
from certloan.scoring.validation.stage import Stage

SHARES = np.array([0.125, 0.25, 0.5, 0.75, 1.0])


@cache
def _curve() -> LearningCurve:
    sample, _ = honest(2400, 3, strength=1.0)
    firms = np.arange(2400) // 2
    stage = Stage(
        features(), sample.take(np.arange(1200)), sample.take(np.arange(1200, 2400)), firms[:1200], firms[1200:], FAST
    )
    return learn_curve(stage, seeds=2)


def test_more_loans_rank_better_and_every_point_has_its_counts() -> None:
    found = _curve()
    assert [point.share for point in found.points] == SHARES.tolist()
    assert found.points[-1].auc.value > found.points[0].auc.value
    assert found.points[-1].log_loss.value < found.points[0].log_loss.value
    assert found.points[-1].n == 1200
    assert [point.n for point in found.points] == sorted(point.n for point in found.points)
    assert found.points[1].n == pytest.approx(300, abs=12)
    assert found.law is not None
    assert found.law.asymptote.low <= found.law.asymptote.value <= found.law.asymptote.high <= 1.0
    told = found.as_json()
    assert told["narrower"]["defaults_now"] == told["defaults_test"]


def test_the_law_is_the_one_that_scipy_finds() -> None:
    curve = 0.85 - 0.03 * SHARES**-0.7 + np.array([0.0005, -0.0004, 0.0003, -0.0002, 0.0001])
    law = fit_law(SHARES, curve, np.array([curve]))
    best, _ = curve_fit(lambda s, a, b, c: a - b * s**-c, SHARES, curve, p0=(0.85, 0.03, 0.7))
    assert law.asymptote.value == pytest.approx(best[0], abs=1e-3)
    assert law.gap.value == pytest.approx(best[1], abs=1e-3)
    assert law.rate.value == pytest.approx(best[2], rel=0.1)


def test_a_steep_curve_asks_for_more_and_tells_how_many() -> None:
    random = np.random.default_rng(1)
    curve = 0.85 - 0.02 * SHARES**-0.5
    law = fit_law(SHARES, curve, curve + random.normal(scale=2e-4, size=(100, 5)))
    found = enough(law, 0.01, 1000, 60)
    assert found.answer is Answer.MORE
    assert found.loans is not None
    assert found.loans.low < 4000 < found.loans.high
    assert found.loans.value == pytest.approx(4000, rel=0.15)


def test_a_flat_curve_is_enough_and_a_noisy_one_cannot_be_told() -> None:
    random = np.random.default_rng(1)
    flat = np.full(5, 0.8)
    assert enough(fit_law(SHARES, flat, np.tile(flat, (20, 1))), 0.005, 1000, 60).answer is Answer.ENOUGH
    noisy = flat + random.normal(scale=0.02, size=(200, 5))
    assert enough(fit_law(SHARES, noisy[0], noisy), 0.005, 1000, 60).answer is Answer.CANNOT_TELL
    assert enough(None, 0.005, 1000, 60).answer is Answer.CANNOT_TELL


def test_an_asymptote_never_passes_one() -> None:
    curve = 1.02 - 0.05 * SHARES**-0.4
    law = fit_law(SHARES, curve, np.array([curve]))
    assert law.asymptote.value <= 1.0


def test_hanley_and_mcneils_error_agrees_with_delongs_for_negative_exponentials() -> None:
    random = np.random.default_rng(2)
    # Their formula is exact for such scores: P(bad > good) = theta / (1 + theta).
    bad, good = random.exponential(4.0, 6000), random.exponential(1.0, 60_000)
    auc = auc_interval(np.repeat([1.0, 0.0], (6000, 60_000)), np.concatenate([bad, good]))
    error = (auc.high - auc.low) / 2 / 1.959964
    assert auc.value == pytest.approx(0.8, abs=0.01)
    assert hanley_mcneil_error(auc.value, 6000, 60_000) == pytest.approx(error, rel=0.05)


def test_the_promised_number_of_defaults_does_narrow_the_interval() -> None:
    random = np.random.default_rng(3)

    def drawn(bad: int, good: int) -> Interval:
        risk = np.concatenate([random.normal(1.0, 1.0, bad), random.normal(0.0, 1.0, good)])
        return auc_interval(np.repeat([1.0, 0.0], (bad, good)), risk)

    found = narrower(drawn(80, 800), 80, 880, 0.05)
    assert found.width_now > 0.05
    assert found.more_defaults == found.defaults - 80
    bigger = drawn(found.defaults, found.loans - found.defaults)
    assert bigger.high - bigger.low == pytest.approx(0.05, rel=0.15)
    assert found.hanley_mcneil.value == pytest.approx(found.defaults, rel=0.3)
    assert found.hanley_mcneil.low < found.hanley_mcneil.value < found.hanley_mcneil.high
    assert narrower(bigger, found.defaults, found.loans, 0.2).more_defaults == 0


def test_a_wide_test_is_too_little() -> None:
    found = _curve()
    wide = found.narrower.width_now > found.narrower.width
    assert found.verdict is (Verdict.TOO_LITTLE if wide else Verdict.PASSES)
