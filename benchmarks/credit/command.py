"""The command: fit what the cache lacks, judge what it holds, and tell."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.credit.contest import Contest, hold
from benchmarks.credit.page import put, tables
from benchmarks.credit.registry import PEERS, SETS
from benchmarks.credit.runs import Shelf, held, run_all

ROOT = Path(__file__).resolve().parents[2]
#: Cheap enough for every run of all benchmarks: seconds on one core.
QUICK_PEERS, QUICK_SETS = ("certloan", "lightgbm", "logistic", "certloan-card"), ("sba-2004", "south-german")

_STALE = "Some contenders have changed since they were fitted; a run without `--stale` leaves those figures out."


def main(given: list[str] | None = None) -> int:
    """Run what was asked for and print it as Markdown."""
    asked = _asked(given)
    if not asked.data.is_dir():
        print(f"no credit data at {asked.data}: nothing to compare (see --data)")
        return 0
    shelf = Shelf(asked.cache)
    peers = QUICK_PEERS if asked.quick else tuple(asked.peers)
    contests = []
    for name in QUICK_SETS if asked.quick else asked.sets:
        problem = SETS[name](asked.data)
        for peer in () if asked.judge else peers:
            run_all(problem, PEERS[peer], shelf, asked.resume, _tell, asked.seeds)
        told = peers if asked.quick else tuple(PEERS)
        runs = {peer: found for peer in told if (found := held(problem, PEERS[peer], shelf, asked.stale))}
        contest = hold(problem, runs)
        if contest.figures:
            contests.append(contest)
    text = tables(contests, PEERS)
    if asked.stale:
        text = f"{_STALE}\n\n{text}"
    print(text)
    if asked.json:
        asked.json.write_text(json.dumps([_plain(contest) for contest in contests], indent=1), encoding="utf-8")
    if asked.write:
        put(ROOT / "docs" / "measurements.md", text)
    return 0


def _asked(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.credit", description="CertLoan beside its peers.")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the sets")
    home = Path(tempfile.gettempdir()) / "certloan-peers"
    parser.add_argument("--cache", type=Path, default=home, help="predictions are kept here, outside the tree")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), metavar="SET")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), metavar="PEER")
    parser.add_argument("--seeds", type=int, help="fit the first seeds of a set only")
    parser.add_argument("--resume", action="store_true", help="take what the cache holds instead of fitting it again")
    parser.add_argument("--judge", action="store_true", help="fit nothing: judge what the cache holds")
    parser.add_argument("--stale", action="store_true", help="judge older fits of a contender that has changed since")
    parser.add_argument("--quick", action="store_true", help="two sets and four contenders")
    parser.add_argument("--full", action="store_true", help="everything (the default; named as in other benchmarks)")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/measurements.md")
    return parser.parse_args(given)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _plain(contest: Contest) -> dict[str, Any]:
    return {
        **asdict(contest),
        "figures": {name: figures.as_json() for name, figures in contest.figures.items()},
    }
