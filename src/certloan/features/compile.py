"""Specs become one statement per relation: every feature of it in one scan, however many there are.

The statement's rows are (subject, feature, …), one for each subject who has a record that counts. What absence means
is decided later, in :mod:`certloan.features.matrix`.
"""

from __future__ import annotations

from collections.abc import Sequence

from certloan.features.columns import relation as relation_named
from certloan.features.dialect import DIALECTS, newest_first
from certloan.features.prepare import prepared
from certloan.features.spec import FeatureSpec
from certloan.features.statement import Statement

#: How many calendar months back a record still has a place in a 64-bit set of months.
MONTHS_IN_SET = 62


def stage_name(relation: str) -> str:
    """Name the temporary relation that holds the statement's rows."""
    return f"feature_stage_{relation}"


def stage_sql(relation: str, specs: Sequence[FeatureSpec], dialect: str = "duckdb") -> str:
    """Compile every feature of ``specs``, which all read ``relation``, into one statement.

    Specs that name an unknown column, or sum up computed numbers, raise.
    """
    statement = Statement(relation_named(relation), DIALECTS[dialect])
    for spec in specs:
        statement.add(spec)
    rows = _records(statement, specs)
    if not statement.inner:
        return _flat(statement, f"({rows})")
    names = [f"m.{name}" for name in statement.flat]
    joins = []
    for place, group in enumerate(statement.inner):
        for name in statement.outer[group]:
            counted = f"g{place}.{name}"
            names.append(f"coalesce({counted}, 0) as {name}" if name in statement.zero else counted)
        joins.append(f"left join ({_per_group(statement, group)}) as g{place} on g{place}.subject = m.subject")
    flat = _flat(statement, "counted")
    return f"with counted as ({rows}) select m.subject, {', '.join(names)} from ({flat}) as m {' '.join(joins)}"


def _records(statement: Statement, specs: Sequence[FeatureSpec]) -> str:
    """Give the prepared records with their flags, packed records and month bits beside them."""
    extra = [f"({condition}) as {name}" for condition, name in statement.flags.items()]
    extra += [f"{newest_first(value, statement.dialect)} as {name}" for value, name in statement.records.items()]
    if statement.months:
        back = "(year(as_of) * 12 + month(as_of)) - (year(happened_on) * 12 + month(happened_on))"
        bit = statement.dialect.bit(back)
        extra.append(f"case when {back} between 0 and {MONTHS_IN_SET} then {bit} end as month_bit")
    windows = [spec.window for spec in specs if spec.window is not None]
    rows = prepared(statement.relation, statement.columns, windows, statement.dialect)
    return f"select w.*, {', '.join(extra)} from ({rows}) as w" if extra else rows


def _flat(statement: Statement, source: str) -> str:
    columns = "".join(f", {value} as {name}" for name, value in statement.flat.items())
    return f"select subject{columns} from {source} as p group by subject"


def _per_group(statement: Statement, group: str) -> str:
    inner = "".join(f", {value} as {name}" for name, value in statement.inner[group].items())
    outer = "".join(f", {value} as {name}" for name, value in statement.outer[group].items())
    return (
        f"select subject{outer} from (select subject, {group} as part{inner} from counted"
        f" where {group} is not null group by subject, {group}) as g group by subject"
    )
