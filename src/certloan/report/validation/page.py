"""The validation report as one page: verdicts first, then each area with its figures and pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from certloan.errors import NotReadyError
from certloan.i18n import Lang
from certloan.report.page import document, section, write_whole
from certloan.report.validation import level, lies, ranking, unknown
from certloan.report.validation.report import ValidationReport
from certloan.report.validation.told import badge, counted, interval, p_value, spanned, word

_Drawn = Callable[[Mapping[str, Any], Lang], str]
_AREAS: Mapping[str, _Drawn] = {
    "performance": ranking.performance,
    "calibration": level.calibration,
    "stability": level.stability,
    "monotonicity": lies.monotonicity,
    "profit": ranking.profit,
    "leakage": lies.leakage,
    "reproduction": lies.reproduction,
    "ablation": lies.ablation,
    "certificates": lies.certificates,
    "hindsight": lies.hindsight,
    "enterprises": lies.enterprises,
    "learning": unknown.learning,
    "refits": unknown.refits,
    "selective": unknown.selective,
}


def write_validation(report: ValidationReport, folder: Path) -> tuple[Path, Path]:
    """Write ``validation.html`` and ``validation.json`` into ``folder`` and give their paths; older ones are replaced.

    Raises ``NotReadyError`` ``validation-unwritable`` where that cannot be done.
    """
    told = json.dumps(report.as_json(), ensure_ascii=False, indent=1, allow_nan=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_whole(folder / "validation.html", page(report)), write_whole(
            folder / "validation.json", told + "\n"
        )
    except OSError as refused:
        raise NotReadyError("validation-unwritable", found=folder, why=refused.strerror) from refused


def page(report: ValidationReport) -> str:
    """Give the page; every value in it is escaped."""
    held = report.as_json()
    title = f"{word('title', Lang.ZH)} · {report.fingerprint[:12]}"
    return document(title, {lang: _body(held, lang) for lang in Lang}, "plot.css", "validation/validation.css")


def _body(held: Mapping[str, Any], lang: Lang) -> str:
    areas = [name for name in _AREAS if name in held]
    cards = "".join(section(word(f"area.{name}", lang), _AREAS[name](held[name], lang)) for name in areas)
    window = held["window"]
    lead = word(
        "lead",
        lang,
        train_from=window.get("train_from", "–"),
        train_to=window.get("train_to", "–"),
        test_from=window.get("test_from", "–"),
        test_to=window.get("test_to", "–"),
        train=counted(window.get("n_train", 0), window.get("defaults_train", 0), lang),
        test=counted(window.get("n_test", 0), window.get("defaults_test", 0), lang),
    )
    changed = "" if held["evidence_unchanged"] else f"<p class='changed'>{escape(word('changed', lang))}</p>"
    absent = [word(f"area.{name}", lang) for name in held["left_out"]]
    left = f"<p class='note'>{escape(word('left_out', lang, names=' · '.join(absent)))}</p>" if absent else ""
    return "".join(
        (
            f"<header><h1>{escape(word('title', lang))} {badge(held['verdict'], lang)}</h1>",
            f"<p class='when'><code>{escape(held['fingerprint'][:16])}</code> · {escape(lead)}</p>",
            f"<p class='lead'>{escape(_by_whom(held, lang) + word('about', lang))}</p></header>{changed}",
            section(word("overview", lang), _overview(held, areas, lang) + left),
            cards,
            f"<footer>{escape(word('foot', lang))}</footer>",
        )
    )


def _by_whom(held: Mapping[str, Any], lang: Lang) -> str:
    makers = word("between", lang).join(held["makers"])
    return word(f"by_{held['independence']}", lang, validator=held["operator"], makers=makers)


def _overview(held: Mapping[str, Any], areas: list[str], lang: Lang) -> str:
    rows = "".join(
        f"<tr><td>{escape(word(f'area.{name}', lang))}</td><td>{_verdict(held[name], lang)}</td>"
        f"<td>{escape(summary(name, held[name], lang))}</td></tr>"
        for name in areas
    )
    heads = "".join(f"<th>{escape(word(f'column.{name}', lang))}</th>" for name in ("area", "verdict", "found"))
    return (
        "<div class='scroll' tabindex='0'><table class='verdicts'>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _verdict(area: Mapping[str, Any], lang: Lang) -> str:
    return badge(str(area["verdict"]), lang) if "verdict" in area else ""


def summary(name: str, area: Mapping[str, Any], lang: Lang) -> str:
    """Give what an area found, in one line."""
    match name:
        case "performance":
            facts = {"auc": spanned(area, "auc", lang), "ks": spanned(area, "ks", lang)}
        case "profit":
            facts = {"cut": f"{area['break_even']:.1%}"}
        case "calibration":
            tested = area["hosmer_lemeshow"]
            names = level.failed(area["tests"], lang)
            facts = {
                "failed": word("summary.failed" if names else "summary.none_failed", lang, names=names),
                "ratio": spanned(area["level"], "ratio", lang, "{:.2f}"),
                "p": p_value(tested["p"]),
                "counted": counted(tested["n"], tested["defaults"], lang),
            }
        case "stability":
            facts = {"psi": f"{area['psi']:.4f}", "alarm": f"{area['alarm_above']:.4f}"}
        case "monotonicity":
            hiding = area["hiding"]
            facts = {
                "found": str(area["violations"]),
                "steps": f"{area['steps']:,}",
                "hiding": str(len(hiding["missing"])),
                "tested": str(hiding["tested"]),
                "rows": str(area["rows"]),
                "verdict": word(f"verdict.{hiding['verdict']}", lang),
            }
        case "leakage":
            facts = {"tested": str(area["tested"]), "refused": str(len(area["refused"]))}
        case "reproduction":
            facts = {"answer": word("yes" if area["repeated"] else "no", lang)}
        case "ablation":
            facts = {"n": str(len(area["families"])), "auc": interval(area["auc"], lang)}
        case "certificates":
            facts = {
                "auc": interval(area["beyond_all"]["auc"], lang, "{:+.3f}"),
                "p": p_value(area["null"]["p_auc"]),
            }
        case "hindsight":
            facts = {"auc": interval(area["whole"]["difference"], lang, "{:+.3f}")}
        case "enterprises":
            facts = {"auc": interval(area["difference"], lang, "{:+.3f}")}
        case "refits":
            drawn = area["wholly"] or area["bootstrap"]
            facts = {
                "points": interval(drawn["points_sd_drawn"], lang, "{:.1f}"),
                "kept": interval(drawn["reasons_kept"], lang, "{:.0%}"),
                "flips": interval(drawn["side_changes"][0]["share"], lang, "{:.1%}"),
            }
        case "selective":
            whole = next((one for one in area["bounds"] if one["figure"] == "auc"), None)
            if whole is None:
                return word("selective.nobody", lang)
            facts = {"low": f"{whole['widest_low']:.3f}", "high": f"{whole['widest_high']:.3f}"}
        case _:
            facts = {"width": f"{area['narrower']['width_now']:.3f}", "more": f"{area['narrower']['more_defaults']:,}"}
    return word(f"summary.{name}", lang, **facts)
