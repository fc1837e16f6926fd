"""What a feature may read: one relation per table, some of them prepared. One module per family; here all together."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.features.relations import (
    application,
    certification,
    credit,
    enterprise,
    innovation,
    integrity,
    operations,
    quality,
)
from certloan.features.relations.references import REFERENCES
from certloan.features.relations.shape import Previous, Relation, Summary, Told

__all__ = ["REFERENCES", "RELATIONS", "UNUSED", "Previous", "Relation", "Summary", "Told"]

_MODULES = (certification, quality, credit, enterprise, operations, innovation, integrity, application)

#: Every relation by the name under which specs know it.
RELATIONS: Mapping[str, Relation] = {relation.name: relation for module in _MODULES for relation in module.RELATIONS}

#: Columns that no feature reads, each with the reason; ``table.*`` stands for all of them.
UNUSED: Mapping[str, str] = {column: reason for module in _MODULES for column, reason in module.UNUSED.items()}
