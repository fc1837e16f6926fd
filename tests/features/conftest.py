"""A real warehouse in memory, and a way to write a few records of it as a test reads best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from certloan.contracts import CONTRACTS
from certloan.features.catalog import CATALOG
from certloan.features.spec import Spec
from certloan.services.build_features import build_matrix
from certloan.storage.warehouse import DuckWarehouse

DAY = dt.date(2024, 6, 15)
#: What a test may leave out of a record: things that the contract needs and the test does not talk about.
USUAL: Mapping[str, Mapping[str, Any]] = {
    "certificate": {"scheme": "A01", "issued_on": dt.date(2023, 1, 1), "expires_on": dt.date(2026, 1, 1)},
    "inspection": {"inspected_on": dt.date(2024, 1, 10), "verdict": "no_nonconformity"},
    "credit_month": {"account_no": "L1", "credit_limit": Decimal(100), "five_class": "normal", "days_past_due": 0},
    "invoice": {"direction": "sale", "status": "valid", "invoiced_on": dt.date(2024, 3, 1)},
}

Put = Callable[..., None]
Ask = Callable[..., dict[str, Any]]


class Records:
    """Writes single records of one applicant, ``U1`` unless said otherwise."""

    def __init__(self, warehouse: DuckWarehouse) -> None:
        self.warehouse = warehouse
        self._number = 0

    def put(self, table: str, **cells: Any) -> None:
        """Write one record; ``happened_on`` and ``known_on`` default to a year before :data:`DAY`."""
        self._number += 1
        contract = CONTRACTS[table]
        row: dict[str, Any] = {"uscc": "U1"} if "uscc" in contract.names else {}
        row |= {c.name: f"{c.name}-{self._number}" for c in contract.columns if c.required and c.kind.value == "code"}
        row |= dict(USUAL.get(table, {})) | cells
        if contract.happened_on in row:
            row.setdefault("happened_on", row[contract.happened_on])
        row.setdefault("happened_on", DAY - dt.timedelta(days=365))
        row.setdefault("known_on", row["happened_on"])
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        self.warehouse.execute(f"insert into history.{table} ({names}) values ({marks})", list(row.values()))

    def ask(self, *names: str, day: dt.date = DAY, uscc: str = "U1", specs: tuple[Spec, ...] = CATALOG) -> Any:
        """Give the named features of one applicant, or the only one."""
        chosen = tuple(spec for spec in specs if spec.name in names) if names else specs
        subjects = pa.table({"application_id": ["A1"], "uscc": [uscc], "as_of": [day]})
        row = build_matrix(self.warehouse, subjects, chosen).to_pylist()[0]
        return row[names[0]] if len(names) == 1 else row


@pytest.fixture
def records() -> Iterator[Records]:
    warehouse = DuckWarehouse.open(None)
    yield Records(warehouse)
    warehouse.close()
