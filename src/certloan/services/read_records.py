"""The records behind a feature, as people recognise them: headers of the contract, values as text."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from certloan.contracts import CONTRACTS, Column, Kind
from certloan.explain.account import Record
from certloan.explain.wording import cell_told
from certloan.features.relations import RELATIONS
from certloan.features.spec import Spec
from certloan.i18n import text
from certloan.services.build_features import evidence
from certloan.services.ports import Warehouse

#: Records beyond these are counted, not shown.
MOST_RECORDS = 5


def records_behind(warehouse: Warehouse, spec: Spec, subjects: pa.Table) -> dict[str, tuple[Record, ...]]:
    """Give for each application the records that ``spec`` counted, the most telling first, at most five of a kind."""
    identities = subjects.column("application_id").to_pylist()
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for relation, rows in evidence(warehouse, spec, subjects):
        told: defaultdict[int, int] = defaultdict(int)
        table, telling = RELATIONS[relation].table, RELATIONS[relation].telling
        for row in rows.to_pylist():
            told[row["subject"]] += 1
            if told[row["subject"]] <= MOST_RECORDS:
                record = Record(table, tuple(_cells(table, telling, row)))
                if record.cells and record not in found[identities[row["subject"] - 1]]:
                    found[identities[row["subject"] - 1]].append(record)
    return {application_id: tuple(records) for application_id, records in found.items()}


def _cells(table: str, telling: tuple[str, ...], row: dict[str, object]) -> list[tuple[str, str, str, str]]:
    known = {column.name: column for column in CONTRACTS[table].columns}
    cells = []
    for name in telling:
        column = known.get(name)
        if column is not None and row[name] is not None:
            cells.append((column.zh, column.en, *_value(column, row[name])))
    return cells


def _value(column: Column, value: object) -> tuple[str, str]:
    """Give a cell in Chinese and in English."""
    if column.kind is Kind.CATEGORY and isinstance(value, str) and value in column.levels:
        return column.levels[value][0], value.replace("_", " ")
    if isinstance(value, bool):
        return text("common.yes" if value else "common.no", "zh"), text("common.yes" if value else "common.no", "en")
    return cell_told(value), cell_told(value)
