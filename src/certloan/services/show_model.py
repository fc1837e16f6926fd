"""One model: its test, how it stands before the gate, and what was done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from certloan.domain.people import Actor, Permission
from certloan.governance.gate import GateResult
from certloan.services.journal_port import Journal
from certloan.services.list_models import ModelList, list_models
from certloan.services.model_history import ModelAct, acts_known
from certloan.services.model_ports import ModelStore
from certloan.services.promote_model import Evidence, gate_of


@dataclass(frozen=True)
class ModelShown:
    """A model with the gate as far as its own record and its validation report go, and its acts in their order."""

    fingerprint: str
    listed: ModelList
    gate: GateResult
    acts: tuple[ModelAct, ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        (line,) = self.listed.as_json()["models"]
        return {**line, "gate": self.gate.as_json(), "acts": [act.as_json() for act in self.acts]}


def show_model(store: ModelStore, journal: Journal, fingerprint: str, validation: Path, actor: Actor) -> ModelShown:
    """Tell of one kept model; raises what finding and loading it raise."""
    actor.require(Permission.AUDIT)
    bundle = store.load(fingerprint)
    found = list_models(store, journal, actor)
    only = replace(found, models=tuple(line for line in found.models if line.fingerprint == bundle.fingerprint))
    acts = tuple(act for act in acts_known(journal) if bundle.fingerprint in (act.model, act.before))
    gate, _ = gate_of(store, bundle.fingerprint, Evidence(validation), journal)
    return ModelShown(bundle.fingerprint, only, gate, acts)
