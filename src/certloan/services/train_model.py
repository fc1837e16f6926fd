"""Train a model on what the warehouse knew, judge it on later loans, and keep it with its whole account."""

from __future__ import annotations

import time
from collections.abc import Sequence

from certloan.domain.people import Actor, Permission
from certloan.features.catalog import CATALOG
from certloan.features.spec import Spec
from certloan.scoring.splits import split
from certloan.scoring.trial import Terms, hold_trial
from certloan.services.build_features import build_matrix
from certloan.services.journal_port import Journal
from certloan.services.keep_model import keep_model
from certloan.services.model_ports import ModelStore
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.train_config import TrainConfig
from certloan.services.train_report import TrainReport
from certloan.services.training_gate import Gate, hold_gate, hold_hindsight, subjects_as_of
from certloan.services.training_labels import read_loans
from certloan.services.training_record import Trained, bundle_of, report_of, run_of, scorecard_of, scorecard_run_of
from certloan.services.training_search import Search, SearchInterrupted

__all__ = ["SearchInterrupted", "TrainConfig", "TrainReport", "train"]


def train(
    warehouse: Warehouse,
    store: ModelStore,
    config: TrainConfig,
    actor: Actor,
    progress: Progress = SILENT,
    specs: Sequence[Spec] = CATALOG,
    journal: Journal | None = None,
    studies: str | None = None,
) -> TrainReport:
    """Train, judge, keep and record one model; it becomes the champion only by ``promote_model``.

    Who trained stands in the ``journal``; a model that was trained without one can never be promoted. ``studies`` is
    where a search keeps its trials (``sqlite:///…``), so that it can go on after an interruption; ``None``: nowhere.
    The scorecard that is trained beside the model is kept and recorded too, as a model that can be used in its place.

    Raises ``PermissionDeniedError``, and ``InputError`` before any training when a setting makes no sense
    (``train-setting``) or names a feature that no model may read (``feature-not-for-models``), when outcomes or weights
    cannot be used (``no-labels``, ``target-values``, ``weights-negative``, ``weights-not-numbers``), when the data
    cannot carry a model (``one-class``, ``too-few-defaults``, ``split-empty``, ``split-dates-crossed``,
    ``no-features``), when a feature knows what nobody could have known (``leaking-features``, ``hindsight``), or when
    what lies at ``studies`` is no store of trials (``search-store-unreadable``); then also when no feature beats
    chance (``no-signal``). A search that the user stops raises :class:`SearchInterrupted`; nothing else is kept then.
    """
    actor.require(Permission.TRAIN)
    started = time.monotonic()
    plan, used, quest = config.plan(), config.offered(specs), config.quest(studies)
    directions = {spec.name: spec.direction for spec in used}
    progress.stage("train_labels")
    loans = read_loans(warehouse)
    labels = loans.labels
    splits = split(plan, labels, config.min_defaults)
    subjects = subjects_as_of(loans.subjects, config.features_as_of)
    matrix = build_matrix(warehouse, subjects, used, progress)
    alone = hold_gate(matrix, labels, splits[0], directions, config.seed, progress, config.vouched)
    later = None
    if config.features_as_of is not None:
        later = hold_hindsight(warehouse, loans.subjects, used, matrix, labels, splits, config.seed, progress)
    search = Search(labels, quest, progress) if quest is not None else None
    progress.stage("train_bags" if search is None else "train_screen")
    tune = None if search is None else search.choose
    terms = Terms(directions, config.recipe(), config.rivals, config.prices, tune)
    trial = hold_trial(matrix, labels, splits, terms, progress.advance)
    trained = Trained(config, loans, used, matrix, Gate(alone, later), search.found if search else [], trial)
    scorecard = scorecard_of(trained)
    bundle = bundle_of(trained, scorecard)
    progress.stage("train_record")
    keep_model(store, bundle, actor, journal)
    if scorecard is not None:
        keep_model(store, scorecard, actor, journal)
    seconds = time.monotonic() - started
    run_id = store.record(bundle, run_of(trained, bundle, actor, seconds)) if config.log else None
    if scorecard is not None and run_id is not None:
        store.record(scorecard, scorecard_run_of(trained, scorecard, actor, run_id))
    return report_of(trained, bundle, seconds, scorecard=scorecard.fingerprint if scorecard else None, run_id=run_id)
