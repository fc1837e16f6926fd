"""Where models live: one folder per bundle, a note that names the champion, and the experiment tracker beside them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from certloan.errors import InputError, NotReadyError
from certloan.report.model_card import card
from certloan.scoring.bundle import Bundle
from certloan.services.model_ports import TrainingRun
from certloan.storage.tracking import Tracker

_CHAMPION = "champion.toml"
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
        return bundle.save(self._models, card(bundle))

    def load(self, fingerprint: str) -> Bundle:
        """Give the bundle whose fingerprint this is, or begins with this, checked byte by byte.

        Raises ``model-unknown``, ``model-ambiguous`` and whatever :meth:`Bundle.load` raises.
        """
        whole = self._find(fingerprint)
        return Bundle.load(self._models / whole, expected=whole)

    def fingerprints(self) -> tuple[str, ...]:
        """Give every model that is kept, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self._models.glob(f"[!.]*/{_MANIFEST}")))

    def champion(self) -> str | None:
        """Give the fingerprint of the model in use, if there is one; ``champion-unreadable`` when the note is broken."""
        note = self._models / _CHAMPION
        if not note.is_file():
            return None
        try:
            held = tomllib.loads(note.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise InputError("champion-unreadable", file=f"{self._models.name}/{_CHAMPION}") from broken
        if not isinstance(held.get("fingerprint"), str):
            raise InputError("champion-unreadable", file=f"{self._models.name}/{_CHAMPION}")
        return str(held["fingerprint"])

    def promote(self, fingerprint: str) -> None:
        """Make a kept model the one in use, in one step that cannot be seen half done.

        The whole bundle is read and checked first: a model that cannot be loaded is never put in use.
        """
        whole = self._find(fingerprint)
        Bundle.load(self._models / whole, expected=whole)
        note = self._models / _CHAMPION
        building = self._models / f".{_CHAMPION}.{os.getpid()}"
        building.write_text(f'fingerprint = "{whole}"\n', encoding="utf-8")
        building.replace(note)
        self._tracker.promote(whole)

    def record(self, bundle: Bundle, run: TrainingRun) -> str:
        """Write the training into MLflow and give the id of the run there."""
        return self._tracker.record(bundle, run)

    def _find(self, fingerprint: str) -> str:
        kept = self.fingerprints()
        found = [name for name in kept if fingerprint and name.startswith(fingerprint)]
        if not kept:
            raise NotReadyError("no-models", found=fingerprint)
        if not found:
            raise InputError("model-unknown", found=fingerprint, expected=_listed(kept))
        if len(found) > 1:
            raise InputError("model-ambiguous", found=fingerprint, expected=_listed(found))
        return found[0]


def _listed(fingerprints: tuple[str, ...] | list[str]) -> str:
    return ", ".join(name[:12] for name in fingerprints)
