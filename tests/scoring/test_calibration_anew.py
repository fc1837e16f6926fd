"""Recalibration: the same tables and ranking, a new line, judged on loans that nobody has learnt from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scoring.ensembles import made, small_bundle

from certloan.errors import InputError
from certloan.i18n import sentence
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats
from certloan.scoring.recalibration import CentralTendency, Recalibrated, halves, recalibrate
from certloan.scoring.splits import Labels

ROWS = 1500


def _margin() -> Floats:
    bundle = small_bundle()
    return bundle.tables.margin(bundle.encode(made().matrix))


def _labels(seed: int = 1, offset: float = 0.3, slope: float = 0.6, rows: int = ROWS) -> Labels:
    """Outcomes that follow the model's margin with this line, over two years of days."""
    random = np.random.default_rng(seed)
    days = np.datetime64("2025-01-01") + np.sort(random.integers(0, 700, rows)).astype("timedelta64[D]")
    defaulted = (random.random(rows) < probability(offset + slope * _margin()[:rows])).astype(float)
    return Labels(defaulted, np.ones(rows), days, days + np.timedelta64(365, "D"))


def _done(labels: Labels | None = None, anchor: CentralTendency | None = None) -> Recalibrated:
    labels = labels or _labels()
    return recalibrate(small_bundle(), _margin()[: len(labels)], labels, anchor)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_new_model_ranks_exactly_as_its_parent_and_names_it(seed: int) -> None:
    parent, child = small_bundle(), _done(_labels(seed)).bundle
    before, after = parent.score(made().matrix), child.score(made().matrix)
    # Sums that differ in the last bit alone may meet when they are scaled; nobody passes another.
    assert np.diff(after.margin[np.argsort(before.margin, kind="stable")]).min() >= -1e-12
    assert child.parent == parent.fingerprint != child.fingerprint
    assert (child.tables, child.boosters, child.features, child.scale) == (
        parent.tables,
        parent.boosters,
        parent.features,
        parent.scale,
    )


def test_the_new_line_is_the_one_that_outcomes_follow_and_makes_probabilities_truer() -> None:
    done = _done()
    account = done.account
    assert account["after"]["slope_low"] <= 0.6 <= account["after"]["slope_high"]
    assert account["after"]["offset_low"] <= 0.3 <= account["after"]["offset_high"]
    assert account["before"]["slope"] == 0.9
    for figure in ("brier_difference", "log_loss_difference"):
        assert account["held_out"][figure]["high"] < 0
    assert done.before.slope_high < 1.0
    assert done.after.slope_low <= 1.0 <= done.after.slope_high
    assert done.after.auc == pytest.approx(done.before.auc, abs=1e-9)


def test_what_was_judged_is_later_than_what_was_fitted_and_is_the_models_record() -> None:
    labels = _labels()
    early, late = halves(labels)
    assert labels.applied_on[early].max() < labels.applied_on[late].min()
    assert len(early) + len(late) == ROWS
    assert abs(len(early) - len(late)) < 20
    done = _done(labels)
    held = done.bundle.provenance
    assert held["metrics"] == done.after.as_json()
    assert (held["window"]["n_test"], held["window"]["defaults_test"]) == (len(late), done.after.defaults)
    assert held["recalibration"]["window"]["fitted"]["n"] == len(early)
    assert "rivals" not in held
    told = json.dumps(held["recalibration"], allow_nan=False)
    assert "reliability_after" in told


def test_outcomes_of_the_later_half_change_nothing_of_what_is_kept() -> None:
    labels = _labels()
    _, late = halves(labels)
    turned = labels.defaulted.copy()
    turned[late] = 1.0 - turned[late]
    other = _done(replace(labels, defaulted=turned)).bundle
    assert other.calibrator == _done(labels).bundle.calibrator
    assert other.grades == _done(labels).bundle.grades


def test_an_anchored_model_keeps_what_was_fitted_apart_from_where_it_was_brought() -> None:
    plain, moved = _done(), _done(anchor=CentralTendency(0.12, "long-run rate", "2015-2025"))
    note = moved.bundle.calibrator.anchor
    assert note is not None
    assert note.offset_before == plain.bundle.calibrator.offset
    for name, value in plain.account["after"].items():
        if name != "offset_anchored":
            assert moved.account["after"][name] == pytest.approx(value, abs=2e-6)
    assert moved.account["after"]["offset_anchored"] == pytest.approx(note.offset_after, abs=1e-6)
    assert moved.account["held_out"]["unanchored"] == plain.account["held_out"]["after"]
    assert "unanchored" not in plain.account["held_out"]
    early, _ = halves(_labels())
    fitted = probability(moved.bundle.calibrator.apply(_margin()[early]))
    assert fitted.mean() == pytest.approx(0.12)


def test_a_recalibrated_bundle_survives_the_disk_and_gives_grades(tmp_path: Path) -> None:
    child = _done(anchor=CentralTendency(0.12, "long-run rate")).bundle
    loaded = Bundle.load(child.save(tmp_path), expected=child.fingerprint)
    assert (loaded.parent, loaded.calibrator, loaded.grades) == (child.parent, child.calibrator, child.grades)
    pd = loaded.score(made().matrix).pd
    assert loaded.grades is not None
    assert set(loaded.grade(pd)) <= set(loaded.grades.codes)


def test_the_same_outcomes_give_the_same_model() -> None:
    assert _done().bundle.fingerprint == _done().bundle.fingerprint
    assert _done(_labels(2)).bundle.fingerprint != _done().bundle.fingerprint


def test_too_few_defaults_or_a_ranking_that_runs_backwards_are_refused() -> None:
    few = _labels(offset=-6.0)
    with pytest.raises(InputError) as refused:
        _done(few)
    assert (refused.value.code, refused.value.facts["part"]) == ("recalibrate-too-few-defaults", "earlier")
    assert sentence(refused.value, "zh") != sentence(refused.value, "en")
    with pytest.raises(InputError) as refused:
        _done(_labels(offset=-1.0, slope=-0.8))
    assert refused.value.code == "recalibrate-slope"
    assert float(str(refused.value.facts["found"])) < 0
    none_later = _labels()
    _, late = halves(none_later)
    none_later.defaulted[late] = 0.0
    with pytest.raises(InputError) as refused:
        _done(none_later)
    assert refused.value.facts["part"] == "later"


def test_one_day_alone_cannot_be_cut_in_two() -> None:
    labels = _labels()
    one_day = replace(labels, applied_on=np.full(ROWS, np.datetime64("2025-05-05")))
    early, late = halves(one_day)
    assert 0 in (len(early), len(late))
    with pytest.raises(InputError) as refused:
        _done(one_day)
    assert refused.value.code == "recalibrate-too-few-defaults"
