"""From a table of features to the numbers that a model reads.

A number stays what it is and a missing one becomes NaN. A text becomes the index of its level. Where training saw a
text missing often enough, missing is a level too (:data:`MISSING_LEVEL`). Levels that were rare or never seen share the
index after the last one, the *other* bin, and so does a missing text where missing is no level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from certloan.errors import InputError

Floats = NDArray[np.float64]

#: A level seen in fewer training rows than this says more about those rows than about the level.
MIN_LEVEL_ROWS = 10
#: Stands for a missing text among the levels; an empty text says no more than a missing one.
MISSING_LEVEL = ""
#: More levels than this are folded, the rarest first. Long lists are read by nobody, but levels that a model treats
#: alike are printed as one.
MAX_LEVELS = 400


@dataclass(frozen=True)
class ModelFeature:
    """One column that the model reads.

    ``direction`` +1 means that more is better evidence (it may never raise the probability of default), -1 the
    opposite, 0 leaves the shape free. ``levels`` is ``None`` for a number; :data:`MISSING_LEVEL` is among them where
    missing is a level of a text. ``missing_seen`` tells whether training saw anything in the last bin (a missing number;
    a text of a rare level); where it did not, such a value is scored as the average of the reference population.
    """

    name: str
    direction: int = 0
    levels: tuple[str, ...] | None = None
    missing_seen: bool = True

    @property
    def categorical(self) -> bool:
        """Whether the feature is a text with levels."""
        return self.levels is not None


def is_text(column_type: pa.DataType) -> bool:
    """Tell whether a column of this type holds texts (plain or dictionary-encoded).

    >>> is_text(pa.string()), is_text(pa.float64())
    (True, False)
    """
    if pa.types.is_dictionary(column_type):
        column_type = column_type.value_type
    return bool(pa.types.is_string(column_type) or pa.types.is_large_string(column_type))


def encode(matrix: pa.Table, features: Sequence[ModelFeature]) -> Floats:
    """Give the rows of ``matrix`` as float64 of shape (rows, features), column by column in memory.

    Raises ``feature-mismatch`` with the difference when a column is missing or holds the wrong kind of value;
    columns that the model does not read are ignored.

    >>> rows = pa.table({"n": [1.5, None], "city": ["杭州", "火星"]})
    >>> encode(rows, [ModelFeature("n"), ModelFeature("city", levels=("宁波", "杭州"))])
    array([[1.5, 1. ],
           [nan, 2. ]])
    """
    _check_columns(matrix, features)
    out = np.empty((matrix.num_rows, len(features)), dtype=np.float64, order="F")
    for position, feature in enumerate(features):
        column = matrix.column(feature.name)
        if feature.levels is None:
            numbers = pc.cast(column, pa.float64(), safe=False)
            out[:, position] = numbers.to_numpy()
        else:
            texts = pc.cast(column, pa.string())
            if MISSING_LEVEL in feature.levels:
                texts = pc.fill_null(texts, MISSING_LEVEL)
            found = pc.index_in(texts, value_set=pa.array(feature.levels, pa.string()))
            out[:, position] = pc.fill_null(found, len(feature.levels)).to_numpy()
    return out


def learn_features(matrix: pa.Table, directions: Mapping[str, int]) -> tuple[tuple[ModelFeature, ...], dict[str, str]]:
    """Describe the columns named in ``directions`` as the training rows show them, and say which cannot be used.

    The second value maps each unusable column to ``missing`` (no value at all), ``constant`` (never differs) or
    ``rare`` (no level is common enough).
    """
    kept: list[ModelFeature] = []
    dropped: dict[str, str] = {}
    for name, direction in directions.items():
        column = matrix.column(name)
        feature = _learn_text(name, column) if is_text(column.type) else ModelFeature(name, direction)
        codes = encode(matrix, [feature])[:, 0]
        seen = codes[~np.isnan(codes)] if feature.levels is None else codes[codes < len(feature.levels)]
        if not seen.size or feature.levels == (MISSING_LEVEL,):
            dropped[name] = "missing" if feature.levels is None or not _told(column) else "rare"
        elif seen.size == codes.size and seen.min() == seen.max():
            dropped[name] = "constant"
        else:
            kept.append(replace(feature, missing_seen=bool(seen.size < codes.size)))
    return tuple(kept), dropped


def _learn_text(name: str, column: pa.ChunkedArray) -> ModelFeature:
    """Texts have no order, hence no direction: only their levels are learnt, and missing among them."""
    seen = _told(column)
    common = sorted((e for e in seen if e[1] >= MIN_LEVEL_ROWS), key=lambda e: (-e[1], e[0]))[:MAX_LEVELS]
    levels = [level for level, _ in common]
    if len(column) - sum(rows for _, rows in seen) >= MIN_LEVEL_ROWS:
        levels.append(MISSING_LEVEL)
    return ModelFeature(name, 0, tuple(sorted(levels)))


def _told(column: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Give the texts of a column and how many rows hold each; missing and empty are none."""
    counts = pc.value_counts(pc.drop_null(pc.cast(column, pa.string())).combine_chunks())
    seen = [(str(entry["values"]), int(entry["counts"])) for entry in counts.to_pylist()]
    return [entry for entry in seen if entry[0] != MISSING_LEVEL]


def _check_columns(matrix: pa.Table, features: Sequence[ModelFeature]) -> None:
    names = set(matrix.column_names)
    unread = sorted(names - {feature.name for feature in features})
    lines = []
    for feature in features:
        wanted = "text" if feature.categorical else "number"
        if feature.name not in names:
            near = get_close_matches(feature.name, unread, n=1)
            lines.append(f"- {feature.name}: {wanted}" + (f"  (+ {near[0]} ?)" if near else ""))
            continue
        column_type = matrix.schema.field(feature.name).type
        if is_text(column_type) != feature.categorical and not pa.types.is_null(column_type):
            lines.append(f"~ {feature.name}: {wanted} ≠ {column_type}")
    if lines:
        raise InputError("feature-mismatch", differing=len(lines), expected=len(features), diff="\n".join(lines))
