"""The tables of docs/measurements.md, between two marks, so that a new run replaces the old figures whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.credit.contest import OURS, UNRANKED, Contest
from benchmarks.credit.peers.peer import Peer
from benchmarks.credit.ranking import Ranks, ranks

BEGIN, END = "<!-- peers: written by python -m benchmarks.credit --write -->", "<!-- peers: end -->"
_TITLES = {"auc": "AUC", "log_loss": "Log-loss"}
_SIGN = {"auc": 1, "log_loss": -1}
_NOISE = 0.05
#: Whose level is told; the others' errors stand in the column ECE.
_LEVELS = ("certloan", "ebm", "catboost", "lightgbm")


def tables(contests: Sequence[Contest], peers: Mapping[str, Peer]) -> str:
    """Write everything that was measured as Markdown."""
    names = [name for name in peers if any(name in contest.figures for contest in contests)]
    parts = []
    if whole := _whole(contests, names):
        parts += [_standing(whole, names, peers)]
    for metric in _TITLES:
        parts += [_overview(contests, names, peers, metric)]
    parts += [_levels(contests, peers), _detail(contests, peers), _how(names, peers)]
    return "\n\n".join(parts)


def put(page: Path, text: str) -> None:
    """Replace what stands between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{page.name} lacks the marks between which the tables stand")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def standing(contests: Sequence[Contest], names: Sequence[str], metric: str) -> Ranks:
    """Rank the contenders over the sets that all of them judged."""
    ranked = [name for name in names if name not in UNRANKED]
    figures = {
        contest.name: {name: float(getattr(contest.figures[name], metric)) for name in ranked} for contest in contests
    }
    return ranks(figures, higher_is_better=_SIGN[metric] > 0)


def _whole(contests: Sequence[Contest], names: Sequence[str]) -> list[Contest]:
    return [contest for contest in contests if set(names) <= set(contest.figures)]


def _standing(contests: Sequence[Contest], names: Sequence[str], peers: Mapping[str, Peer]) -> str:
    found = {metric: standing(contests, names, metric) for metric in _TITLES}
    by_auc = sorted(found["auc"].mean, key=lambda name: found["auc"].mean[name])
    rows = []
    for name in by_auc:
        level = {m: sum(name in contest.level_with_best[m] for contest in contests) for m in _TITLES}
        cells = [f"{found[m].mean[name]:.2f} | {level[m]} of {len(contests)}" for m in _TITLES]
        rows.append(f"| {peers[name].title} | {' | '.join(cells)} |")
    told = "; ".join(
        f"{_TITLES[m].lower() if m != 'auc' else 'AUC'}: Friedman p = {found[m].p:.2g},"
        f" critical difference of mean ranks {found[m].critical:.2f}"
        for m in _TITLES
    )
    return "\n".join(
        [
            f"Mean ranks over {len(contests)} sets (1 is best), and on how many sets a contender is first or not told"
            " from the first (paired 95 % interval holds 0):",
            "",
            "| | mean rank, AUC | level with the best, AUC | mean rank, log-loss | level with the best, log-loss |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"{told}.",
        ]
    )


def _overview(contests: Sequence[Contest], names: Sequence[str], peers: Mapping[str, Peer], metric: str) -> str:
    head = f"| {_TITLES[metric]} | n / defaults | {' | '.join(peers[name].title for name in names)} |"
    rows = []
    for contest in contests:
        any_figures = next(iter(contest.figures.values()))
        cells = [_cell(contest, name, metric) for name in names]
        rows.append(f"| {contest.title} | {any_figures.n:,} / {any_figures.defaults:,} | {' | '.join(cells)} |")
    return "\n".join([head, f"|---|---|{'---|' * len(names)}", *rows])


def _cell(contest: Contest, name: str, metric: str) -> str:
    """A figure; bold where it is the best of the ranked, with an arrow where it differs from ours by more than chance."""
    if name not in contest.figures:
        return "–"
    value = float(getattr(contest.figures[name], metric))
    ranked = {n: _SIGN[metric] * float(getattr(f, metric)) for n, f in contest.figures.items() if n not in UNRANKED}
    text = f"{value:.3f}"
    if name in ranked and ranked[name] == max(ranked.values()):
        text = f"**{text}**"
    chance = contest.adjusted.get(metric, {}).get(name, 1.0)
    if name != OURS and chance <= _NOISE:
        text += " ▼" if _SIGN[metric] * contest.differences[metric][name].value > 0 else " ▲"
    return text


def _levels(contests: Sequence[Contest], peers: Mapping[str, Peer]) -> str:
    """How true the level is: what was expected, what happened, and the slope of the calibration."""
    shown = [name for name in _LEVELS if name in peers]
    rows = []
    for contest in contests:
        told = [contest.figures.get(name) for name in shown]
        observed = next(iter(contest.figures.values())).observed
        cells = ["–" if f is None else f"{f.expected:.1%}, slope {f.slope:.2f}" for f in told]
        rows.append(f"| {contest.title} | {observed:.1%} | {' | '.join(cells)} |")
    head = " | ".join(peers[name].title for name in shown)
    return "\n".join([f"| rate of default | observed | {head} |", f"|---|---|{'---|' * len(shown)}", *rows])


def _detail(contests: Sequence[Contest], peers: Mapping[str, Peer]) -> str:
    rows = []
    for contest in contests:
        for name in (name for name in peers if name in contest.figures):
            f = contest.figures[name]
            cells = (
                contest.title,
                peers[name].title,
                f"{f.auc:.3f} ({f.auc_low:.3f}–{f.auc_high:.3f})",
                f"{f.ks:.3f}",
                f"{f.brier:.4f}",
                f"{f.log_loss:.4f}",
                f"{f.ece:.3f}",
                _against(contest, name, "auc"),
                _against(contest, name, "log_loss"),
                f"{f.fit_seconds:,.1f}",
                f"{f.rate:,.0f}",
                str(f.seeds),
            )
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(
        [
            "| set | contender | AUC (95 %) | KS | Brier | log-loss | ECE | AUC, ours minus it (95 %, p after Holm) |"
            " log-loss, ours minus it | fit, CPU s | rows/s | seeds |",
            f"|{'---|' * 12}",
            *rows,
        ]
    )


def _against(contest: Contest, name: str, metric: str) -> str:
    found = contest.differences.get(metric, {}).get(name)
    if found is None:
        return "–"
    return f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f}; {contest.adjusted[metric][name]:.2g})"


def _how(names: Sequence[str], peers: Mapping[str, Peer]) -> str:
    lines = [f"- {peers[n].title}, {peers[n].package} {version(peers[n].package)}: {peers[n].how}." for n in names]
    return "\n".join(["How each was used:", "", *lines])
