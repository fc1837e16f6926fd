"""The list of problems of a delivery as a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pyarrow import csv

from certloan.ingest.projection import Severity
from certloan.ingest.quarantine import lines, number_lines
from certloan.services.ports import Warehouse

#: Lines that are worded at once. Numbered first, they come in order without ever being held together.
_BLOCK: Final = 50_000
#: By this mark Excel knows that a file is UTF-8.
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def write_report(warehouse: Warehouse, severity: Severity, tables: str, path: Path) -> None:
    """Write the problems of one severity; see :func:`certloan.ingest.quarantine.number_lines` for ``tables``."""
    warehouse.execute(number_lines(severity, tables))
    last = warehouse.query(f"select count(*) from {tables}_{severity}").column(0)[0].as_py()
    sql = lines(severity, tables)
    with path.open("wb") as file:
        file.write(_BYTE_ORDER_MARK)
        writer = None
        for first in range(1, max(last, 1) + 1, _BLOCK):
            block = warehouse.query(sql, [first, first + _BLOCK - 1])
            writer = writer or csv.CSVWriter(file, block.schema)
            writer.write_table(block)
        if writer:
            writer.close()
