"""What each table must hold."""

from certloan.contracts import activity, certification, credit, innovation, lending, operations, quality, registration
from certloan.contracts.contract import KNOWN_ON, VOID_ON, Column, Contract, Kind, Rule

_MODULES = (registration, certification, quality, activity, credit, innovation, operations, lending)

#: Every table of the warehouse by name, in the order in which they are described.
CONTRACTS: dict[str, Contract] = {c.table: c for module in _MODULES for c in module.CONTRACTS}

__all__ = ["CONTRACTS", "KNOWN_ON", "VOID_ON", "Column", "Contract", "Kind", "Rule"]
