"""One digest of what a table of decisions says, whatever program wrote the file (docs/ledger.md)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

import pyarrow as pa

_BATCH = 10_000
_KEY = "application_id"


def table_digest(table: pa.Table) -> str:
    """Give the SHA-256 over the rows in the order of ``application_id``, one line of canonical JSON each.

    The order of rows and columns and the file format do not count; every value does.

    >>> one = pa.table({"application_id": ["A", "B"], "score": [600, 610]})
    >>> table_digest(one) == table_digest(one.select(["score", "application_id"]).take([1, 0]))
    True
    """
    digest = hashlib.sha256()
    for batch in table.sort_by(_KEY).to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            line = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
            digest.update(line.encode("utf-8") + b"\n")
    return digest.hexdigest()


def _plain(value: object) -> str:
    """Give days as ISO text and money as decimal text."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical text")
