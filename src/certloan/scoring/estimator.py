"""``EligibilityScorer``: the score on any table, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d, validate_data

from certloan.scoring.arguments import check_arguments, checked_settings
from certloan.scoring.bundle import Bundle, Scored
from certloan.scoring.growing.fit import Fitted, fit
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.matrix import Floats, is_text
from certloan.scoring.points import Scale
from certloan.scoring.rows import RowsError, as_matrix

if TYPE_CHECKING:
    from sklearn.utils import Tags

Given = TypeVar("Given")

#: Below this many of either class not even one row could be set aside and another learnt from.
_LEAST = 2
#: How many offending values an error shows.
_SHOWN = 5


class EligibilityScorer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Estimate the probability of default as a score that adds up, exactly, from one-way and two-way tables.

    **Mind the direction.** ``monotone={"feature": +1}`` says that *more of the feature is better evidence*: it may
    never raise the probability of default, so points never fall. -1 says the opposite, 0 or no entry leaves the shape
    free. (LightGBM's ``monotone_constraints`` speak of the target instead: there, +1 would raise the risk.)
    A direction holds for numbers; texts and categories have none. Missing is a bin of its own and is held to no
    direction; in a text it is a level of its own where at least ten rows show it.

    ``y`` holds 1 where the loan defaulted and 0 where it was repaid; ``defaulted`` names another value for default
    (``None``: the larger of the two classes, as scikit-learn has it).

    Parameters are those of :class:`certloan.scoring.growing.recipe.Recipe`: ``bags`` and ``pairs`` are chosen by
    validation where they are ``None``. ``settings`` are LightGBM's, of those that a search may choose and no others
    (:func:`certloan.scoring.arguments.checked_settings`). ``min_defaults`` refuses smaller samples (both classes);
    ``scale`` sets the points. ``random_state`` is a whole number: the same rows and number give the same model, bit for
    bit, on any number of threads.

    Fitted: ``classes_``, ``n_features_in_``, ``feature_names_in_`` (where columns have names), ``dropped_`` (column →
    ``missing``, ``constant``, ``rare`` or ``noise``), ``features_`` (names in the order of contributions),
    ``base_points_`` (the average applicant's points) and ``bundle_``, which saves, exports and prints like any model.

    Rows may be a pandas frame (numbers, truth values, texts, categories), an Arrow table or an array. Raises
    ``InputError`` (here also a ``ValueError``) with one of the codes in ``docs/estimator.md``, before any work begins:
    of parameters ``parameter-value``, ``setting-unknown`` or ``monotone-text``, of rows ``column-twice`` or
    ``values-infinite``, and ``feature-mismatch`` with a diff when later rows have other columns.

    >>> import pandas as pd
    >>> random = np.random.default_rng(1)
    >>> X = pd.DataFrame({"audits_passed": random.poisson(3.0, 400), "city": random.choice(["宁波", "温州"], 400)})
    >>> y = (random.random(400) < 0.5 / (1 + X["audits_passed"])).astype(int)
    >>> scorer = EligibilityScorer(monotone={"audits_passed": +1}, screen=False).fit(X, y)
    >>> points = scorer.points(pd.DataFrame({"audits_passed": [0, 9], "city": ["宁波", "宁波"]}))
    >>> bool(points[1] > points[0])
    True
    """

    def __init__(
        self,
        monotone: Mapping[str, int] | None = None,
        *,
        bags: int | None = None,
        pairs: int | None = None,
        screen: bool = True,
        rounds: int = 2000,
        learning_rate: float = 0.1,
        settings: Mapping[str, Any] | None = None,
        min_defaults: int = 30,
        defaulted: object = 1,
        scale: Scale | None = None,
        random_state: int = 1,
    ) -> None:
        self.monotone = monotone
        self.bags = bags
        self.pairs = pairs
        self.screen = screen
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.settings = settings
        self.min_defaults = min_defaults
        self.defaulted = defaulted
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:  # noqa: ANN401 - scikit-learn's interface
        """Learn from rows ``X``, outcomes ``y`` and how much each row counts (1 each; rows of weight 0 are left out).

        ``groups`` names the enterprise of each row (texts or numbers). Give it where one enterprise has several rows:
        none is then asked of a bag that learnt from the others, and the calibration holds for new enterprises.
        """
        check_arguments(self.get_params(deep=False))
        recipe = self._recipe()
        matrix = self._read(X, reset=True)
        outcomes = self._outcomes(y, matrix.num_rows)
        weights = _weights(sample_weight, matrix.num_rows)
        heard = weights > 0
        if not heard.any():
            raise RowsError("weights-zero", n=len(weights))
        bad = int(np.count_nonzero(outcomes[heard]))
        good = int(np.count_nonzero(heard)) - bad
        if not bad or not good:
            raise RowsError("one-class", part="train", found=bad + good, defaults=bad)
        least = max(self.min_defaults, _LEAST)
        if min(bad, good) < least:
            raise RowsError("too-few-defaults", part="train", defaults=bad, others=good, expected=least)
        directions, firms = self._directions(matrix), _numbered(groups, matrix.num_rows)
        fitted = _named(
            lambda: fit(
                matrix.filter(pa.array(heard)),
                outcomes[heard],
                weights[heard],
                directions,
                recipe,
                groups=None if firms is None else firms[heard],
            )
        )
        self.fitted_: Fitted = fitted
        self.dropped_ = dict(fitted.dropped)
        self.features_ = tuple(feature.name for feature in fitted.features)
        self.bundle_ = self.to_bundle()
        self.base_points_ = self.bundle_.base_points
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: ANN401
        """Give the calibrated log-odds of the second class (of default, unless ``defaulted`` is the first class)."""
        margin = self._scored(X).margin
        return margin if self._second_is_default else -margin

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401
        """Give the probability of each class, shape (rows, 2), in the order of ``classes_``."""
        pd = self._scored(X).pd
        return np.column_stack([1.0 - pd, pd] if self._second_is_default else [pd, 1.0 - pd])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401
        """Give the likelier class of each row: a cut at one half, which no lender should use."""
        second = self.decision_function(X) > 0
        chosen: NDArray[Any] = self.classes_[second.astype(np.int64)]
        return chosen

    def points(self, X: Any) -> Floats:  # noqa: ANN401
        """Give the exact score in points; more is better."""
        return self._scored(X).points

    def contributions(self, X: Any) -> Floats:  # noqa: ANN401
        """Give what each of ``features_`` adds in points, shape (rows, features).

        They are exact Shapley values; with ``base_points_`` a row adds up to its :meth:`points`.
        """
        matrix = self._known(X)
        return _named(lambda: self.bundle_.contributions(matrix))

    def to_bundle(self, provenance: Mapping[str, Any] | None = None) -> Bundle:
        """Give the model as a bundle, which can be saved, shown as a scorecard and exported; ``provenance`` is JSON."""
        check_is_fitted(self, "fitted_")
        grown = self.fitted_.grown
        told = {"digest": self.fitted_.digest, "dropped": self.dropped_, **dict(grown.account), **(provenance or {})}
        return Bundle(
            features=self.fitted_.features,
            tables=grown.tables,
            calibrator=grown.calibrator,
            scale=self.scale or Scale(),
            boosters=grown.bags.boosters,
            provenance=told,
        )

    def __sklearn_tags__(self) -> Tags:
        """Two classes; missing values, texts and categories are welcome."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _recipe(self) -> Recipe:
        return Recipe(
            seed=int(self.random_state),
            bags=self.bags,
            pairs=self.pairs,
            screen=self.screen,
            rounds=self.rounds,
            learning_rate=self.learning_rate,
            settings=checked_settings(self.settings),
        )

    def _read(self, rows: Any, *, reset: bool) -> pa.Table:  # noqa: ANN401
        """Give any rows as an Arrow table, and remember (``reset``) how many columns there were and what they are called."""
        if isinstance(rows, pa.Table) or hasattr(rows, "columns"):
            matrix = as_matrix(rows)
            if reset:
                self.n_features_in_ = matrix.num_columns
                self._name_columns(rows, matrix)
            if not matrix.num_rows or not matrix.num_columns:
                raise RowsError("table-empty", rows=matrix.num_rows, columns=matrix.num_columns)
            return matrix
        return as_matrix(validate_data(self, rows, reset=reset, dtype=None, ensure_all_finite=False))

    def _name_columns(self, rows: Any, matrix: pa.Table) -> None:  # noqa: ANN401
        if isinstance(rows, pa.Table) or matrix.column_names == list(rows.columns):
            self.feature_names_in_ = np.array(matrix.column_names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _scored(self, rows: Any) -> Scored:  # noqa: ANN401
        matrix = self._known(rows)
        return _named(lambda: self.bundle_.score(matrix))

    def _known(self, rows: Any) -> pa.Table:  # noqa: ANN401
        check_is_fitted(self, "fitted_")
        return self._read(rows, reset=False)

    def _outcomes(self, y: Any, rows: int) -> Floats:  # noqa: ANN401
        """Give 1.0 where the loan defaulted, and remember the two classes."""
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        labels = column_or_1d(check_array(y, ensure_2d=False, dtype=None, input_name="y"), warn=True)
        check_classification_targets(labels)
        if len(labels) != rows:
            check_consistent_length(np.empty(rows), labels)
        classes = np.unique(labels)
        shown = ", ".join(str(value) for value in classes[:_SHOWN])
        if len(classes) > 2 or (self.defaulted == 1 and not np.isin(classes, (0, 1)).all()):
            others = int(np.count_nonzero(~np.isin(labels, (0, 1))))
            raise RowsError("target-values", found=shown, count=others, n=len(labels))
        bad = classes[-1] if self.defaulted is None else self.defaulted
        if len(classes) > 1 and bad not in classes:
            raise RowsError("defaulted-unknown", found=shown, expected=self.defaulted)
        self.classes_ = classes
        self._second_is_default = bool(bad == classes[-1])
        return np.asarray(labels == bad, dtype=np.float64)

    def _directions(self, matrix: pa.Table) -> dict[str, int]:
        monotone = dict(self.monotone or {})
        names = matrix.column_names
        unknown = [name for name in monotone if name not in names]
        crooked = [name for name, direction in monotone.items() if direction not in (-1, 0, 1)]
        if unknown or crooked:
            raise RowsError("monotone-unknown", found=", ".join(map(str, unknown + crooked)), expected=", ".join(names))
        texts = [name for name in names if monotone.get(name) and is_text(matrix.schema.field(name).type)]
        if texts:
            raise RowsError("monotone-text", found=", ".join(texts))
        return {name: int(monotone.get(name, 0)) for name in names}


def _named(work: Callable[[], Given]) -> Given:
    """Let scikit-learn recognise what the pipeline refuses."""
    from certloan.errors import InputError

    try:
        return work()
    except InputError as refused:
        raise RowsError(refused.code, **refused.facts) from refused


def _numbered(groups: Any, rows: int) -> NDArray[np.int64] | None:  # noqa: ANN401
    if groups is None:
        return None
    names = column_or_1d(check_array(groups, ensure_2d=False, dtype=None, input_name="groups"))
    check_consistent_length(np.empty(rows), names)
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64)


def _weights(sample_weight: Any, rows: int) -> Floats:  # noqa: ANN401
    if sample_weight is None:
        return np.ones(rows)
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.ndim != 1:
        raise ValueError("Sample weights must be 1D array or scalar")
    check_consistent_length(np.empty(rows), weights)
    for code, wrong in (("weights-not-numbers", ~np.isfinite(weights)), ("weights-negative", weights < 0)):
        if wrong.any():
            examples = ", ".join(str(value) for value in weights[wrong][:_SHOWN])
            raise RowsError(code, found=int(np.count_nonzero(wrong)), n=rows, examples=examples)
    return weights
