"""A model's card, from everything that is known of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.governance.asked import DISCLOSURE, standard
from certloan.i18n import Lang
from certloan.report.model_card import CardFacts, Disclosure, markdown, page
from certloan.report.page import write_whole
from certloan.services.compare_models import compare_models
from certloan.services.journal_port import Journal
from certloan.services.model_history import acts_known
from certloan.services.model_ports import ModelStore
from certloan.services.promote_model import Evidence, gate_of, readable
from certloan.services.validation_record import read_validation


@dataclass(frozen=True)
class Sources:
    """Where a card looks beside the model itself: the gate's evidence, and the report of a fairness audit."""

    evidence: Evidence
    fairness: Path | None = None


def card_of(
    store: ModelStore, journal: Journal, fingerprint: str, actor: Actor, sources: Sources, *, html: bool = False
) -> str:
    """Write the card of a kept model as Markdown, or as one HTML page; raises what finding and loading it raise.

    Nobody is named on it: names stand in the ledger alone.
    """
    actor.require(Permission.AUDIT)
    bundle, evidence = store.load(fingerprint), sources.evidence
    champion = store.champion()
    states = {store.challenger(): "challenger", champion: "champion"}
    other = None if champion is None or champion == bundle.fingerprint else readable(store, champion)
    compared = None
    if other is not None and evidence.warehouse is not None:
        compared = compare_models(evidence.warehouse, other, bundle, evidence.progress)
    gate, _ = gate_of(store, bundle.fingerprint, Evidence(evidence.validation, thresholds=evidence.thresholds), journal)
    validation, _ = read_validation(evidence.validation, bundle.fingerprint)
    acts = [act for act in acts_known(journal) if bundle.fingerprint in (act.model, act.before)]
    facts = CardFacts(
        bundle,
        disclosure=_disclosure(),
        state=states.get(bundle.fingerprint, "kept"),
        acts=[act.as_json() for act in acts],
        gate=gate.as_json(),
        comparison=None if compared is None else compared.as_json(),
        champion=bundle if bundle.fingerprint == champion else other,
        fairness=_fairness(sources.fairness, bundle.fingerprint),
        validation=validation or None,
    )
    return page(facts) if html else markdown(facts)


def write_card(content: str, file: Path) -> Path:
    """Write a card to a file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(file, content)


def _disclosure() -> Disclosure:
    asked = standard(DISCLOSURE)
    items = [(item.tag, item.zh, item.en) for item in asked.items]
    return Disclosure((asked.title(Lang.ZH), asked.title(Lang.EN)), items, asked.verified, asked.source)


def _fairness(file: Path | None, fingerprint: str) -> dict[str, Any] | None:
    """Read what ``certloan audit --json`` printed; ``audit-unreadable`` when it is no audit of this model's decisions."""
    if file is None:
        return None
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        raise InputError("audit-unreadable", found=file.name, expected=fingerprint[:12]) from broken
    if not isinstance(held, dict) or held.get("fingerprint") != fingerprint or "attributes" not in held:
        raise InputError("audit-unreadable", found=file.name, expected=fingerprint[:12])
    return held
