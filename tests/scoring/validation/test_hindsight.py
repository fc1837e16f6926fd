from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from certloan.errors import InputError
from certloan.i18n import Lang, sentence
from certloan.scoring.calibration import probability
from certloan.scoring.splits import Labels, Split
from certloan.scoring.validation.hindsight import hindsight, hindsight_lift, refuse_hindsight
from certloan.scoring.validation.judgement import Verdict

ROWS = 1600
DIRECTIONS = {"arrears": -1, "sales": 1, "certificates": 0, "noise": 0}
FAMILIES = {"arrears": "credit", "sales": "operations", "certificates": "certification", "noise": "operations"}
SPLITS = (Split(np.arange(1100), np.arange(1100, ROWS), {"kind": "time"}),)


def _loans(seed: int = 1) -> tuple[pa.Table, pa.Table, Labels]:
    """Loans as of their day, and as of today, when arrears and withdrawn certificates tell what became of them."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(ROWS, 4))
    defaulted = (random.random(ROWS) < probability(-1.2 + 0.8 * values[:, 0] - 0.6 * values[:, 1])).astype(float)
    today = values.copy()
    today[:, 0] += 1.5 * defaulted
    today[:, 2] -= 0.4 * defaulted
    days = np.arange(ROWS).astype("datetime64[D]")
    labels = Labels(defaulted, np.ones(ROWS), days, days)
    honest, later = (pa.table({name: held[:, at] for at, name in enumerate(DIRECTIONS)}) for held in (values, today))
    return honest, later, labels


def test_features_as_of_today_are_refused_and_the_column_to_blame_is_named() -> None:
    honest, later, labels = _loans()
    found = hindsight(later, honest, labels, SPLITS, DIRECTIONS)
    assert found.verdict is Verdict.FAILS
    assert found.differing == 2
    assert found.columns[0].name == "arrears"
    assert "sales" not in [one.name for one in found.columns]
    assert found.n == 500
    assert found.difference.low > 0.03
    with pytest.raises(InputError, match="hindsight") as refused:
        refuse_hindsight(found)
    assert all("arrears" in sentence(refused.value, lang) for lang in Lang)
    assert found.as_json()["verdict"] == "fails"


def test_the_same_features_pass_without_a_fit() -> None:
    honest, _, labels = _loans()
    steps: list[int] = []
    found = hindsight(honest, honest, labels, SPLITS, DIRECTIONS, advance=lambda: steps.append(1))
    assert found.verdict is Verdict.PASSES
    assert steps == []
    assert found.as_json()["auc_used"] is None
    refuse_hindsight(found)


def test_other_values_that_know_no_more_pass() -> None:
    honest, _, labels = _loans()
    random = np.random.default_rng(9)
    retold = honest.set_column(3, "noise", pa.array(random.normal(size=ROWS)))
    assert hindsight(retold, honest, labels, SPLITS, DIRECTIONS).verdict is Verdict.PASSES


def test_worse_features_pass_and_few_defaults_clear_nothing() -> None:
    honest, _, labels = _loans()
    blurred = honest.set_column(0, "arrears", pa.array(np.random.default_rng(2).normal(size=ROWS)))
    assert hindsight(blurred, honest, labels, SPLITS, DIRECTIONS).verdict is Verdict.PASSES
    short = (Split(np.arange(1100), np.arange(1100, 1200), {"kind": "time"}),)
    assert hindsight(blurred, honest, labels, short, DIRECTIONS).verdict is Verdict.TOO_LITTLE


def test_the_lift_of_each_family_tells_which_one_would_have_leaked() -> None:
    honest, later, labels = _loans()
    lift = hindsight_lift(later, honest, labels, SPLITS, FAMILIES)
    by_family = {one.family: one.difference for one in lift.families}
    assert lift.families[0].family == "credit"
    assert by_family["credit"].low > 0.03
    assert by_family["operations"].value == 0.0
    assert lift.whole.difference.value >= by_family["credit"].value - 0.02
    assert lift.as_json()["n"] == 500
