"""Which models there are, who made them, what became of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from certloan.domain.people import Actor, Permission
from certloan.errors import CertLoanError
from certloan.ledger.entry import Kind
from certloan.services.journal_port import Journal
from certloan.services.model_history import ModelAct, acts_known, makers
from certloan.services.model_ports import ModelStore


@dataclass(frozen=True)
class ModelLine:
    """One kept model. ``state`` is ``champion``, ``challenger`` or ``kept``; figures are those of its own test.

    ``makers`` is empty for a model that the ledger does not know. ``broken`` is the code of what is wrong with its
    files; nothing else is then known of it.
    """

    fingerprint: str
    state: str
    makers: tuple[str, ...]
    made_at: str | None
    kind: str | None = None
    parent: str | None = None
    n: int | None = None
    defaults: int | None = None
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    broken: str | None = None


@dataclass(frozen=True)
class ModelList:
    """The models of a workspace. ``noted`` is the champion by the note, ``recorded`` by the ledger's last promotion."""

    models: tuple[ModelLine, ...]
    noted: str | None
    recorded: str | None

    @property
    def differs(self) -> bool:
        """Tell whether the note was written by another way than a recorded promotion."""
        return self.recorded is not None and self.noted != self.recorded

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "champion": self.noted,
            "champion_recorded": self.recorded,
            "models": [{**asdict(line), "makers": list(line.makers)} for line in self.models],
        }


def list_models(store: ModelStore, journal: Journal, actor: Actor) -> ModelList:
    """Tell of every kept model, the champion first, then the newest."""
    actor.require(Permission.AUDIT)
    acts = acts_known(journal)
    states = {store.challenger(): "challenger", store.champion(): "champion"}
    lines = [_line(store, name, states.get(name, "kept"), acts) for name in store.fingerprints()]
    lines.sort(key=lambda line: (line.made_at or "", line.fingerprint), reverse=True)
    lines.sort(key=lambda line: ["champion", "challenger", "kept"].index(line.state))
    promoted = [act.model for act in acts if act.kind is Kind.MODEL_PROMOTED]
    return ModelList(tuple(lines), store.champion(), promoted[-1] if promoted else None)


def _line(store: ModelStore, fingerprint: str, state: str, acts: tuple[ModelAct, ...]) -> ModelLine:
    made = [act.at for act in acts if act.kind is Kind.MODEL_TRAINED and act.model == fingerprint]
    by, first = makers(acts, fingerprint), made[0] if made else None
    try:
        bundle = store.load(fingerprint)
    except CertLoanError as broken:
        return ModelLine(fingerprint, state, by, first, broken=broken.code)
    held = bundle.provenance.get("metrics", {})
    figures = {name: held.get(name) for name in ("n", "defaults", "auc", "auc_low", "auc_high")}
    return ModelLine(fingerprint, state, by, first, bundle.kind, bundle.parent, **figures)
