"""Fitting every contender on every fold, each result kept outside the tree so that nothing is fitted twice."""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

import numpy as np
from benchmarks.credit.peers.peer import Peer, Taught
from benchmarks.credit.problem import Floats, Fold, Problem
from threadpoolctl import threadpool_limits

import certloan.scoring


@dataclass(frozen=True, eq=False)
class Run:
    """What one contender said about the judged rows of one fold, and the CPU seconds that it took."""

    pd: Floats
    fit_seconds: float
    predict_seconds: float


@dataclass(frozen=True)
class Shelf:
    """Where runs are kept: one folder per set, contender and their versions."""

    folder: Path

    def place(self, problem: Problem, peer: Peer, fold: Fold) -> Path:
        """Give the file of a run; another file when the rows, the contender or its version differ."""
        number = problem.folds.index(fold)
        return self.folder / f"{problem.name}-{problem.digest()}" / f"{peer.name}-{stamp(peer)}" / f"{number}.npz"


def run_all(
    problem: Problem, peer: Peer, shelf: Shelf, resume: bool, tell: Callable[[str], None], seeds: int | None = None
) -> list[Run]:
    """Fit and judge every fold, or take what the shelf holds."""
    wanted = problem.folds if seeds is None else tuple(f for f in problem.folds if f.seed in problem.seeds[:seeds])
    runs = []
    for fold in wanted:
        place = shelf.place(problem, peer, fold)
        if resume and place.exists():
            runs.append(_kept(place))
            continue
        runs.append(_run(problem, peer, fold))
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            np.savez(file, pd=runs[-1].pd, seconds=np.array([runs[-1].fit_seconds, runs[-1].predict_seconds]))
        tell(f"{problem.name} {peer.name} {len(runs)}/{len(wanted)}: {runs[-1].fit_seconds:.1f} s")
    return runs


def held(problem: Problem, peer: Peer, shelf: Shelf, stale: bool = False) -> list[Run]:
    """Give the runs that the shelf holds, in order of folds, up to the first that it lacks.

    With ``stale`` the newest runs do where there are none of the contender as it is now.
    """
    places = [shelf.place(problem, peer, fold) for fold in problem.folds]
    older = sorted(places[0].parents[1].glob(f"{peer.name}-{version(peer.package)}-*"), key=lambda p: p.stat().st_mtime)
    if stale and older and not places[0].exists():
        places = [older[-1] / place.name for place in places]
    return [_kept(place) for place in takewhile(Path.exists, places)]


def _run(problem: Problem, peer: Peer, fold: Fold) -> Run:
    weights = problem.weights[fold.learn]
    frame = problem.frame.iloc[fold.learn].reset_index(drop=True)
    taught = Taught(frame, problem.defaulted[fold.learn], weights / weights.mean(), fold.seed)
    judged = problem.frame.iloc[fold.judge].reset_index(drop=True)
    # Libraries that were not told so compute on one thread too: CPU seconds can then be compared.
    with threadpool_limits(limits=1):
        started = time.process_time()
        predict = peer.fit(taught)
        fitted = time.process_time()
        said = predict(judged)
        told = time.process_time()
    if said.shape != (len(judged),) or not np.isfinite(said).all():
        raise ValueError(f"{peer.name} said something unusable about {problem.name}")
    return Run(said, fitted - started, told - fitted)


def _kept(place: Path) -> Run:
    with np.load(place, allow_pickle=False) as file:
        fit_seconds, predict_seconds = file["seconds"]
        return Run(file["pd"], float(fit_seconds), float(predict_seconds))


@cache
def stamp(peer: Peer) -> str:
    """Tell a contender from its other versions: its package, how it is called, and for our own what it is made of."""
    digest = hashlib.sha256(ast.dump(ast.parse(textwrap.dedent(inspect.getsource(peer.fit)))).encode())
    home = Path(certloan.scoring.__path__[0])
    for name in peer.sources:
        found = sorted((home / name).rglob("*.py")) if (home / name).is_dir() else [home / name]
        for source in found:
            digest.update(ast.dump(ast.parse(source.read_text(encoding="utf-8"))).encode())
    return f"{version(peer.package)}-{digest.hexdigest()[:8]}"
