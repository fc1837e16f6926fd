"""The case before the validator: a model, and the loans that taught it and that judge it, built again from evidence.

Nothing is taken over from the training but what the bundle itself says: its settings, its split, its features. Where
the evidence has changed since, the rows are no longer those of the training, and the report says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.errors import InputError
from certloan.features.catalog import CATALOG, by_name
from certloan.features.spec import Spec
from certloan.scoring.bundle import Bundle, Scored
from certloan.scoring.growing.fit import Prepared, prepare
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.matrix import Floats
from certloan.scoring.splits import Labels, Rows, Split, split
from certloan.scoring.validation.stage import Integers, Stage, numbered, set_stage
from certloan.services.build_features import build_matrix
from certloan.services.ports import Progress, Warehouse
from certloan.services.train_config import TrainConfig
from certloan.services.training_gate import subjects_as_of
from certloan.services.training_labels import Loans, read_loans

#: The groups that every report looks at apart; for the audit alone, never for a model.
GROUPS = ("size_class", "county_group", "ownership")
_DATES = ("train_before", "test_from", "test_before", "features_as_of")


@dataclass(frozen=True, eq=False)
class Case:
    """A bundle with its loans. Rows of ``loans``, ``matrix`` and ``groups`` belong together; ``one`` says which teach."""

    warehouse: Warehouse
    bundle: Bundle
    config: TrainConfig
    specs: Sequence[Spec]
    loans: Loans
    one: Split
    matrix: pa.Table
    groups: pa.Table

    @property
    def labels(self) -> Labels:
        """What became of every loan."""
        return self.loans.labels

    @property
    def families(self) -> Mapping[str, str]:
        """The family of each feature that a model may be offered."""
        return {spec.name: str(spec.family) for spec in self.specs}

    @property
    def directions(self) -> Mapping[str, int]:
        """The declared direction of each of them."""
        return {spec.name: spec.direction for spec in self.specs}

    @cached_property
    def recipe(self) -> Recipe:
        """The way the model was grown, with the settings that a search found."""
        found = self.bundle.provenance.get("search", {}).get("settings", {})
        return dataclasses.replace(self.config.recipe(), settings=dict(found))

    @cached_property
    def taught(self) -> Prepared:
        """The training rows with every usable feature."""
        rows = self.one.train
        taken, heard = self.matrix.take(pa.array(rows)), self.labels.take(rows)
        return prepare(taken, heard.defaulted, heard.weights, self.directions, heard.firms)

    @cached_property
    def stage(self) -> Stage:
        """Both sides of the split, over the features that the model reads: what refits learn from."""
        return set_stage(self.matrix, self.labels, self.one, self.bundle.features, self.matrix["uscc"], self.recipe)

    @cached_property
    def scored(self) -> Scored:
        """What the model says of every loan."""
        return self.bundle.score(self.matrix)

    @cached_property
    def judged(self) -> tuple[Floats, Floats, Floats]:
        """Outcomes, probabilities and weights (mean 1) of the loans that the model had not seen."""
        rows = self.one.test
        weights = self.labels.weights[rows]
        return self.labels.defaulted[rows], self.scored.pd[rows], weights / weights.mean()

    def classes(self, group: str) -> tuple[Integers, Integers]:
        """Number the group of each row, of the training and of the test."""
        codes = numbered(self.groups[group].fill_null("?"))
        return codes[self.one.train], codes[self.one.test]

    @property
    def unchanged(self) -> bool:
        """Whether the evidence still gives exactly the rows that the model learnt from."""
        return bool(self.taught.digest == self.bundle.provenance.get("digest"))


def open_case(warehouse: Warehouse, bundle: Bundle, progress: Progress, specs: Sequence[Spec] = CATALOG) -> Case:
    """Build the case of a model.

    Raises ``InputError``: ``validate-no-settings`` for a bundle that does not say how it was trained (one that was not
    trained here), ``validate-no-test`` for one that was judged by folds and has therefore learnt from every loan,
    ``validate-window-empty`` where the warehouse lacks the loans of its split.
    """
    config = config_of(bundle)
    if config.split == "folds":
        raise InputError("validate-no-test", found=bundle.fingerprint[:12], split=config.split)
    used = config.offered(specs)
    progress.stage("train_labels")
    loans = read_loans(warehouse)
    (one,) = split(config.plan(), loans.labels, config.min_defaults)
    held = bundle.provenance.get("window", {})
    if not _days_within(loans.labels, one.test, held):
        raise InputError("validate-window-empty", found=held.get("test_from"), until=held.get("test_to"))
    matrix = build_matrix(warehouse, subjects_as_of(loans.subjects, config.features_as_of), used, progress)
    groups = build_matrix(warehouse, loans.subjects, [by_name(name) for name in GROUPS], progress)
    return Case(warehouse, bundle, config, used, loans, one, matrix, groups)


def config_of(bundle: Bundle) -> TrainConfig:
    """Give the settings that a bundle was trained with; ``validate-no-settings`` where it does not tell them.

    Settings of another version that this one does not know are passed over.
    """
    held: Any = bundle.provenance.get("settings")
    if not isinstance(held, Mapping):
        raise InputError("validate-no-settings", found=bundle.fingerprint[:12])
    known = {field.name for field in dataclasses.fields(TrainConfig)}
    given: dict[str, Any] = {name: value for name, value in held.items() if name in known}
    for name in _DATES:
        if isinstance(given.get(name), str):
            given[name] = date.fromisoformat(given[name])
    for name in ("features", "without", "vouched"):
        given[name] = tuple(given.get(name, ()))
    window = bundle.provenance.get("split", {})
    if window.get("kind") == "time":
        # Days that the data chose are pinned to what they were: later loans would move them.
        for name in ("train_before", "test_from", "test_before"):
            given[name] = date.fromisoformat(str(window[name])) if window.get(name) else given.get(name)
    return TrainConfig(**given)


def _days_within(labels: Labels, rows: Rows, window: Mapping[str, Any]) -> bool:
    if not len(rows) or "test_from" not in window:
        return bool(len(rows))
    days = labels.applied_on[rows]
    return bool(days.min() <= np.datetime64(window["test_to"]) and days.max() >= np.datetime64(window["test_from"]))
