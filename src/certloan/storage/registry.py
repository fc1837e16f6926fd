"""Where models live: one folder per bundle, a note that names the champion, and the experiment tracker beside them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from certloan.errors import InputError, NotReadyError
from certloan.report.model_card import CardFacts, markdown
from certloan.scoring.bundle import Bundle
from certloan.services.model_ports import TrainingRun
from certloan.storage.tracking import CHALLENGER, CHAMPION, Tracker

_MANIFEST = "bundle.json"


class ModelRegistry:
    """A :class:`certloan.services.model_ports.ModelStore` in two folders.

    The folder of bundles is the truth; MLflow is told of it and may be deleted at any time.
    """

    def __init__(self, models: Path, mlruns: Path) -> None:
        self._models = models
        self._tracker = Tracker(mlruns)

    def save(self, bundle: Bundle) -> Path:
        """Keep the bundle under its fingerprint; saving the same one twice changes nothing."""
        return bundle.save(self._models, markdown(CardFacts(bundle)))

    def find(self, fingerprint: str) -> str:
        """Give the whole fingerprint of the kept model that this is, or begins; its content is not read.

        Raises ``no-models``, ``model-unknown`` and ``model-ambiguous``.
        """
        kept = self.fingerprints()
        found = [name for name in kept if fingerprint and name.startswith(fingerprint)]
        if not kept:
            raise NotReadyError("no-models", found=fingerprint)
        if not found:
            raise InputError("model-unknown", found=fingerprint, expected=_listed(kept))
        if len(found) > 1:
            raise InputError("model-ambiguous", found=fingerprint, expected=_listed(found))
        return found[0]

    def load(self, fingerprint: str) -> Bundle:
        """Give the bundle whose fingerprint this is, or begins with this, checked byte by byte.

        Raises whatever :meth:`find` and :meth:`Bundle.load` raise.
        """
        whole = self.find(fingerprint)
        return Bundle.load(self._models / whole, expected=whole)

    def fingerprints(self) -> tuple[str, ...]:
        """Give every model that is kept, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self._models.glob(f"[!.]*/{_MANIFEST}")))

    def champion(self) -> str | None:
        """Give the fingerprint of the model in use, if there is one; ``champion-unreadable`` when the note is broken."""
        return self._noted(CHAMPION)

    def challenger(self) -> str | None:
        """Give the fingerprint of the model beside it, if there is one; ``champion-unreadable`` when the note is broken."""
        return self._noted(CHALLENGER)

    def promote(self, fingerprint: str) -> None:
        """Make a kept model the one in use, in one step that cannot be seen half done.

        The whole bundle is read and checked first: a model that cannot be loaded is never put in use.
        """
        whole = self.load(fingerprint).fingerprint
        self._note(CHAMPION, whole)
        self._tracker.point(CHAMPION, whole)
        if self.challenger() == whole:
            self.challenge(None)

    def challenge(self, fingerprint: str | None) -> None:
        """Make a kept model the challenger, checked as one to promote is; None: there is none any more."""
        if fingerprint is None:
            self._file(CHALLENGER).unlink(missing_ok=True)
            self._tracker.point(CHALLENGER, None)
            return
        whole = self.load(fingerprint).fingerprint
        self._note(CHALLENGER, whole)
        self._tracker.point(CHALLENGER, whole)

    def record(self, bundle: Bundle, run: TrainingRun) -> str:
        """Write the training into MLflow and give the id of the run there."""
        return self._tracker.record(bundle, run, markdown(CardFacts(bundle)))

    def _file(self, alias: str) -> Path:
        return self._models / f"{alias}.toml"

    def _note(self, alias: str, fingerprint: str) -> None:
        building = self._models / f".{alias}.{os.getpid()}"
        building.write_text(f'fingerprint = "{fingerprint}"\n', encoding="utf-8")
        building.replace(self._file(alias))

    def _noted(self, alias: str) -> str | None:
        note = self._file(alias)
        if not note.is_file():
            return None
        try:
            held = tomllib.loads(note.read_text(encoding="utf-8")).get("fingerprint")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise InputError("champion-unreadable", file=f"{self._models.name}/{note.name}") from broken
        if not isinstance(held, str):
            raise InputError("champion-unreadable", file=f"{self._models.name}/{note.name}")
        return held


def _listed(fingerprints: tuple[str, ...] | list[str]) -> str:
    return ", ".join(name[:12] for name in fingerprints)
