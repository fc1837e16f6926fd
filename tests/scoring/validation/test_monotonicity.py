from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from tests.scoring.validation.rows import FAST, features, honest

from certloan.scoring.calibration import Calibrator
from certloan.scoring.tables import Pair, Tables
from certloan.scoring.validation.judgement import Verdict
from certloan.scoring.validation.monotonicity import sweep, values_of_bins
from certloan.scoring.validation.quick import quick_fit


@dataclass(frozen=True, eq=False)
class Grown:
    tables: Tables
    calibrator: Calibrator


@cache
def _grown() -> Grown:
    sample, _ = honest(1200)
    fitted = quick_fit(sample, features(), FAST)
    return Grown(fitted.tables(features(), sample), fitted.calibrator)


def test_the_champion_never_lets_better_evidence_raise_the_risk() -> None:
    grown, sample = _grown(), honest(1200)[0]
    steps: list[int] = []
    found = sweep(grown.tables, grown.calibrator, features(), sample.values, advance=lambda: steps.append(1))
    assert found.violations == 0
    assert found.worst is None
    assert found.verdict is Verdict.PASSES
    assert {one.name for one in found.features} == {"x0", "x1"}
    assert len(steps) == 2
    assert found.steps == sum(300 * (one.bins - 1) for one in found.features)
    assert found.as_json()["violations"] == 0


def _with_main(tables: Tables, feature: int, bin_: int, added: float) -> Tables:
    mains = [cells.copy() for cells in tables.mains]
    mains[feature][bin_] += added
    return replace(tables, mains=tuple(mains))


def test_one_bad_cell_is_found_and_named() -> None:
    grown, sample = _grown(), honest(1200)[0]
    planted = _with_main(grown.tables, 0, 5, 3.0)
    found = sweep(planted, grown.calibrator, features(), sample.values, rows=50)
    assert found.verdict is Verdict.FAILS
    assert found.worst is not None
    assert (found.worst.name, found.worst.worst_bin) == ("x0", 4)
    assert found.violations == 50
    assert found.as_json()["worst"]["feature"] == "x0"


def test_a_pair_that_turns_a_feature_round_for_some_rows_only_is_found() -> None:
    grown, sample = _grown(), honest(1200)[0]
    bins = [axis.bins for axis in grown.tables.axes]
    cells = np.zeros((2, 2))
    cells[1, 1] = 2.5
    top, half = np.zeros(bins[0], dtype=np.int64), np.zeros(bins[3], dtype=np.int64)
    top[bins[0] - 2] = 1
    half[bins[3] // 2 :] = 1
    planted = replace(grown.tables, pairs=(*grown.tables.pairs, Pair(0, 3, top, half, cells)))
    found = sweep(planted, grown.calibrator, features(), sample.values, rows=200)
    assert 0 < found.violations < 200
    # A slope that turned the scale round would break every step that says something.
    turned = sweep(grown.tables, Calibrator(-1.0), features(), sample.values, rows=20)
    assert turned.violations > found.violations


def test_where_a_missing_value_beats_every_known_one_it_is_told() -> None:
    grown, sample = _grown(), honest(1200)[0]
    shy = _with_main(grown.tables, 1, grown.tables.axes[1].missing, -9.0)
    found = sweep(shy, grown.calibrator, features(), sample.values, rows=30)
    assert found.violations == 0
    assert found.as_json()["hiding_pays"] == ["x1"]


def test_each_value_lies_in_its_bin() -> None:
    for axis in _grown().tables.axes:
        assert axis.place(values_of_bins(axis)).tolist() == list(range(axis.bins - 1))
