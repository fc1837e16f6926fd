"""The reference tables as relations that SQL can join: ``code``, ``valid_from``, ``valid_to`` and what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa

from certloan.reference.certificates import schemes
from certloan.reference.divisions import mountain_counties
from certloan.reference.sizes import METRICS, SIZES, rules_by_industry

_KEY = [("code", pa.string()), ("valid_from", pa.date32()), ("valid_to", pa.date32())]


def reference_relations() -> Mapping[str, pa.Table]:
    """Give each relation by the name under which statements read it; numbers are doubles, money is yuan."""
    bounds = [f"{metric}_{size}" for metric in METRICS for size in SIZES]
    return {
        "reference_scheme": _table(
            [("scheme_class", pa.string()), ("scheme_strength", pa.float64())],
            ((s.code, s.valid_from, s.valid_to, s.scheme_class, float(s.strength)) for s in schemes()),
        ),
        "reference_mountain_county": _table(
            [("mountain", pa.bool_())],
            ((county.code, county.valid_from, county.valid_to, True) for county in mountain_counties()),
        ),
        "reference_size": _table(
            [("covered", pa.bool_()), *((name, pa.float64()) for name in bounds)],
            ((code, rule.valid_from, rule.valid_to, True, *_bounds(rule.bounds)) for code, rule in rules_by_industry()),
        ),
    }


def _bounds(bounds: Mapping[tuple[str, str], object]) -> tuple[float | None, ...]:
    found = (bounds.get((metric, size)) for metric in METRICS for size in SIZES)
    return tuple(None if bound is None else float(str(bound)) for bound in found)


def _table(told: list[tuple[str, pa.DataType]], rows: Iterable[tuple[object, ...]]) -> pa.Table:
    schema = pa.schema([*_KEY, *told])
    columns: list[list[object | date | None]] = list(map(list, zip(*rows, strict=True)))
    return pa.table(
        [pa.array(values, type_) for values, type_ in zip(columns, schema.types, strict=True)], schema=schema
    )
