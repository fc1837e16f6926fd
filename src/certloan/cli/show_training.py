"""How a training looks in a terminal: what it is worth with its intervals, beside its rivals, and how it came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import has, text

if TYPE_CHECKING:
    from certloan.services.train_model import TrainReport

#: Each figure with its decimals.
_FIGURES = {"auc": 3, "ks": 3, "brier": 4, "log_loss": 4, "ece": 4, "slope": 2}
_UNUSABLE = ("missing", "constant", "rare")


def train_report(report: TrainReport, texts: Texts, console: Console, *, champion: bool, usual_defaults: int) -> None:
    """Tell how good the model is on loans it had not seen, with intervals and counts, and beside its rivals."""
    rows = [*_worth(report, texts), *_rows_used(report, texts), *_made(report, texts), *_rivals(report, texts)]
    told = [(texts(f"train.metric.{name}"), value) for name, value in rows]
    title = texts("train.title", fingerprint=report.fingerprint[:12])
    console.table(title, [texts("column.metric"), texts("column.value")], told)
    console.say(texts("train.how"))
    if report.prices:
        _prices(report, texts, console)
    least = int(report.settings.get("min_defaults", usual_defaults))
    if least < usual_defaults:
        console.say(texts("train.few", usual=usual_defaults, least=least))
    console.say(texts("train.champion" if champion else "train.not_champion", fingerprint=report.fingerprint[:12]))
    if report.scorecard is not None:
        console.say(texts("train.scorecard", fingerprint=report.scorecard[:12]))


def _worth(report: TrainReport, texts: Texts) -> Iterator[tuple[str, str]]:
    seen = report.performance
    for name, digits in _FIGURES.items():
        found = seen.interval(name)
        facts = {end: f"{getattr(found, end):.{digits}f}" for end in ("value", "low", "high")}
        yield name, texts("train.interval", **facts)
    observed = seen.interval("observed")
    rates = {"expected": seen.expected, "observed": observed.value, "low": observed.low, "high": observed.high}
    yield "level", texts("train.level", **{name: f"{rate:.2%}" for name, rate in rates.items()})


def _rows_used(report: TrainReport, texts: Texts) -> Iterator[tuple[str, str]]:
    seen = report.performance
    yield "tested", texts("train.loans", n=f"{seen.n:,}", defaults=f"{seen.defaults:,}")
    yield "trained", texts("train.loans", n=f"{report.n_train:,}", defaults=f"{report.defaults_train:,}")
    if any(report.left_out.values()):
        yield "left_out", texts("train.left_out", **report.left_out)


def _made(report: TrainReport, texts: Texts) -> Iterator[tuple[str, str]]:
    reasons = list(report.dropped.values())
    counted = {"noise": reasons.count("noise"), "unusable": sum(reason in _UNUSABLE for reason in reasons)}
    counted |= {"features": report.features, "pairs": report.pairs, "bags": report.bags}
    yield "parts", texts("train.parts" if report.screened else "train.parts_unscreened", **counted)
    if report.search is not None:
        yield "search", "\n".join(_search(report.search, texts))
        chosen = [(name, value) for name, value in report.search["settings"].items() if has(f"search.setting.{name}")]
        if chosen:
            told = (f"{text(f'search.setting.{name}', texts.lang)} {value} [dim]({name})[/]" for name, value in chosen)
            yield "settings", "\n".join(told)
    alone = report.leakage.get("alone", {}).get("features")
    if alone:
        first = alone[0]
        facts = {name: f"{first['auc'][name]:.3f}" for name in ("low", "high")} | {
            "auc": f"{first['auc']['value']:.3f}",
            "feature": escape(first["feature"]),
        }
        yield "leakage", "\n".join(_leakage(report.leakage["alone"], report.leakage["verdict"], texts, facts))


def _leakage(alone: Mapping[str, Any], verdict: str, texts: Texts, facts: Mapping[str, str]) -> Iterator[str]:
    whole = alone["whole"]
    look = whole is not None and whole["too_good"]
    yield texts(f"train.leakage_{'passes' if look else verdict}", **facts)
    if look:
        auc = {"auc": f"{whole['auc']['value']:.3f}", "low": f"{whole['auc']['low']:.3f}"}
        names = escape(", ".join(whole["named"]))
        yield texts("train.leakage_whole", **auc, high=f"{whole['auc']['high']:.3f}", names=names)
    if alone["vouched"]:
        yield texts("train.leakage_vouched", names=escape(", ".join(alone["vouched"])))


def _search(search: Mapping[str, Any], texts: Texts) -> Iterator[str]:
    judged, trials = search["judged"], search["trials"]
    pruned = sum(trial["state"] == "pruned" for trial in trials)
    facts = {"trials": len(trials), "pruned": pruned, "n": judged["judged"], "defaults": judged["judged_defaults"]}
    yield text("search.done" if judged["kind"] == "time" else "search.done_folds", texts.lang, **facts)
    if not search["best"]:
        yield text("search.usual_first", texts.lang)
        return
    verdict = "search.usual" if search["usual_kept"] else "search.won"
    yield text(verdict, texts.lang, best=search["best"], gain=search["gain"], error=search["gain_error"])


def _rivals(report: TrainReport, texts: Texts) -> Iterator[tuple[str, str]]:
    for name, rival in report.rivals.items():
        facts = {key: f"{rival[key]:+.3f}" for key in ("difference", "difference_low", "difference_high")}
        auc = {end: f"{rival[key]:.3f}" for end, key in (("value", "auc"), ("low", "auc_low"), ("high", "auc_high"))}
        yield name, texts("train.rival", auc=texts("train.interval", **auc), **facts)


def _prices(report: TrainReport, texts: Texts, console: Console) -> None:
    rows = []
    for name, price in report.prices.items():
        cells = []
        for figure in ("auc", "log_loss"):
            ends = {"value": price[figure], "low": price[f"{figure}_low"], "high": price[f"{figure}_high"]}
            cells.append(texts("train.interval", **{end: f"{value:+.4f}" for end, value in ends.items()}))
        rows.append((texts(f"train.limit.{name}"), *cells))
    columns = [texts("column.metric"), "AUC", texts("train.metric.log_loss")]
    console.table(texts("train.prices"), columns, rows, figures=[1, 2])
