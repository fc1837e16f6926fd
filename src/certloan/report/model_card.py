"""The model card: what the bundle says of itself, for a reader, in both languages."""

from __future__ import annotations

from certloan.i18n.catalog import Lang, text
from certloan.scoring.bundle import Bundle
from certloan.scoring.weights import weight_of_features

#: How many features the card lists; the rest stand in ``bundle.json``.
_LISTED = 15


def card(bundle: Bundle) -> str:
    """Write the card as Markdown, Chinese first."""
    return "\n\n---\n\n".join(_one(bundle, lang) for lang in (Lang.ZH, Lang.EN)) + "\n"


def _one(bundle: Bundle, lang: Lang) -> str:
    held = bundle.provenance

    def say(key: str, **facts: object) -> str:
        return text(f"card.{key}", lang, **facts)

    lines = [f"# {say('title', fingerprint=bundle.fingerprint[:12])}", say("what"), f"## {say('numbers')}"]
    metrics = held.get("metrics", {})
    if metrics:
        lines.append(say("tested", **metrics))
    for name, rival in held.get("rivals", {}).items():
        lines.append(say(f"rival_{name}", **rival))
    price = held.get("price")
    if price:
        lines.append(say("price", **price))
    window = held.get("window", {})
    if window:
        lines.append(say("window", **window))
    lines += [
        f"## {say('made')}",
        say("shape", features=len(bundle.features), pairs=len(bundle.tables.pairs), cells=bundle.tables.cells),
    ]
    lines.append(say("scale", points=bundle.scale.points, odds=bundle.scale.odds, doubles=bundle.scale.doubles))
    fitted = bundle.calibrator
    if fitted.fitted:
        lines.append(say("calibration", slope=fitted.slope, error=fitted.slope_error))
    else:
        lines.append(say("calibration_refused"))
    dropped = held.get("dropped", {})
    noise = sorted(name for name, why in dropped.items() if why == "noise")
    unusable = sorted(set(dropped) - set(noise))
    for key, names in (("dropped", unusable), ("noise", noise)):
        if names:
            lines.append(say(key, count=len(names), names=", ".join(names)))
    lines += [f"## {say('features')}", _table(bundle, lang), f"## {say('limits')}", say("limits_text")]
    return "\n\n".join(lines)


def _table(bundle: Bundle, lang: Lang) -> str:
    head = text("card.columns", lang)
    rows = [f"| `{name}` | {points:.1f} |" for name, points in weight_of_features(bundle)[:_LISTED]]
    return "\n".join([head, "|---|---|", *rows])
