"""The algorithm as it is disclosed to the public: seven items, each from the model's own record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from certloan.i18n import Lang
from certloan.report.model_card.blocks import Block, CardFacts, Item, Part, Words, part, say
from certloan.report.model_card.figures import brief

_SHORT = 12


def disclosure(facts: CardFacts, lang: Lang) -> Part | None:
    """Give the items in the standard's order; None where no standard is given."""
    asked = facts.disclosure
    if asked is None:
        return None
    place = 0 if lang is Lang.ZH else 1
    note = say("disclosed" if asked.verified else "disclosed_unverified", lang, source=asked.source)
    blocks: list[Block] = [
        Words(f"{asked.title[place]}。" if lang is Lang.ZH else f"{asked.title[place]}."),
        Words(note),
    ]
    blocks += [Item((zh, en)[place], _TOLD[tag](facts, lang)) for tag, zh, en in asked.items]
    return part("disclosure", lang, blocks)


def _combination(facts: CardFacts, lang: Lang) -> str:
    bundle = facts.bundle
    shape = {"features": len(bundle.features), "pairs": len(bundle.tables.pairs)}
    weights = facts.held.get("made_of", {}).get("weights")
    if weights and bundle.kind == "ensemble":
        return say("disclose.combination_blend", lang, **shape, **weights)
    return say(f"disclose.combination_{bundle.kind}", lang, **shape)


def _logic(facts: CardFacts, lang: Lang) -> str:
    scale = facts.bundle.scale
    return say("disclose.logic", lang, points=scale.points, odds=scale.odds, doubles=scale.doubles)


def _application(_facts: CardFacts, lang: Lang) -> str:
    return say("disclose.application", lang)


def _data(facts: CardFacts, lang: Lang) -> str:
    window = facts.held.get("window", {})
    if not window:
        return say("unknown", lang)
    known = ("train_from", "train_to", "n_train", "defaults_train")
    return say("disclose.data", lang, **{name: window.get(name, "–") for name in known})


def _parties(_facts: CardFacts, lang: Lang) -> str:
    return say("disclose.parties", lang)


def _changes(facts: CardFacts, lang: Lang) -> str:
    own = facts.bundle.fingerprint
    promoted = [act for act in facts.acts if act.get("kind") == "model_promoted" and act.get("model") == own]
    parent = facts.bundle.parent
    told = say("disclose.changes", lang, fingerprint=own[:_SHORT], times=len(promoted))
    return told if parent is None else f"{told} {say('parent', lang, parent=parent[:_SHORT])}"


def _audit(facts: CardFacts, lang: Lang) -> str:
    key = "disclose.audit" if facts.validation is not None else "disclose.audit_open"
    return f"{brief(facts.held, lang)} {say(key, lang)}"


_TOLD: Mapping[str, Callable[[CardFacts, Lang], str]] = {
    "combination": _combination,
    "logic": _logic,
    "application": _application,
    "data": _data,
    "parties": _parties,
    "changes": _changes,
    "audit": _audit,
}
