"""A small table computed from the evidence, that features look up like a reference table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from certloan.expressions import Type
from certloan.features.relations.references import DERIVED
from certloan.services.ports import Warehouse

#: A SELECT, or the rows themselves.
Rows = str | Iterable[Sequence[object]]


@dataclass(frozen=True)
class DerivedTable:
    """The table ``name`` of the schema ``derived``; its columns stand in :data:`certloan.features.relations.REFERENCES`.

    ``reads`` are the tables of the evidence that it is computed from: a load that brings none of them leaves it alone.
    ``rows`` gives its rows, in the order ``code``, ``valid_from``, ``valid_to``, then the columns. They must be a
    function of what had become known by ``valid_from``, so that what is learnt later changes no earlier row.

    A ``dated`` table grows: ``rows`` is asked for those that begin after a day, and rows that have ended are never
    written again. Any other table is computed anew, and ``rows`` is asked from the beginning.
    """

    name: str
    reads: tuple[str, ...]
    rows: Callable[[Warehouse, dt.date], Rows]
    dated: bool = True

    @property
    def columns(self) -> Mapping[str, Type]:
        """Give the columns beside ``code``, ``valid_from`` and ``valid_to``."""
        return DERIVED[self.name]
