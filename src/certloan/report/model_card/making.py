"""What a model is for, what it learnt from, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certloan.features.catalog import by_name
from certloan.i18n import Lang
from certloan.report.model_card.blocks import Block, CardFacts, Part, Rows, Words, part, say
from certloan.scoring.weights import weight_of_features

#: How many features the card lists; the rest stand in ``bundle.json``.
_LISTED = 15
_SHORT = 12


def purpose(facts: CardFacts, lang: Lang) -> Part:
    """Tell what the model is for, what it is not for, and where it stands now."""
    bundle = facts.bundle
    blocks: list[Block] = [Words(say("what", lang)), Words(say("not_for", lang))]
    if facts.state is not None:
        blocks.append(Words(say(f"state.{facts.state}", lang)))
    if bundle.parent is not None:
        blocks.append(Words(say("parent", lang, parent=bundle.parent[:_SHORT])))
    return part("purpose", lang, blocks)


def data(facts: CardFacts, lang: Lang) -> Part:
    """Tell the windows with their counts, how they were parted, and the digest of what was learnt from."""
    window, split = facts.held.get("window", {}), facts.held.get("split", {})
    blocks: list[Block] = []
    if window:
        rows = [_window(name, window, lang) for name in ("train", "test")]
        blocks.append(Rows([say(f"head.{name}", lang) for name in ("part", "from", "to", "n", "defaults")], rows, 1))
    else:
        blocks.append(Words(say("unknown", lang)))
    if split.get("kind") in ("time", "folds", "random"):
        blocks.append(Words(say(f"split.{split['kind']}", lang, embargoed=split.get("embargoed", 0))))
    if "digest" in facts.held:
        blocks.append(Words(say("digest", lang, digest=facts.held["digest"])))
    missing = facts.held.get("families_missing")
    if missing:
        blocks.append(Words(say("families_missing", lang, names=", ".join(missing))))
    return part("data", lang, blocks)


def made(facts: CardFacts, lang: Lang) -> Part:
    """Tell the form of the model, how its settings were chosen, its scale, and what was left out of it."""
    bundle, held = facts.bundle, facts.held
    shape = {"features": len(bundle.features), "pairs": len(bundle.tables.pairs), "cells": bundle.tables.cells}
    weights = held.get("made_of", {}).get("weights") if bundle.kind == "ensemble" else None
    blocks: list[Block] = [Words(say(f"shape.{'blend' if weights else bundle.kind}", lang, **shape))]
    if bundle.boosters:
        blocks.append(Words(say("bags", lang, bags=len(bundle.boosters), trees=sum(held.get("trees", ())))))
    if weights:
        blocks.append(Words(say("blend", lang, **weights)))
    search = held.get("search")
    blocks.append(Words(say("searched", lang, trials=search["trials"]) if search else say("unsearched", lang)))
    blocks += [Words(told) for told in _vouched(held, lang)]
    price = held.get("price")
    if price:
        blocks.append(Words(say("price", lang, **price)))
    scale = bundle.scale
    blocks.append(Words(say("scale", lang, points=scale.points, odds=scale.odds, doubles=scale.doubles)))
    blocks += [Words(told) for told in _dropped(held, lang)]
    return part("made", lang, blocks)


def features(facts: CardFacts, lang: Lang) -> Part:
    """List the features that move scores most."""
    rows = [
        (f"`{name}`", _label(name, lang), f"{points:.1f}")
        for name, points in weight_of_features(facts.bundle)[:_LISTED]
    ]
    head = [say(f"head.{name}", lang) for name in ("feature", "meaning", "weight")]
    return part("features", lang, [Rows(head, rows, 2)])


def _window(name: str, window: Mapping[str, Any], lang: Lang) -> tuple[str, ...]:
    cells = (window.get(f"{name}_from"), window.get(f"{name}_to"), window.get(f"n_{name}"))
    counted = window.get(f"defaults_{name}")
    return (say(f"window.{name}", lang), *("–" if cell is None else str(cell) for cell in (*cells, counted)))


def _vouched(held: Mapping[str, Any], lang: Lang) -> list[str]:
    gate, settings = held.get("leakage", {}), held.get("settings", {})
    told = []
    if gate.get("vouched"):
        why = settings.get("vouch_reason", "–")
        told.append(say("vouched", lang, names=", ".join(gate["vouched"]), reason=why))
    if gate.get("look_at"):
        told.append(say("look_at", lang, names=", ".join(gate["look_at"])))
    return told


def _dropped(held: Mapping[str, Any], lang: Lang) -> list[str]:
    dropped = held.get("dropped", {})
    noise = sorted(name for name, why in dropped.items() if why == "noise")
    unusable = sorted(set(dropped) - set(noise))
    told = (("dropped", unusable), ("noise", noise))
    return [say(key, lang, count=len(names), names=", ".join(names)) for key, names in told if names]


def _label(name: str, lang: Lang) -> str:
    try:
        spec = by_name(name)
    except KeyError:
        return ""
    return spec.zh if lang is Lang.ZH else spec.en
