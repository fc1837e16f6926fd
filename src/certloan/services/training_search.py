"""The search for settings inside a training: once for each model that is grown, on its own training rows alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.search.seek import Findings, Quest, seek
from certloan.scoring.splits import Labels, Rows
from certloan.services.ports import Progress, note


class SearchInterrupted(KeyboardInterrupt):
    """The user stopped a search; ``trials`` have ended and are kept, so that the same command goes on from there.

    ``kept`` is false where the trials were kept nowhere.
    """

    def __init__(self, trials: int, *, kept: bool) -> None:
        super().__init__(trials)
        self.trials, self.kept = trials, kept


@dataclass(eq=False)
class Search:
    """Searches when a trial asks for settings, and remembers what it found, in the order of the models grown."""

    labels: Labels
    quest: Quest
    progress: Progress
    found: list[Findings] = field(default_factory=list)

    def choose(self, rows: Rows, sample: Sample, features: tuple[ModelFeature, ...], recipe: Recipe) -> Recipe:
        """Give the recipe with the settings found on these training rows."""
        labels = self.labels.take(rows)
        ended = 0
        self.progress.stage("train_search", self.quest.trials)

        def heard(trials: int, best: float) -> None:
            nonlocal ended
            ended = trials
            self.progress.advance()
            note(self.progress, "train_search_best", best=best)

        try:
            found = seek(sample, features, labels, self.quest, recipe, heard)
        except KeyboardInterrupt:
            raise SearchInterrupted(ended, kept=self.quest.url is not None) from None
        self.found.append(found)
        self.progress.stage("train_bags")
        return replace(recipe, settings={**recipe.settings, **found.settings})
