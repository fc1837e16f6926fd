from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.scoring.validation.rows import beside, features, honest

from certloan.errors import InputError
from certloan.i18n import Lang, sentence
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval, mean_interval
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.validation.certainty import all_but_certain
from certloan.scoring.validation.chance import error_of_auc, lower_at, mean_of_firms, p_above
from certloan.scoring.validation.judgement import Verdict, thresholds
from certloan.scoring.validation.leakage import alone_steps, each_alone, refuse_leaks

TERM = ModelFeature("term")


def _term(sample: Sample, seed: int = 3) -> Floats:
    """Months that were rewritten afterwards: paid loans ran for whole years, the others stopped anywhere."""
    random = np.random.default_rng(seed)
    years, months = 12 * random.integers(1, 21, len(sample.defaulted)), random.integers(1, 241, len(sample.defaulted))
    rewritten = random.random(len(sample.defaulted)) < np.where(sample.defaulted > 0, 0.06, 0.92)
    return np.where(rewritten, years, months).astype(float)


def test_a_tell_that_is_neither_high_nor_low_is_found() -> None:
    sample, _ = honest()
    term = _term(sample)
    # Not a matter of more or less: as a number it hardly ranks.
    assert abs(auc_interval(sample.defaulted, term).value - 0.5) < 0.08
    found = each_alone(beside(sample, term), (*features(), TERM))
    assert found.refused == ("term",)
    assert found.verdict is Verdict.FAILS
    assert found.features[0].name == "term"
    with pytest.raises(InputError, match="leaking-features") as refused:
        refuse_leaks(found)
    for lang in Lang:
        assert "term (AUC 0." in sentence(refused.value, lang)


def test_two_copies_of_a_leak_do_not_hide_each_other() -> None:
    sample, _ = honest()
    term = _term(sample)
    found = each_alone(beside(sample, term, 30.4 * term), (*features(), TERM, ModelFeature("days")))
    assert set(found.refused) == {"term", "days"}


def _bureau() -> tuple[Sample, tuple[ModelFeature, ...]]:
    sample, margin = honest(strength=1.6)
    # Nearly everything there is to know in one column, as a good bureau score would be, and far above all others.
    score = margin + np.random.default_rng(5).normal(scale=1.0, size=len(margin))
    return beside(sample.of_columns(range(2, 6)), score), (*features()[2:], ModelFeature("bureau"))


def test_strong_evidence_beside_as_strong_evidence_stays() -> None:
    sample, _ = honest(strength=1.6)
    found = each_alone(sample, features())
    assert found.features[0].auc.value > 0.7
    assert found.refused == ()
    assert found.verdict is Verdict.PASSES
    refuse_leaks(found)


def test_honest_evidence_above_all_other_wants_somebody_to_vouch_for_it() -> None:
    sample, described = _bureau()
    assert each_alone(sample, described).refused == ("bureau",)
    found = each_alone(sample, described, vouched=("bureau", "x4"))
    assert found.features[0].name == "bureau"
    assert found.features[0].auc.value > 0.75
    assert found.refused == ()
    assert found.vouched == ("bureau",)
    assert found.verdict is Verdict.PASSES
    assert found.as_json()["vouched"] == ["bureau"]
    refuse_leaks(found)


def _sneak(share: float, seed: int, defaulted: Floats) -> Floats:
    """A mark that only loans which defaulted were given, and not all of those."""
    return ((defaulted > 0) & (np.random.default_rng(seed).random(len(defaulted)) < share)).astype(float)


def test_a_mark_that_outranks_everything_is_found_though_it_ranks_modestly() -> None:
    sample, _ = honest(4000)
    # Long terms were prolonged afterwards: right in three cases of four.
    right = np.random.default_rng(2).random(4000) < 0.80
    flag = np.where(right, sample.defaulted, 1.0 - sample.defaulted)
    found = each_alone(beside(sample, flag), (*features(), ModelFeature("long")))
    (suspect,) = (one for one in found.features if one.name == "long")
    assert suspect.auc.value < 0.82
    assert suspect.why == "beats_all_others"
    assert found.refused == ("long",)


def test_a_mark_of_some_defaults_and_nobody_else_is_found() -> None:
    sample, _ = honest()
    found = each_alone(beside(sample, _sneak(0.58, 1, sample.defaulted)), (*features(), ModelFeature("mark")))
    assert found.refused == ("mark",)
    (suspect,) = (one for one in found.features if one.name == "mark")
    assert suspect.why == "certain"
    assert suspect.certain is not None
    assert suspect.certain.defaults == suspect.certain.n
    assert suspect.certain.share == pytest.approx(0.58, abs=0.05)
    with pytest.raises(InputError, match="leaking-features") as refused:
        refuse_leaks(found)
    assert f"{suspect.certain.n}/{suspect.certain.n} = 100.0%" in sentence(refused.value, Lang.ZH)


def test_marks_that_share_the_defaults_between_them_do_not_hide_each_other() -> None:
    sample, _ = honest(4000)
    marks = [_sneak(0.35, seed, sample.defaulted) for seed in range(5)]
    named = tuple(ModelFeature(f"mark{at}") for at in range(5))
    found = each_alone(beside(sample, *marks), (*features(), *named))
    assert set(found.refused) == {one.name for one in named}
    assert all(auc_interval(sample.defaulted, mark).value < 0.70 for mark in marks)


def test_many_loans_of_one_enterprise_are_one_draw() -> None:
    sample, _ = honest()
    marked = sample.defaulted * (np.arange(len(sample.defaulted)) % 3 == 0)
    unseen = np.where(marked > 0, 5.0, -3.0)
    groups = np.where(marked > 0, 7, 1000 + np.arange(len(marked)))
    assert all_but_certain(sample, unseen, 0.01, thresholds()) is not None
    assert all_but_certain(replace(sample, groups=groups), unseen, 0.01, thresholds()) is None


def test_a_bound_of_a_certain_rate_agrees_with_scipy() -> None:
    from scipy.stats import binomtest

    sample, _ = honest()
    unseen = np.where((sample.defaulted > 0) | (np.arange(2000) < 20), 2.0, -2.0)
    found = all_but_certain(sample, unseen, 0.03, thresholds())
    assert found is not None
    exact = binomtest(found.defaults, found.n).proportion_ci(1.0 - 2.0 * 0.03, method="exact")
    assert found.low == pytest.approx(exact.low, abs=1e-9)
    assert found.share == 1.0


def test_two_columns_that_tell_only_together_are_looked_at_and_named() -> None:
    sample, _ = honest(3000)
    one = (np.random.default_rng(8).random(3000) < 0.5).astype(float)
    other = np.where(sample.defaulted > 0, 1.0 - one, one)
    found = each_alone(beside(sample, one, other), (*features(), ModelFeature("one"), ModelFeature("other")))
    assert found.refused == ()
    assert all(feature.auc.value < 0.75 for feature in found.features)
    assert found.verdict is Verdict.TOO_LITTLE
    assert found.whole is not None
    assert found.whole.too_good
    assert set(found.whole.named[:2]) == {"one", "other"}
    assert found.as_json()["whole"]["couple"]["auc"]["value"] > 0.99
    refuse_leaks(found)


def test_a_whole_that_is_too_good_names_what_it_rests_on() -> None:
    random = np.random.default_rng(4)
    sample, _ = honest(2000)
    parts = [sample.defaulted + random.normal(scale=0.75, size=2000) for _ in range(5)]
    found = each_alone(beside(sample, *parts), (*features(), *(ModelFeature(f"part{at}") for at in range(5))))
    assert found.refused == ()
    assert found.whole is not None
    assert found.whole.too_good
    assert {name for name, _ in found.whole.costs} == {f"part{at}" for at in range(5)}
    assert found.verdict is Verdict.TOO_LITTLE


def test_noise_is_refused_in_no_draw() -> None:
    for seed in range(3):
        sample, _ = honest(600, seed, columns=30, strength=0.0)
        assert each_alone(sample, features(30), seed + 1).refused == ()


def test_few_defaults_leave_a_suspicion_open_instead_of_clearing_it() -> None:
    sample, margin = honest(130, 4, strength=1.2)
    shares = each_alone(beside(sample, margin), (*features(), ModelFeature("truth")))
    assert shares.defaults < 60
    assert shares.refused == ()
    assert shares.verdict is Verdict.TOO_LITTLE


def test_the_gate_says_the_same_twice_and_counts_its_steps() -> None:
    sample, _ = honest(500)
    steps: list[int] = []
    once = each_alone(sample, features(), 7, advance=lambda: steps.append(1))
    assert len(steps) == alone_steps(features())
    assert once.as_json() == each_alone(sample, features(), 7).as_json()
    assert once.as_json()["tested"] == 6
    assert once.whole is not None
    assert not once.whole.too_good


def test_every_threshold_has_its_reason_in_both_languages() -> None:
    limits = thresholds()
    assert limits.as_json()["id"] == limits.id
    assert all(zh and en for zh, en in limits.reasons.values())
    with pytest.raises(KeyError):
        thresholds("1999-01")


def test_a_bound_at_the_usual_level_is_the_interval_itself_and_falls_with_the_level() -> None:
    sample, margin = honest(300)
    auc = auc_interval(sample.defaulted, margin)
    assert lower_at(auc, 0.025) == pytest.approx(auc.low, abs=1e-12)
    assert lower_at(auc, 0.001) < auc.low < lower_at(auc, 0.1)
    assert auc.low < auc.value - error_of_auc(auc) < auc.value
    perfect = Interval(1.0, 0.9, 1.0)
    assert lower_at(perfect, 0.025) == pytest.approx(0.9)
    assert lower_at(perfect, 0.001) < 0.9
    assert lower_at(Interval(0.0, 0.0, 0.1), 0.05) == 0.0
    assert np.isnan(error_of_auc(perfect))


def test_a_p_value_agrees_with_scipy() -> None:
    from scipy.stats import norm

    assert p_above(Interval(0.03, 0.01, 0.05)) == pytest.approx(norm.sf(0.03 / (0.02 / norm.ppf(0.975))))
    assert p_above(Interval(0.1, 0.1, 0.1)) == 0.0
    assert p_above(Interval(0.0, 0.0, 0.0)) == 1.0


def test_rows_of_one_enterprise_widen_the_interval_of_a_mean() -> None:
    random = np.random.default_rng(1)
    base = random.normal(size=200)
    copied, firms = np.repeat(base, 4), np.repeat(np.arange(200), 4)
    alone = mean_interval(base, np.ones(200))
    assert alone.high - alone.value == pytest.approx(1.959964 * base.std(ddof=1) / np.sqrt(200), rel=1e-6)
    clustered = mean_of_firms(copied, np.ones(800), firms)
    assert clustered.high - clustered.low == pytest.approx(alone.high - alone.low, rel=1e-9)
    assert mean_interval(copied, np.ones(800)).high < clustered.high
    assert mean_of_firms(base[:1], np.ones(1), firms[:1]).low == float("-inf")
