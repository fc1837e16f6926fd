"""Three charts of a training, as SVG: text stays text, so no font is needed to make them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from certloan.i18n.catalog import both
from certloan.services.model_ports import TrainingRun

#: Loans per dot of the reliability chart, at least; fewer and a dot is noise.
_LEAST_PER_DOT = 30
_MOST_DOTS = 10
_LISTED_FEATURES = 20
_SIZE = {"width": 420, "height": 300}


def charts(run: TrainingRun) -> dict[str, str]:
    """Draw reliability, the distribution of scores, and what each feature moves; file name to SVG."""
    import vl_convert

    drawn = {
        "reliability.svg": _reliability(run.judged),
        "scores.svg": _scores(run.judged),
        "features.svg": _features(run),
    }
    return {name: str(vl_convert.vegalite_to_svg(spec)) for name, spec in drawn.items()}


def _spec(title: str, rows: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": _label(title),
        "data": {"values": rows},
        **_SIZE,
        **more,
    }


def _label(key: str) -> str:
    zh, en = both(f"chart.{key}")
    return f"{zh} {en}"


def _axis(field: str, key: str, **more: object) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": _label(key), **more}


def _reliability(judged: pa.Table) -> dict[str, Any]:
    """Dots on the line: as many loans of a group default as the model says."""
    pd, defaulted, weight = (judged[name].to_numpy() for name in ("pd", "defaulted", "weight"))
    order = np.argsort(pd, kind="stable")
    groups = np.array_split(order, max(1, min(_MOST_DOTS, len(pd) // _LEAST_PER_DOT)))
    rows = [
        {
            "expected": float(np.average(pd[group], weights=weight[group])),
            "observed": float(np.average(defaulted[group], weights=weight[group])),
            "n": len(group),
        }
        for group in groups
    ]
    most = max(max(row["expected"], row["observed"]) for row in rows)
    dots = {
        "mark": {"type": "point", "filled": True, "size": 80},
        "encoding": {"x": _axis("expected", "expected"), "y": _axis("observed", "observed")},
    }
    line = {
        "data": {"values": [{"expected": 0.0, "observed": 0.0}, {"expected": most, "observed": most}]},
        "mark": {"type": "line", "strokeDash": [4, 4], "color": "#888"},
        "encoding": {"x": _axis("expected", "expected"), "y": _axis("observed", "observed")},
    }
    return _spec("reliability", rows, layer=[line, dots])


def _scores(judged: pa.Table) -> dict[str, Any]:
    """Two histograms over the same bins: the further apart, the better the ranking."""
    score, defaulted, weight = (judged[name].to_numpy() for name in ("score", "defaulted", "weight"))
    edges = np.linspace(score.min(), score.max() + 1, 31)
    rows = []
    for outcome, key in ((0.0, "repaid"), (1.0, "defaulted")):
        part = defaulted == outcome
        shares = np.histogram(score[part], edges, weights=weight[part])[0] / max(weight[part].sum(), 1e-12)
        rows += [
            {"score": float(low), "to": float(high), "share": float(share), "outcome": _label(key)}
            for low, high, share in zip(edges[:-1], edges[1:], shares, strict=True)
        ]
    encoding = {
        "x": _axis("score", "score", scale={"zero": False}),
        "x2": {"field": "to"},
        "y": _axis("share", "share", stack=None),
        "color": {"field": "outcome", "type": "nominal", "title": None},
    }
    return _spec("scores", rows, mark={"type": "bar", "opacity": 0.55}, encoding=encoding)


def _features(run: TrainingRun) -> dict[str, Any]:
    rows = [{"feature": name, "points": points} for name, points in list(run.weights.items())[:_LISTED_FEATURES]]
    encoding = {
        "x": _axis("points", "points"),
        "y": {"field": "feature", "type": "nominal", "sort": "-x", "title": None},
    }
    return _spec("features", rows, mark="bar", encoding=encoding)
