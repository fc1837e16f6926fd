"""Any table of rows as the Arrow table that a model learns from: numbers as float64, everything else as text."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.errors import InputError
from certloan.i18n import Lang, sentence

if TYPE_CHECKING:
    import pandas as pd


class RowsError(InputError, ValueError):
    """Rows, outcomes or weights that nothing can be learnt from; also a ``ValueError``, as scikit-learn expects.

    Printed, it says in both languages what to do: whoever uses the estimator sees no surface that would word it.
    """

    def __str__(self) -> str:
        return "\n".join((f"{self.code}: {sentence(self, Lang.EN)}", sentence(self, Lang.ZH)))


def as_matrix(rows: Any) -> pa.Table:  # noqa: ANN401 - a pandas frame, an Arrow table or an array
    """Give rows as an Arrow table; columns of an array have no names and are called ``x0``, ``x1`` and so on.

    Raises ``column-type`` for dates, lists and other columns that are neither numbers nor texts.

    >>> as_matrix(np.array([[1.0, np.nan]])).to_pydict()
    {'x0': [1.0], 'x1': [nan]}
    """
    if isinstance(rows, pa.Table):
        return pa.table({name: _of_arrow(name, rows.column(name)) for name in rows.column_names})
    if hasattr(rows, "columns"):
        names = _names(list(rows.columns))
        return pa.table({name: _of_pandas(name, rows.iloc[:, at]) for at, name in enumerate(names)})
    array = np.asarray(rows)
    if array.dtype == object or array.dtype.kind in "US":
        import pandas as pd

        return as_matrix(pd.DataFrame({f"x{at}": array[:, at] for at in range(array.shape[1])}).infer_objects())
    return pa.table({f"x{at}": pa.array(array[:, at].astype(np.float64)) for at in range(array.shape[1])})


def _names(names: list[Hashable]) -> list[str]:
    """Take names that are texts, number columns that have none (pandas numbers them itself), refuse a mixture."""
    if not any(isinstance(name, str) for name in names):
        return [f"x{at}" for at in range(len(names))]
    for name in names:
        if not isinstance(name, str):
            raise RowsError("column-name", found=repr(name))
    return [str(name) for name in names]


def _of_arrow(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_boolean(kind):
        column, kind = pc.cast(column, pa.uint8()), pa.uint8()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.cast(column, pa.string())
    raise RowsError("column-type", column=name, found=str(column.type))


def _of_pandas(name: str, column: pd.Series) -> pa.Array:
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype if column.notna().all() else object)
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
    kinds = sorted({type(value).__name__ for value in known})
    raise RowsError("column-type", column=name, found=", ".join(kinds))
