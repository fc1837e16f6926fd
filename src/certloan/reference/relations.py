"""The reference tables as relations that SQL can join: ``code``, ``valid_from``, ``valid_to`` and what they tell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache

import pyarrow as pa
import pyarrow.csv as pacsv

from certloan.reference.certificates import replacement_reasons, schemes
from certloan.reference.divisions import mountain_counties
from certloan.reference.sizes import METRICS, SIZES, rules_by_industry


@cache
def reference_relations() -> Mapping[str, pa.Table]:
    """Give each relation by the name under which statements read it; numbers are doubles, money is yuan."""
    bounds = [f"{metric}_{size}" for metric in METRICS for size in SIZES]
    return {
        "reference_scheme": _table(
            {"scheme_class": pa.string(), "scheme_strength": pa.float64()},
            ((s.code, s.valid_from, s.valid_to, s.scheme_class, s.strength) for s in schemes()),
        ),
        "reference_mountain_county": _table(
            {"mountain": pa.bool_()},
            ((county.code, county.valid_from, county.valid_to, True) for county in mountain_counties()),
        ),
        "reference_replacement": _table(
            {"replaced": pa.bool_()}, ((reason, None, None, True) for reason in sorted(replacement_reasons()))
        ),
        "reference_size": _table(
            {"covered": pa.bool_(), **dict.fromkeys(bounds, pa.float64())},
            ((code, rule.valid_from, rule.valid_to, True, *_bounds(rule.bounds)) for code, rule in rules_by_industry()),
        ),
    }


def _bounds(bounds: Mapping[tuple[str, str], Decimal]) -> tuple[Decimal | None, ...]:
    return tuple(bounds.get((metric, size)) for metric in METRICS for size in SIZES)


def _table(told: Mapping[str, pa.DataType], rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Make a table by way of CSV: pyarrow would import pandas to read Python lists, which costs every command 0.7 s."""
    types = {"code": pa.string(), "valid_from": pa.date32(), "valid_to": pa.date32(), **told}
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return pacsv.read_csv(
        io.BytesIO(written.getvalue().encode()),
        read_options=pacsv.ReadOptions(column_names=list(types)),
        convert_options=pacsv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, true_values=["True"]
        ),
    )
