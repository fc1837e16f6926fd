"""What the folder of a delivery says of the delivery itself, in its ``delivery.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from certloan.errors import InputError


@dataclass(frozen=True)
class DeliveryNote:
    """The day on which a delivery arrived, and whether its new records were known before, at their time."""

    delivered_on: date | None = None
    backfill: bool = False


def read_note(path: Path) -> DeliveryNote:
    """Read ``delivered_on`` and ``backfill``; a folder without a note, or a file, says nothing.

    Raises ``InputError`` (``delivery-toml-unreadable``, ``delivery-date-invalid``, ``delivery-backfill-invalid``).
    """
    note = path / "delivery.toml"
    if not note.is_file():
        return DeliveryNote()
    try:
        stated = tomllib.loads(note.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("delivery-toml-unreadable", found=str(note), why=str(error)) from error
    backfill = stated.get("backfill", False)
    if not isinstance(backfill, bool):
        raise InputError("delivery-backfill-invalid", found=str(backfill))
    return DeliveryNote(_day(stated.get("delivered_on")), backfill)


def _day(stated: object) -> date | None:
    if stated is None:
        return None
    try:
        return date.fromisoformat(str(stated)[:10])
    except ValueError as error:
        raise InputError("delivery-date-invalid", found=str(stated)) from error
