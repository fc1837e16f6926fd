"""scikit-learn's own checks of an estimator, with the few that cannot apply and why."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from certloan.scoring.estimator import EligibilityScorer

#: What cannot hold here, and why.
NOT_FOR_US = {
    "check_sample_weight_equivalence_on_dense_data": (
        "rows are dealt into parts, so a row of weight two and the same row given twice are dealt differently"
    ),
    "check_classifier_not_supporting_multiclass": (
        "three classes are refused by an error of our own with a stable code, in both languages"
    ),
}


def _expected(_: EligibilityScorer) -> dict[str, str]:
    return NOT_FOR_US


#: The larger label is the default, as scikit-learn has it; its samples are tiny and need no screening.
CHECKED = EligibilityScorer(defaulted=None, min_defaults=2, screen=False, bags=5, pairs=3, rounds=30)


@parametrize_with_checks([CHECKED], expected_failed_checks=_expected)  # type: ignore[untyped-decorator]
def test_the_estimator_behaves_as_scikit_learn_expects(estimator: EligibilityScorer, check: Any) -> None:
    check(estimator)
