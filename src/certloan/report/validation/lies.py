"""Where a model deceives itself: leaks, recognition, hindsight; what its limits cost and its evidence adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from certloan.i18n import Lang
from certloan.report.page import table
from certloan.report.plot import Axis, Chart, Span, forest
from certloan.report.validation.told import counted, family, feature, figures, interval, note, p_value, spanned, word

#: So many features are named in a sentence, those most often missing first; the record has all.
_NAMED = 6


def monotonicity(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell how often better evidence cost points, and where hiding evidence would pay."""
    told = word("monotonicity.told", lang, steps=f"{area['steps']:,}", rows=area["rows"], found=area["violations"])
    return note(told) + note(_hiding(area["hiding"], lang))


def _hiding(held: Mapping[str, Any], lang: Lang) -> str:
    names = [
        word("monotonicity.hidden", lang, name=feature(name, lang), n=f"{count:,}")
        for name, count in sorted(held["missing"].items(), key=lambda one: (-one[1], one[0]))[:_NAMED]
    ]
    if len(held["missing"]) > _NAMED:
        names.append(word("monotonicity.hidden_more", lang, n=len(held["missing"]) - _NAMED))
    return word(
        f"monotonicity.hiding_{held['verdict']}",
        lang,
        tested=held["tested"],
        least=held["least"],
        names=_listed(names, lang),
    )


def leakage(area: Mapping[str, Any], lang: Lang) -> str:
    """List the features that tell most alone."""
    told = word("leakage.told", lang, tested=area["tested"], refused=len(area["refused"]))
    head = [word(f"column.{name}", lang) for name in ("feature", "alone", "others", "verdict")]
    rows = [
        (
            feature(one["feature"], lang),
            interval(one["auc"], lang),
            interval(one["others"], lang) if one["others"] else "–",
            word(f"verdict.{_verdict_of(one)}", lang),
        )
        for one in area["features"][:8]
    ]
    # Reports made before anybody could vouch, or anything was looked at as a whole, say nothing of it.
    vouched, whole = area.get("vouched"), area.get("whole")
    if vouched:
        told += word("leakage.vouched", lang, names=_listed([feature(name, lang) for name in vouched], lang))
    if whole and whole["too_good"]:
        names = _listed([feature(name, lang) for name in whole["named"]], lang)
        told += word("leakage.whole", lang, auc=interval(whole["auc"], lang), names=names)
    return note(told) + note(counted(area["n"], area["defaults"], lang)) + table(head, rows)


def _verdict_of(one: Mapping[str, Any]) -> str:
    if not one["why"]:
        return "passes"
    return "too_little" if one.get("vouched") else "fails"


def reproduction(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell whether the model repeats, and draw what each of its limits costs."""
    key = "same" if area["repeated"] else "changed" if not area["evidence_unchanged"] else "differs"
    spans = [
        Span(
            word(f"limit.{name}", lang),
            price["auc"],
            price["auc_low"],
            price["auc_high"],
            spanned(price, "auc", lang, "{:+.3f}"),
        )
        for name, price in area["prices"].items()
        if price["applies"]
    ]
    idle = [word(f"limit.{name}", lang) for name, price in area["prices"].items() if not price["applies"]]
    first = next(iter(area["prices"].values()))
    told = note(word(f"reproduction.{key}", lang)) + note(word("prices", lang))
    rows = counted(first["n"], first["defaults"], lang)
    told += note(word("prices_idle", lang, names=_listed(idle, lang))) if idle else ""
    return told + figures((word("chart.prices", lang) + " · " + rows, forest(spans, word("chart.prices", lang))))


def ablation(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw what each family of evidence adds to the model."""
    spans = [
        Span(
            word("family_of", lang, name=family(one["family"], lang), n=one["features"]),
            one["adds"]["auc"]["value"],
            one["adds"]["auc"]["low"],
            one["adds"]["auc"]["high"],
            interval(one["adds"]["auc"], lang, "{:+.3f}"),
        )
        for one in area["families"]
    ]
    told = counted(area["n_test"], area["defaults_test"], lang)
    return (
        note(word("ablation", lang))
        + note(word("quicker", lang))
        + figures((f"{word('chart.ablation', lang)} · {told}", forest(spans, word("chart.ablation", lang))))
    )


def certificates(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell what certificates add, and what certificates of other firms of the same size would have."""
    null = area["null"]
    spans = [
        Span(
            word(f"certificates.{name}", lang),
            area[name]["auc"]["value"],
            area[name]["auc"]["low"],
            area[name]["auc"]["high"],
            interval(area[name]["auc"], lang, "{:+.3f}"),
        )
        for name in ("beyond_all", "beyond_base")
    ]
    told = word(
        "certificates.told",
        lang,
        features=area["features"],
        loss=interval(area["beyond_all"]["log_loss"], lang, "{:+.5f}"),
        draws=null["draws"],
        p=p_value(null["p_auc"]),
        p_loss=p_value(null["p_log_loss"]),
        counted=counted(area["n_test"], area["defaults_test"], lang),
    )
    drawn = figures(
        (word("chart.certificates", lang), forest(spans, word("chart.certificates", lang))),
        (word("chart.null", lang), _null(area, lang)),
    )
    return note(told) + note(word("quicker", lang)) + drawn


def hindsight(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw what evidence from after the application would have bought."""
    held = [(word("hindsight.whole", lang), area["whole"])]
    held += [(family(one["family"], lang), one) for one in area["families"]]
    spans = [
        Span(
            name,
            one["difference"]["value"],
            one["difference"]["low"],
            one["difference"]["high"],
            interval(one["difference"], lang, "{:+.3f}"),
        )
        for name, one in held
    ]
    told = word(
        "hindsight.told",
        lang,
        day=area["as_of"],
        honest=interval(area["auc_honest"], lang),
        later=interval(area["whole"]["auc"], lang),
        counted=counted(area["n"], area["defaults"], lang),
    )
    return (
        note(told)
        + note(word("quicker", lang))
        + figures((word("chart.hindsight", lang), forest(spans, word("chart.hindsight", lang))))
    )


def enterprises(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell whether the model recognises firms."""
    told = word(
        "enterprises.told",
        lang,
        loan=interval(area["auc_by_loan"], lang),
        firm=interval(area["auc_by_enterprise"], lang),
        difference=interval(area["difference"], lang, "{:+.3f}"),
        repeated=f"{area['repeated']:.0%}",
        firms=f"{area['enterprises']:,}",
        counted=counted(area["n"], area["defaults"], lang),
    )
    return note(told) + note(word("quicker", lang))


def _null(area: Mapping[str, Any], lang: Lang) -> str:
    """Each shuffle as a small line, the real family as a tall one."""
    null, real = area["null"]["log_loss"], area["beyond_all"]["log_loss"]["value"]
    every = [*null, real, 0.0]
    pad = 0.1 * (max(every) - min(every) or 1e-6)
    chart = Chart(
        Axis(min(every) - pad, max(every) + pad, word("axis.gain", lang), "{:+.4f}".format),
        Axis(0.0, 1.0, "", lambda _: ""),
        120,
    )
    marks = [chart.line([(value, 0.0), (value, 0.55)], 0) for value in null]
    return chart.draw(word("chart.null", lang), *marks, chart.line([(real, 0.0), (real, 0.95)], 1))


def _listed(names: Sequence[str], lang: Lang) -> str:
    return ("、" if lang is Lang.ZH else ", ").join(names)
