"""How a challenger differs from the champion over everything that both have scored."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError, NotReadyError
from certloan.features.catalog import by_name
from certloan.governance.comparing import (
    Moves,
    RankingDifference,
    ScoreShift,
    moves,
    ranking_difference,
    score_shift,
)
from certloan.i18n import Lang
from certloan.monitoring.drift import Drift, drift_of_numbers
from certloan.policy.policy import Policy
from certloan.scoring.bundle import Bundle
from certloan.services.compare_models import new_to_both
from certloan.services.model_ports import ModelStore
from certloan.services.ports import Warehouse
from certloan.services.shadow_model import pair_name

#: Applications told of one by one.
_MOVERS = 10
_OUTCOMES = """
select a.application_id, o.defaulted, coalesce(o.case_weight, 1.0) as case_weight
from application a join outcome o on o.application_id = a.application_id and o.void_on is null
where a.void_on is null and coalesce(o.case_weight, 1.0) > 0
"""


@dataclass(frozen=True)
class Mover:
    """An application whose score moved far, and the features that moved it: the challenger's points minus the champion's."""

    application_id: str
    champion: int
    challenger: int
    outcome: str
    would: str
    features: tuple[tuple[str, float], ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {**vars(self), "features": [{"name": name, "points": points} for name, points in self.features]}


@dataclass(frozen=True)
class ShadowReport:
    """Challenger against champion on ``shift.n`` applications, each as scored last.

    ``psi`` compares the two distributions of scores, with what two samples of one population would give by chance;
    as both score the same applications, chance alone gives less. ``ranking`` counts only what was applied for on days
    that are new to both models; it is None until outcomes of both kinds are known of such loans.
    """

    champion: str
    challenger: str
    runs: int
    shift: ScoreShift
    outcomes: Moves
    grades: Moves
    psi: Drift
    movers: tuple[Mover, ...]
    ranking: RankingDifference | None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        known = math.isfinite(self.psi.alarm_above)
        figures = {name: round(getattr(self.psi, name), 6) for name in ("psi", "by_chance", "alarm_above")}
        return {
            "champion": self.champion,
            "challenger": self.challenger,
            "runs": self.runs,
            "n": self.shift.n,
            "shift": self.shift.as_json(),
            "outcomes": self.outcomes.as_json(),
            "grades": self.grades.as_json(),
            "psi": {**(figures if known else {}), "verdict": self.psi.verdict.value},
            "movers": [mover.as_json() for mover in self.movers],
            "ranking": None if self.ranking is None else self.ranking.as_json(),
        }


def shadow_report(
    store: ModelStore, folder: Path, policy: Policy, actor: Actor, warehouse: Warehouse | None = None
) -> ShadowReport:
    """Read what was kept of the present champion and challenger, and what became of the loans since.

    Raises ``no-challenger``, ``no-shadow`` where nothing was scored by both, ``shadow-unreadable`` for a damaged file.
    """
    actor.require(Permission.AUDIT)
    champion, challenger = store.champion(), store.challenger()
    if champion is None or challenger is None:
        raise NotReadyError("no-challenger", home=folder.parent.parent)
    files = sorted((folder / pair_name(champion, challenger)).glob("*.parquet"))
    if not files:
        raise NotReadyError("no-shadow", found=challenger[:12])
    rows = _latest([_read(file) for file in files])
    sides = [np.asarray(rows[f"{side}_points"].to_numpy()) for side in ("champion", "challenger")]
    shift = score_shift(*sides)
    if shift is None:
        raise NotReadyError("no-shadow", found=challenger[:12])
    order = {band.code: -place for place, band in enumerate(policy.bands)}
    return ShadowReport(
        champion,
        challenger,
        len(files),
        shift,
        moves(*_words(rows, "outcome")),
        moves(*_words(rows, "grade"), _order(rows, order)),
        drift_of_numbers("score", sides[0], sides[1]),
        _movers(rows, sides[1] - sides[0]),
        None if warehouse is None else _ranking(_new(rows, store.load(champion), store.load(challenger)), warehouse),
    )


def feature_told(name: str, lang: Lang | str) -> str:
    """Give a feature's name in words, its code where the catalog has none."""
    try:
        spec = by_name(name)
    except KeyError:
        return name
    return spec.zh if Lang(lang) is Lang.ZH else spec.en


def _read(file: Path) -> pa.Table:
    try:
        return pq.read_table(file)
    except (pa.ArrowInvalid, OSError) as broken:
        raise InputError("shadow-unreadable", file=f"{file.parent.name}/{file.name}") from broken


def _latest(tables: Sequence[pa.Table]) -> pa.Table:
    """Give each application once, as it was scored last."""
    rows = pa.concat_tables(tables)
    last = {name: at for at, name in enumerate(rows["application_id"].to_pylist())}
    return rows.take(pa.array(sorted(last.values())))


def _words(rows: pa.Table, name: str) -> tuple[list[str], list[str]]:
    was, would = (rows[f"{side}_{name}"].to_pylist() for side in ("champion", "challenger"))
    return was, would


def _order(rows: pa.Table, order: Mapping[str, int]) -> dict[str, int]:
    """Put bands that the present policy no longer has below all others."""
    seen = {word for side in _words(rows, "grade") for word in side}
    return {word: order.get(word, -len(order)) for word in seen}


def _movers(rows: pa.Table, away: np.ndarray) -> tuple[Mover, ...]:
    most = np.lexsort((np.arange(len(away)), -np.abs(away)))[:_MOVERS]
    return tuple(
        Mover(
            row["application_id"],
            row["champion_score"],
            row["challenger_score"],
            row["champion_outcome"],
            row["challenger_outcome"],
            tuple((moved["feature"], moved["points"]) for moved in row["moved"]),
        )
        for row in rows.take(pa.array(most)).to_pylist()
        if row["champion_score"] != row["challenger_score"]
    )


def _new(rows: pa.Table, champion: Bundle, challenger: Bundle) -> pa.Table:
    """Keep what was applied for on days that neither model learnt from: outcomes that taught one would flatter it."""
    window = new_to_both(champion, challenger)
    if window is None:
        return rows.slice(0, 0)
    return rows.filter(pc.greater_equal(rows["as_of"], pa.scalar(dt.date.fromisoformat(window[0]), pa.date32())))


def _ranking(rows: pa.Table, warehouse: Warehouse) -> RankingDifference | None:
    with warehouse.attached("shadow_rows", rows.select(["application_id", "champion_pd", "challenger_pd"])):
        known = warehouse.query(
            f"select s.*, o.defaulted, o.case_weight from shadow_rows s join ({_OUTCOMES}) o using (application_id) "
            "order by application_id"
        )
    columns = ("defaulted", "champion_pd", "challenger_pd", "case_weight")
    return ranking_difference(*(np.asarray(known[name].to_numpy(), dtype=np.float64) for name in columns))
