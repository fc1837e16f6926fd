"""One entry of the ledger, and the bytes that its digest is made of. The format stands in docs/ledger.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: The format of the canonical bytes; it is among them, so that a later format cannot be taken for this one.
FORMAT = 1
#: What the first entry names as the digest before it.
GENESIS = "0" * 64

#: What a payload may hold. Floating point is refused: its text differs between writers.
Plain = str | int | bool | None


class Kind(StrEnum):
    """The acts that are recorded."""

    DELIVERY_LOADED = "delivery_loaded"
    MODEL_TRAINED = "model_trained"
    MODEL_VALIDATED = "model_validated"
    MODEL_CHALLENGED = "model_challenged"
    MODEL_PROMOTED = "model_promoted"
    PROMOTION_REFUSED = "promotion_refused"
    DECISIONS_MADE = "decisions_made"


@dataclass(frozen=True)
class Entry:
    """One act. ``at`` is UTC to the microsecond; the order is that of ``seq``, whatever the clock said.

    ``payload`` is kept as the canonical text whose SHA-256 is ``payload_sha256``; only that digest enters the chain.
    """

    seq: int
    at: str
    actor: str
    role: str
    kind: str
    payload: str
    payload_sha256: str
    previous: str
    digest: str

    def digest_at(self, seq: int) -> str:
        """Give the digest that this entry would have at place ``seq``."""
        chained: dict[str, Plain] = {
            "format": FORMAT,
            "seq": seq,
            "at": self.at,
            "actor": self.actor,
            "role": self.role,
            "kind": self.kind,
            "payload_sha256": self.payload_sha256,
            "previous": self.previous,
        }
        return sha256(canonical(chained))


def canonical(value: Mapping[str, Plain]) -> str:
    """Give the one JSON text of a flat object: keys sorted, no blanks, every character as itself.

    >>> canonical({"b": 1, "a": "认证"})
    '{"a":"认证","b":1}'
    """
    for name, held in value.items():
        if not isinstance(held, Plain):
            raise TypeError(f"{name}: {type(held).__name__} has no canonical text")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """Give the SHA-256 of a text in UTF-8, in 64 small hexadecimal digits.

    Bytes that are no UTF-8 come here as lone surrogates, from a damaged ledger; they count as the bytes they were.
    """
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()


def sealed(seq: int, at: str, actor: str, role: str, kind: Kind, payload: Mapping[str, Plain], previous: str) -> Entry:
    """Make the entry that follows the one whose digest is ``previous``."""
    text = canonical(payload)
    draft = Entry(seq, at, actor, role, kind.value, text, sha256(text), previous, "")
    return Entry(**{**vars(draft), "digest": draft.digest_at(seq)})
