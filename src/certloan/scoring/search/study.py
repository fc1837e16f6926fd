"""The trials of one search, kept where an interruption cannot hurt them.

Trials run in memory and are written whole, each in one transaction, when they have ended: a search that is killed
leaves whole trials behind and nothing else. What is drawn next is settled by the seed, the number of trials before it
and their outcomes, all of which are read back to the last bit, so a search that goes on after an interruption ends
where it would have ended without one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certloan.errors import InputError
from certloan.scoring.search.space import Setting, Settings, settings_of

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

#: The first trials are drawn at random, and none is given up before so many have ended and so many rounds have grown.
RANDOM_TRIALS, SPARED_TRIALS, SPARED_ROUNDS = 8, 5, 50
#: A trial is given up when so many in a hundred were better at the same round. Not the median: settings that learn
#: slowly stand behind at first and often end in front.
KEPT_PERCENT = 75.0
_LOSS, _SECONDS, _ROUNDS, _GIVEN_UP = "loss", "seconds", "rounds", "pruned_at"
_PRIME = 15_485_863


@dataclass(frozen=True)
class Attempt:
    """One trial that has ended.

    ``state`` is ``complete`` or ``pruned`` (given up after the round ``pruned_at``). ``value`` is the lowest mean
    log-loss it reached, after ``rounds`` rounds. ``settings`` is empty for the first trial: the usual settings.
    """

    number: int
    settings: Settings
    value: float
    state: str
    rounds: int
    seconds: float
    pruned_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Give plain values without the time that it took."""
        return {
            "number": self.number,
            "settings": dict(self.settings),
            "value": round(self.value, 8),
            "state": self.state,
            "rounds": self.rounds,
            "pruned_at": self.pruned_at,
        }


class Trials:
    """The trials of the study ``name``: those that are kept, and the next one.

    ``url`` is where they are kept, as Optuna understands it (``sqlite:///…``); ``None`` keeps them for this process.
    Raises ``search-store-unreadable`` where something else is kept there.
    """

    def __init__(
        self, url: str | None, name: str, space: Sequence[Setting], start: Mapping[str, Any], seed: int
    ) -> None:
        self._space, self._start, self._seed = tuple(space), dict(start), seed
        with _quiet():
            import optuna

            pruner = optuna.pruners.PercentilePruner(
                KEPT_PERCENT, n_startup_trials=SPARED_TRIALS, n_warmup_steps=SPARED_ROUNDS
            )
            self._running = optuna.create_study(direction="minimize", pruner=pruner)
            self._kept = _opened(url, name)
        self._catch_up()
        self.found_before = len(self)

    def __len__(self) -> int:
        return len(self._running.trials)

    def attempts(self, most: int) -> tuple[Attempt, ...]:
        """Give the first ``most`` trials that have ended."""
        return tuple(self._told(trial) for trial in self._running.trials[:most])

    def ask(self) -> tuple[Trial, Settings]:
        """Begin the next trial; the first is the usual settings, told as no settings at all."""
        from optuna.samplers import TPESampler

        with _quiet():
            number = len(self)
            # A new sampler for each trial: what it draws depends on no draw before it, only on how those ended.
            sampler = TPESampler(n_startup_trials=RANDOM_TRIALS, seed=(self._seed * _PRIME + number) % 2**32)
            self._running.sampler = sampler
            if not number:
                self._running.enqueue_trial(self._start)
            trial = self._running.ask({setting.name: setting.distribution() for setting in self._space})
        return trial, settings_of(self._space, trial.params) if number else {}

    def tell(self, trial: Trial, value: float, rounds: int, seconds: float, pruned_at: int | None) -> Attempt:
        """End a trial and keep it."""
        from optuna.trial import TrialState

        with _quiet():
            told = {_LOSS: value, _ROUNDS: rounds, _SECONDS: round(seconds, 3), _GIVEN_UP: pruned_at}
            for name, fact in told.items():
                trial.set_user_attr(name, fact)
            if pruned_at is None:
                ended = self._running.tell(trial, value)
            else:
                ended = self._running.tell(trial, state=TrialState.PRUNED)
            # Another process may have kept this very trial meanwhile: the two are the same.
            if self._kept is not None and len(self._kept.trials) == ended.number:
                self._kept.add_trial(ended)
        return self._told(ended)

    def _catch_up(self) -> None:
        if self._kept is not None:
            with _quiet():
                self._running.add_trials(self._kept.trials)

    def _told(self, trial: FrozenTrial) -> Attempt:
        pruned_at = trial.user_attrs[_GIVEN_UP]
        return Attempt(
            number=trial.number,
            settings=settings_of(self._space, trial.params) if trial.number else {},
            value=float(trial.user_attrs[_LOSS]),
            state="complete" if pruned_at is None else "pruned",
            rounds=int(trial.user_attrs[_ROUNDS]),
            seconds=float(trial.user_attrs[_SECONDS]),
            pruned_at=pruned_at,
        )


def _opened(url: str | None, name: str) -> Study | None:
    """Open or begin the study ``name``."""
    import optuna

    if url is None:
        return None
    try:
        return optuna.create_study(storage=url, study_name=name, direction="minimize", load_if_exists=True)
    except RuntimeError as other:  # Optuna's word for a store of another version
        raise InputError("search-store-unreadable", file=url.rpartition("/")[2], why=str(other)) from other


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Optuna would print off the user's screen, and leave its own settings as they were."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
