"""What a relation may be made of: references, summaries of other tables, the record before, computed columns.

A prepared relation is declared, not programmed. Its parts may use each other in any order, as long as none uses
itself; :mod:`certloan.features.prepare` compiles them into one statement behind the one cut in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from certloan.expressions import Type
from certloan.features.aggregates import Count, CountDistinct, Exists, Latest, Max, Min, Sum
from certloan.features.spec import Lookup


@dataclass(frozen=True)
class Told:
    """One thing that the other table's records say: an aggregate over those for which ``where`` holds.

    ``Count``, ``CountDistinct`` and ``Sum`` are zero without a record, ``Exists`` (of type boolean) is false; the
    others are unknown. Whether no record means anything, only :attr:`Relation.delivered` can say. Of two newest
    records of one day, the one known later decides, then the one of the higher ``rank``, then the greater value.
    """

    aggregate: Count | CountDistinct | Exists | Max | Min | Sum | Latest
    type: Type
    where: str = ""
    rank: str = ""


@dataclass(frozen=True)
class Summary:
    """What another table, or another prepared relation, says of each record: ``columns`` by their names here.

    Only records that count on the day are read. ``on`` maps an expression over our columns to a column of theirs; the
    enterprise is joined too, so an empty ``on`` says what the table tells of the enterprise as a whole. With
    ``by_subject=False`` the other table is a register shared by all, joined by the day and ``on`` alone.
    Expressions are over the other relation's columns, those of ``lookups``, and ``as_of``.
    """

    name: str
    table: str
    on: Mapping[str, str]
    columns: Mapping[str, Told]
    lookups: tuple[Lookup, ...] = ()
    by_subject: bool = True


@dataclass(frozen=True)
class Previous:
    """What the record before this one says: ``value`` among the enterprise's records with the same ``by``.

    Before means the greatest ``order`` below this record's own; of several records with that order, the greatest
    value. Unknown for the first, and where ``order`` is unknown. Only records for which ``where`` holds count as one
    before. All are expressions over the relation's columns.
    """

    name: str
    type: Type
    value: str
    by: tuple[str, ...]
    order: str
    where: str = ""


@dataclass(frozen=True)
class Relation:
    """A relation that specs name as their ``table``: the records of one contract table, prepared.

    ``telling`` are the columns that show a person which record it was. ``keys`` join a record to who asks. For each
    table in ``delivered`` a boolean ``<table>_delivered`` tells whether that source had been delivered by the day.
    ``computed`` maps a new column to its expression and type.
    """

    name: str
    table: str
    telling: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("uscc",)
    delivered: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    summaries: tuple[Summary, ...] = ()
    previous: tuple[Previous, ...] = ()
    computed: Mapping[str, tuple[str, Type]] = field(default_factory=dict)
