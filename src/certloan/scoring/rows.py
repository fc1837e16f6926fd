"""Any table of rows as the Arrow table that a model learns from: numbers as float64, everything else as text.

A column that its owner made categorical is one, whatever its categories are written with: their numbers are names.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.errors import InputError
from certloan.i18n import Lang, has, sentence, text

if TYPE_CHECKING:
    import pandas as pd


#: How many offending names an error shows.
_SHOWN = 5


class RowsError(InputError, ValueError):
    """Rows, outcomes or weights that nothing can be learnt from; also a ``ValueError``, as scikit-learn expects.

    Printed, it says in both languages what to do: whoever uses the estimator sees no surface that would word it.
    """

    def __str__(self) -> str:
        return "\n".join((f"{self.code}: {self._told(Lang.EN)}", self._told(Lang.ZH)))

    def _told(self, lang: Lang) -> str:
        """Say it to whoever calls from Python, where the pipeline would speak of its files and options."""
        key = f"estimator.{self.code}"
        return text(key, lang, **self.facts) if has(key) else sentence(self, lang)


def as_matrix(rows: Any) -> pa.Table:  # noqa: ANN401 - a pandas frame, an Arrow table or an array
    """Give rows as an Arrow table; columns of an array have no names and are called ``x0``, ``x1`` and so on.

    Raises ``column-type`` for dates, lists and other columns that are neither numbers nor texts, ``column-twice`` where
    a name stands for two columns, ``values-infinite`` for numbers without bounds.

    >>> as_matrix(np.array([[1.0, np.nan]])).to_pydict()
    {'x0': [1.0], 'x1': [nan]}
    """
    return _bounded(_as_table(rows))


def _as_table(rows: Any) -> pa.Table:  # noqa: ANN401
    if isinstance(rows, pa.Table):
        names = _once(rows.column_names)
        return pa.table({name: _of_arrow(name, rows.column(at)) for at, name in enumerate(names)})
    if hasattr(rows, "columns"):
        names = _once(_names(list(rows.columns)))
        return pa.table({name: _of_pandas(name, rows.iloc[:, at]) for at, name in enumerate(names)})
    array = np.asarray(rows)
    if array.dtype == object or array.dtype.kind in "US":
        import pandas as pd

        return _as_table(pd.DataFrame({f"x{at}": array[:, at] for at in range(array.shape[1])}).infer_objects())
    return pa.table({f"x{at}": pa.array(array[:, at].astype(np.float64)) for at in range(array.shape[1])})


def _names(names: list[Hashable]) -> list[str]:
    """Take names that are texts, number columns that have none (pandas numbers them itself), refuse a mixture."""
    if not any(isinstance(name, str) for name in names):
        return [f"x{at}" for at in range(len(names))]
    for name in names:
        if not isinstance(name, str):
            raise RowsError("column-name", found=repr(name))
    return [str(name) for name in names]


def _once(names: list[str]) -> list[str]:
    """Refuse names that stand for two columns: one of them would be lost, and nobody could say which was meant."""
    twice = list(dict.fromkeys(name for name in names if names.count(name) > 1)) if len(set(names)) < len(names) else []
    if twice:
        raise RowsError("column-twice", found=", ".join(twice[:_SHOWN]), count=len(twice))
    return names


def _bounded(matrix: pa.Table) -> pa.Table:
    """Refuse infinity: no applicant has it, and a ratio without a denominator is unknown, not large."""
    for name in matrix.column_names:
        column = matrix.column(name)
        if pa.types.is_floating(column.type) and (count := pc.sum(pc.is_inf(column)).as_py() or 0):
            raise RowsError("values-infinite", column=name, found=count, n=len(column))
    return matrix


def _category(name: str, value: object) -> str:
    """Name a category; a gap makes pandas write whole numbers as floats, which are the same categories still."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool | int | float):
        return str(value)
    raise RowsError("column-type", column=name, found=f"category of {type(value).__name__}")


def _categories(name: str, values: list[object]) -> list[str]:
    named = [_category(name, value) for value in values]
    if len(set(named)) < len(named):
        raise RowsError("column-type", column=name, found="category of " + ", ".join(_kinds(values)))
    return named


def _kinds(values: Iterable[object]) -> list[str]:
    return sorted({type(value).__name__ for value in values})


def _of_arrow(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return _of_dictionary(name, column)
    kind = column.type
    if pa.types.is_boolean(kind):
        column, kind = pc.cast(column, pa.uint8()), pa.uint8()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.cast(column, pa.string())
    raise RowsError("column-type", column=name, found=str(column.type))


def _of_dictionary(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    values = column.cast(column.type.value_type)
    seen = [value for value in pc.unique(values).to_pylist() if value is not None]
    named = pa.array(_categories(name, seen), pa.string())
    places = pc.index_in(values, value_set=pa.array(seen, values.type))
    return pa.chunked_array([pc.take(named, places.combine_chunks())])


def _of_pandas(name: str, column: pd.Series) -> pa.Array:
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        named = np.array([*_categories(name, column.cat.categories.tolist()), None], dtype=object)
        return pa.array(named[column.cat.codes.to_numpy()], pa.string())
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        if pd.api.types.is_complex_dtype(column.dtype):
            raise RowsError("column-type", column=name, found=str(column.dtype))
        return pa.array(column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))
    if column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
        return _of_objects(name, column)
    raise RowsError("column-type", column=name, found=str(column.dtype))


def _of_objects(name: str, column: pd.Series) -> pa.Array:
    """Numbers among objects stay numbers when all of them are; texts stay texts; a mixture is refused."""
    known = [value for value in column if value is not None and value == value]
    if all(isinstance(value, int | float | np.number | np.bool_) for value in known):
        return pa.array([None if value is None else float(value) for value in column], pa.float64())
    if all(isinstance(value, str) for value in known):
        return pa.array([value if isinstance(value, str) else None for value in column], pa.string())
    raise RowsError("column-type", column=name, found=", ".join(_kinds(known)))
