"""The records behind a feature, as people recognise them: headers of the contract, values as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from certloan.contracts import CONTRACTS, Column, Kind
from certloan.domain.evidence import Family
from certloan.explain.account import Record
from certloan.explain.wording import cell_told, yuan_told
from certloan.expressions import Type
from certloan.features.columns import types
from certloan.features.evidence import telling
from certloan.features.matrix import parts
from certloan.features.relations import RELATIONS
from certloan.features.spec import FeatureSpec, Spec
from certloan.features.wording import label
from certloan.i18n import Lang, text
from certloan.reference.certificates import schemes
from certloan.services.build_features import evidence
from certloan.services.dossier import dossier
from certloan.services.ports import Warehouse

#: Records beyond these are not looked at.
MOST_RECORDS = 5
#: The first telling columns say which record it is and what it says; a reason with all of them is read by nobody.
_MOST_CELLS = 3


def records_behind(warehouse: Warehouse, spec: Spec, subjects: pa.Table) -> dict[str, tuple[Record, ...]]:
    """Give for each application the records that ``spec`` counted, the most telling first, at most five of a kind."""
    if spec.family is Family.APPLICATION:
        return {}  # the request itself needs no proof
    identities = subjects.column("application_id").to_pylist()
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for part, rows in zip(parts(spec), _rows(warehouse, spec, subjects), strict=True):
        table, shown = RELATIONS[part.table].table, _shown(part)
        for row in rows:
            record = Record(table, tuple(_cells(shown, row)))
            of_applicant = found[identities[row.get("subject", 1) - 1]]
            if record.cells and record not in of_applicant:
                of_applicant.append(record)
    return {application_id: tuple(records) for application_id, records in found.items()}


def record_of(
    table: str, row: Mapping[str, object], told_by: Mapping[str, tuple[str, str]] = MappingProxyType({})
) -> Record:
    """Give a row of a table as people recognise it, its columns in the row's order.

    ``told_by`` names for columns that the table's contract does not know the table and column that do.
    """
    shown = [(name, CONTRACTS[of].column(known)) for name in row for of, known in [told_by.get(name, (table, name))]]
    cells = ((c.zh, c.en, *_value(c, row[name])) for name, c in shown if row[name] is not None)
    return Record(table, tuple(cells))


def _rows(warehouse: Warehouse, spec: Spec, subjects: pa.Table) -> Iterator[list[dict[str, Any]]]:
    """Give the records of each part; those of one applicant alone come without an engine, and without a subject."""
    if subjects.num_rows == 1:
        yield from (rows for _, rows in dossier(warehouse).evidence(spec, subjects, MOST_RECORDS))
    else:
        yield from (rows.to_pylist() for _, rows in evidence(warehouse, spec, subjects, most=MOST_RECORDS))


def _shown(part: FeatureSpec) -> tuple[Column, ...]:
    """Choose the columns that are shown: which record it is, then what the feature reads, then what else tells."""
    known = {column.name: column for column in CONTRACTS[RELATIONS[part.table].table].columns}
    known |= {name: day for name in telling(part) if name not in known and (day := _prepared_day(part.table, name))}
    return tuple(known[name] for name in telling(part) if name in known)[:_MOST_CELLS]


def _prepared_day(relation: str, name: str) -> Column | None:
    """Give a day that no cell of the record holds but the feature reads, such as since when a scheme has been held."""
    zh, en = label(relation, name, Lang.ZH), label(relation, name, Lang.EN)
    if types(relation).get(name) is not Type.DATE or zh is None or en is None:
        return None
    return Column(name, Kind.DATE, zh, en)


def _cells(shown: Sequence[Column], row: Mapping[str, object]) -> Iterator[tuple[str, str, str, str]]:
    for column in shown:
        if row[column.name] is not None:
            yield column.zh, column.en, *_value(column, row[column.name])


def _value(column: Column, value: object) -> tuple[str, str]:
    """Give a cell in Chinese and in English."""
    if column.name == "scheme" and isinstance(value, str):
        return scheme_told(value, "zh"), scheme_told(value, "en")
    if column.kind is Kind.CATEGORY and isinstance(value, str) and value in column.levels:
        return column.levels[value][0], value.replace("_", " ")
    if column.name == "year":
        return str(value), str(value)
    if isinstance(value, bool):
        return text("common.yes" if value else "common.no", "zh"), text("common.yes" if value else "common.no", "en")
    if column.kind is Kind.MONEY and isinstance(value, Decimal):
        return yuan_told(value, "zh"), yuan_told(value, "en")
    return cell_told(value), cell_told(value)


def scheme_told(code: str, lang: Lang | str) -> str:
    """Say a certification scheme by its name; a code that no table knows stays as it is."""
    for scheme in schemes():
        if scheme.code == code:
            return scheme.zh if Lang(lang) is Lang.ZH else scheme.en
    return code
