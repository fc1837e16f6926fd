"""What the estimator may be told, and what may not be told because the model's promises rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from numbers import Integral, Real
from typing import Any

from certloan.scoring.points import Scale
from certloan.scoring.rows import RowsError
from certloan.scoring.search.space import SPACE, Setting

#: How often rows are drawn anew: nothing to search, but a share of the rows means nothing without it.
_OFTEN = Setting("bagging_freq", 0, 100, whole=True)
_MAY_BE_SET = {setting.name: setting for setting in (*SPACE, _OFTEN)}
#: The largest seed that LightGBM holds, less room for the bags, which count on from it.
_LARGEST_SEED = 2**31 - 2**16


def check_arguments(told: Mapping[str, Any]) -> None:
    """Refuse parameters of the estimator that mean nothing, by name (``parameter-value``, ``setting-unknown``)."""
    for name, least, optional in (
        ("bags", 1, True),
        ("pairs", 0, True),
        ("rounds", 1, False),
        ("min_defaults", 1, False),
        ("random_state", 0, False),
    ):
        value = told[name]
        most = _LARGEST_SEED if name == "random_state" else None
        if not (optional and value is None) and not _whole(value, least, most):
            upper = "" if most is None else f", <= {most}"
            raise _refused(name, value, f"int >= {least}{upper}" + (" / None" if optional else ""))
    rate = told["learning_rate"]
    if not _number(rate) or not 0.0 < rate <= 1.0:
        raise _refused("learning_rate", rate, "0 < learning_rate <= 1")
    if not isinstance(told["screen"], bool):
        raise _refused("screen", told["screen"], "True / False")
    for name in ("monotone", "settings"):
        if told[name] is not None and not isinstance(told[name], Mapping):
            raise _refused(name, told[name], "dict {name: value} / None")
    _check_scale(told["scale"])


def checked_settings(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give LightGBM's settings as a model may have them.

    Only what the search may choose (:data:`certloan.scoring.search.space.SPACE`) can be set. Depth, directions, the
    objective and all else decide whether the score adds up, keeps its directions and comes out the same again; they
    and names that nobody knows raise ``setting-unknown``, values out of range ``parameter-value``.
    """
    chosen = dict(settings or {})
    strange = [name for name in chosen if name not in _MAY_BE_SET]
    if strange:
        raise RowsError("setting-unknown", found=", ".join(map(str, strange)), expected=", ".join(_MAY_BE_SET))
    for name, value in chosen.items():
        setting = _MAY_BE_SET[name]
        # What is drawn by order of magnitude cannot be drawn as 0, but 0 means that it does not act.
        inside = _number(value) and (setting.low <= value <= setting.high or (setting.log and value == 0))
        if not inside or ((setting.whole or setting.steps) and not isinstance(value, Integral)):
            kind = "int, " if setting.whole or setting.steps else ""
            raise _refused(f"settings[{name!r}]", value, f"{kind}{setting.low:g} – {setting.high:g}")
    if "bagging_fraction" in chosen:
        # LightGBM would not draw any rows otherwise, and say nothing.
        chosen.setdefault("bagging_freq", 1)
    return chosen


def _check_scale(scale: object) -> None:
    if scale is None:
        return
    held = (scale.points, scale.odds, scale.doubles) if isinstance(scale, Scale) else ()
    if not held or not all(_number(value) for value in held) or min(held[1:]) <= 0:
        raise _refused("scale", scale, "Scale(points, odds > 0, doubles > 0) / None")


def _whole(value: object, least: int, most: int | None) -> bool:
    if not isinstance(value, Integral) or isinstance(value, bool):
        return False
    return least <= int(value) and (most is None or int(value) <= most)


def _number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def _refused(name: str, value: object, expected: str) -> RowsError:
    return RowsError("parameter-value", name=name, found=repr(value), expected=expected)
