"""How a model stands: against the champion, before the gate, in the eyes of the audit, in the ledger, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certloan.i18n import Lang, text
from certloan.report.model_card.blocks import Block, CardFacts, Part, Rows, Words, part, say, spanned

_SHORT = 12
#: Features named as come or gone, at most.
_NAMED = 20
_SHIFTS = ("0.05", "0.25", "0.5", "0.75", "0.95")


def limits(facts: CardFacts, lang: Lang) -> Part:
    """Tell what the model cannot do, and what of it is known to be weak."""
    blocks: list[Block] = [Words(say("limits_text", lang))]
    metrics = facts.held.get("metrics", {})
    if metrics.get("defaults", 0) < _WANTED_DEFAULTS:
        blocks.append(Words(say("weak.defaults", lang, defaults=metrics.get("defaults", 0), wanted=_WANTED_DEFAULTS)))
    if facts.held.get("split", {}).get("kind") != "time":
        blocks.append(Words(say("weak.split", lang)))
    merged = [grade.code for grade in facts.bundle.grades.grades if grade.merged] if facts.bundle.grades else []
    if merged:
        blocks.append(Words(say("weak.grades", lang, names=", ".join(merged))))
    failed = _failed(facts.validation)
    if facts.validation is None:
        blocks.append(Words(say("unvalidated", lang)))
    elif failed:
        blocks.append(Words(say("weak.validation", lang, names=", ".join(failed))))
    return part("limits", lang, blocks)


_WANTED_DEFAULTS = 100


def fairness(facts: CardFacts, lang: Lang) -> Part:
    """Tell what the audit found, attribute by attribute; where there was none, say so."""
    found = facts.fairness
    if not found or not found.get("attributes"):
        return part("fairness", lang, [Words(say("unaudited", lang))])
    zh = lang is Lang.ZH
    rows = [
        (
            attribute["zh" if zh else "en"],
            group["zh" if zh else "en"],
            f"{group['n']:,}",
            "–" if group["rate"] is None else f"{group['rate']:.1%} ({group['low']:.1%} … {group['high']:.1%})",
            spanned(group, "ratio", ".2f"),
            text(f"fairness.verdict.{group['verdict']}", lang),
        )
        for attribute in found["attributes"]
        for group in attribute["groups"]
    ]
    head = [say(f"head.{name}", lang) for name in ("attribute", "group", "n", "approval", "ratio", "verdict")]
    covers = str(found.get(f"covers_{lang.value}", ""))
    return part("fairness", lang, [Words(covers), Rows(head, rows, 2), Words(say("screening", lang))])


def change(facts: CardFacts, lang: Lang) -> Part:
    """Tell what would be another than with the champion: features, scores, ranking."""
    champion = facts.champion
    if champion is None or champion.fingerprint == facts.bundle.fingerprint:
        return part("change", lang, [Words(say("no_champion" if champion is None else "is_champion", lang))])
    ours, theirs = set(facts.bundle.names), set(champion.names)
    blocks: list[Block] = [Words(say("against", lang, champion=champion.fingerprint[:_SHORT]))]
    for key, names in (("came", ours - theirs), ("went", theirs - ours)):
        blocks.append(Words(say(key, lang, count=len(names), names=_names(names))))
    found = facts.comparison
    if not found:
        return part("change", lang, [*blocks, Words(say("uncompared", lang))])
    blocks.append(
        Words(
            say(
                "compared",
                lang,
                **{name: found[name] for name in ("first", "last", "n", "defaults")},
                auc=spanned(found, "auc"),
                champion=spanned(found, "auc_champion"),
                difference=spanned(found, "auc_difference", "+.3f"),
            )
        )
    )
    shift = found["shift"]
    row = [f"{shift['mean']:+.1f}", *(f"{shift['quantiles'][share]:+.1f}" for share in _SHIFTS)]
    rank = "–" if shift["rank_correlation"] is None else f"{shift['rank_correlation']:.3f}"
    head = [say("head.mean", lang), *(f"{float(share):.0%}" for share in _SHIFTS), say("head.rank", lang)]
    return part("change", lang, [*blocks, Words(say("shift", lang)), Rows(head, [[*row, rank]], 0)])


def standing(facts: CardFacts, lang: Lang) -> Part:
    """Tell how the model stands before the gate, and what was done with it; no person is named."""
    blocks: list[Block] = []
    if facts.gate is not None:
        head = [say(f"head.{name}", lang) for name in ("check", "found", "needed", "verdict", "why")]
        passed = "gate_passed" if facts.gate["passed"] else "gate_stopped"
        rows = [_checked(check, lang) for check in facts.gate["checks"]]
        blocks += [Words(say(passed, lang, version=facts.gate["version"])), Rows(head, rows, 9)]
    if facts.acts:
        head = [say(f"head.{name}", lang) for name in ("seq", "at", "act", "before", "after", "reason")]
        blocks.append(Rows(head, [_act(act, lang) for act in facts.acts], 9))
    return part("standing", lang, blocks or [Words(say("unrecorded", lang))])


def _checked(check: Mapping[str, Any], lang: Lang) -> tuple[str, ...]:
    result = text(f"gate.verdict.{check['verdict']}", lang)
    return f"`{check['name']}`", _value(check), check["expected"], result, check[f"reason_{lang.value}"]


def _act(act: Mapping[str, Any], lang: Lang) -> tuple[str, ...]:
    return (
        str(act["seq"]),
        str(act["at"])[:16].replace("T", " "),
        say(f"act.{act['kind']}", lang),
        str(act.get("before") or "–")[:_SHORT],
        str(act.get("model") or "–")[:_SHORT],
        " · ".join(filter(None, (act.get("code"), act.get("reason")))),
    )


def _failed(validation: Mapping[str, Any] | None) -> list[str]:
    areas = (validation or {}).items()
    return [
        name for name, area in areas if isinstance(area, Mapping) and str(area.get("verdict", "")).startswith("fail")
    ]


def _names(names: set[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:_NAMED]) + (" …" if len(listed) > _NAMED else "") or "–"


def _value(check: Mapping[str, Any]) -> str:
    found = check["found"]
    if found is None:
        return "–"
    if isinstance(found, str):
        return found
    return spanned({"x": found, "x_low": check["low"], "x_high": check["high"]}, "x", ".4g")
