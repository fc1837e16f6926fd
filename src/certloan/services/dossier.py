"""One dossier at once: the matrix of a few subjects, from their own records, in milliseconds instead of plans.

What :func:`certloan.services.build_features.build_matrix` gives for many, :class:`Dossier` gives for one, cell by cell
the same. It keeps what is the same for everybody between two questions: references, derived tables, registers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import pyarrow as pa

from certloan.contracts import CONTRACTS
from certloan.features.asof import sources
from certloan.features.catalog import FEATURES
from certloan.features.direct.evidence_rows import evidence_rows
from certloan.features.direct.known import Known, Row, Versions
from certloan.features.direct.matrix_row import matrix_row
from certloan.features.matrix import parts
from certloan.features.relations.references import DERIVED
from certloan.features.spec import Spec
from certloan.reference.loading import reference_digest
from certloan.reference.relations import reference_relations
from certloan.services.build_features import subjects_given
from certloan.services.ports import Warehouse

#: What would be different: by table, the enterprise's records instead of those that the warehouse holds. A record has
#: the columns of its contract, ``happened_on``, ``known_on`` and ``void_on``; what it leaves out is unknown.
Variant = Mapping[str, Sequence[Mapping[str, Any]]]

_OF_ENTERPRISE = tuple(table for table, contract in CONTRACTS.items() if "uscc" in contract.names)
_REGISTERS = tuple(table for table in CONTRACTS if table not in _OF_ENTERPRISE and table != "outcome")
#: What changes with every load, and with rows that come or go by other means; and the file that it is about.
_STATE = """select (select path from duckdb_databases() where database_name = current_database()) as place, (select count(*) from history.delivery) as deliveries, (select max(loaded_at) from history.delivery) as last,
    (select sum(estimated_size) from duckdb_tables() where schema_name in ('history', 'derived')) as held"""


@dataclass(frozen=True)
class _Shared:
    """What is the same for every enterprise of a warehouse."""

    versions: Mapping[str, Mapping[str, Versions]]
    registers: Mapping[str, Sequence[Row]]
    since: Mapping[str, date | None]

    @classmethod
    def read(cls, warehouse: Warehouse) -> _Shared:
        """Read it."""
        references = dict(reference_relations())
        references |= {name: warehouse.query(f"select * from {name}") for name in DERIVED}
        registers = {name: warehouse.rows(f"select * from {name}") for name in _REGISTERS}
        (since,) = warehouse.rows(sources(CONTRACTS))
        return cls({name: _by_code(table) for name, table in references.items()}, registers, since)


#: What was read last, by the state of the warehouse file: whoever opens the same file again need not read it again.
_READ: dict[tuple[object, ...], _Shared] = {}


class Dossier:
    """What a warehouse tells of single enterprises. A load in between is noticed; make it with :func:`dossier`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._state: tuple[object, ...] = ()
        self._shared = _Shared({}, {}, {})
        # The case that was asked about last: its account asks for its records once for every reason.
        self._last: tuple[str, Known] = ("", Known({}, self._of_reference, {}))

    def matrix(self, subjects: str | pa.Table, specs: Sequence[Spec] = FEATURES) -> pa.Table:
        """Give one row per subject, as :func:`~certloan.services.build_features.build_matrix` does."""
        given = subjects_given(self._warehouse, subjects)
        asked = given.select(["application_id", "uscc", "as_of"])
        known = {uscc: self.known(uscc) for uscc in dict.fromkeys(given["uscc"].to_pylist())}
        return features_of(asked, [known[uscc] for uscc in given["uscc"].to_pylist()], specs)

    def variants(self, subject: pa.Table, variants: Iterable[Variant], specs: Sequence[Spec] = FEATURES) -> pa.Table:
        """Give one row per variant of the first subject: what its features were if its records were others.

        Only what reads the changed tables is computed again.
        """
        asked = subjects_given(self._warehouse, subject).select(["application_id", "uscc", "as_of"]).slice(0, 1)
        (who,) = asked.to_pylist()
        known = self.known(who["uscc"])
        base: dict[str, Any] = {}
        rows = []
        for variant in variants:
            changed = {table: [_whole(table, record) for record in records] for table, records in variant.items()}
            what_if = replace(known, records={**known.records, **changed})
            rows.append(
                matrix_row(what_if, who["application_id"], who["as_of"], tuple(specs), frozenset(changed), base)
            )
        return _with_features(pa.concat_tables([asked] * len(rows)) if rows else asked.slice(0, 0), rows, specs)

    def evidence(self, spec: Spec, subject: pa.Table, most: int | None = None) -> tuple[tuple[str, list[Row]], ...]:
        """Give the records behind a feature of one subject, as :func:`~certloan.services.build_features.evidence` does.

        For each part that ``spec`` is made of: its relation and its records, the most telling first.
        """
        (who,) = subject.select(["application_id", "uscc", "as_of"]).slice(0, 1).to_pylist()
        known = self.known(who["uscc"])
        return tuple(
            (part.table, evidence_rows(known, who["application_id"], who["as_of"], part, most)) for part in parts(spec)
        )

    def known(self, uscc: str) -> Known:
        """Give everything ever said of one enterprise, whenever it became known."""
        if not self._refresh() and uscc == self._last[0]:
            return self._last[1]
        records: dict[str, Sequence[Row]] = dict(self._shared.registers)
        for table in _OF_ENTERPRISE:
            if self._shared.since.get(table) is not None:
                records[table] = self._warehouse.rows(f"select * from {table} where uscc = ?", (uscc,))
        found = Known(records, self._of_reference, self._shared.since)
        self._last = (uscc, found)
        return found

    def imagined(self, records: Variant, since: Mapping[str, date]) -> Known:
        """Give an enterprise that is in no warehouse: its records alone, with the references of this one.

        ``since`` tells from when on the source of a table counts as delivered; one that is not named never was.
        """
        self._refresh()
        held = {table: [_whole(table, record) for record in rows] for table, rows in records.items()}
        return Known({**self._shared.registers, **held}, self._of_reference, since)

    def _of_reference(self, relation: str, code: str) -> Versions:
        return self._shared.versions[relation].get(code, ())

    def _refresh(self) -> bool:
        """Read again what is the same for everybody if something was loaded; tell whether it was."""
        (told,) = self._warehouse.rows(_STATE)
        state = (*told.values(), reference_digest())
        if state == self._state:
            return False
        self._shared = _READ.get(state) or _Shared.read(self._warehouse)
        if told["place"] is not None:
            _READ.clear()
            _READ[state] = self._shared
        self._state = state
        return True


def features_of(asked: pa.Table, known: Iterable[Known], specs: Sequence[Spec] = FEATURES) -> pa.Table:
    """Give the matrix of subjects of whom everything is at hand, in their order."""
    rows = [
        matrix_row(about, row["application_id"], row["as_of"], tuple(specs))
        for row, about in zip(asked.to_pylist(), known, strict=True)
    ]
    return _with_features(asked, rows, specs)


_KEPT: WeakKeyDictionary[Warehouse, Dossier] = WeakKeyDictionary()


def dossier(warehouse: Warehouse) -> Dossier:
    """Give the dossiers of a warehouse; they are kept for as long as it is."""
    if warehouse not in _KEPT:
        _KEPT[warehouse] = Dossier(warehouse)
    return _KEPT[warehouse]


def _by_code(table: pa.Table) -> Mapping[str, Versions]:
    found: dict[str, list[tuple[date | None, date | None, Row]]] = {}
    for row in table.to_pylist():
        found.setdefault(row["code"], []).append((row["valid_from"], row["valid_to"], row))
    return found


def _whole(table: str, record: Mapping[str, Any]) -> Row:
    return {**dict.fromkeys((*CONTRACTS[table].names, "happened_on", "known_on", "void_on")), **record}


def _with_features(asked: pa.Table, rows: Sequence[Mapping[str, Any]], specs: Sequence[Spec]) -> pa.Table:
    columns = dict(zip(asked.column_names, asked.columns, strict=True))
    for spec in specs:
        cells = [row[spec.name] for row in rows]
        columns[spec.name] = _texts(cells) if spec.categorical else _doubles(cells)
    return pa.table(columns)


# Arrays are made of their buffers: pyarrow would import pandas to read Python lists, which takes longer than a case.
def _doubles(cells: Sequence[float | None]) -> pa.Array:
    values = array("d", (cell or 0.0 for cell in cells))
    return pa.Array.from_buffers(pa.float64(), len(cells), [_there(cells), pa.py_buffer(values)])


def _texts(cells: Sequence[str | None]) -> pa.Array:
    pieces = [(cell or "").encode() for cell in cells]
    ends = array("i", _running(map(len, pieces)))
    data = [_there(cells), pa.py_buffer(ends), pa.py_buffer(b"".join(pieces))]
    return pa.Array.from_buffers(pa.string(), len(cells), data)


def _running(lengths: Iterable[int]) -> Iterator[int]:
    end = 0
    yield end
    for length in lengths:
        end += length
        yield end


def _there(cells: Sequence[object]) -> pa.Buffer:
    """Give the bits that tell which cells are known."""
    bits = bytearray((len(cells) + 7) // 8)
    for place, cell in enumerate(cells):
        if cell is not None:
            bits[place // 8] |= 1 << place % 8
    return pa.py_buffer(bytes(bits))
