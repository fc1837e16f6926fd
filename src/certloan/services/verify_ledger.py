"""Whether the record of acts is what it was."""

from __future__ import annotations

from dataclasses import dataclass

from certloan.domain.people import Actor, Permission
from certloan.errors import EXIT_OK, EXIT_PARTIAL
from certloan.i18n import Lang, text
from certloan.ledger.chain import Verified, verify
from certloan.services.journal_port import Journal


@dataclass(frozen=True)
class LedgerReport:
    """How far the ledger holds, and the first break."""

    verified: Verified

    @property
    def exit_code(self) -> int:
        """0: intact; 4: broken."""
        return EXIT_OK if self.verified.broken is None else EXIT_PARTIAL

    def told(self, lang: Lang | str) -> str:
        """Say it in a sentence."""
        held, broken = self.verified, self.verified.broken
        if broken is None:
            return text("ledger.intact", lang, entries=held.entries, head=held.head)
        return text(f"ledger.{broken.kind}", lang, place=broken.place, entries=held.entries)

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        broken = self.verified.broken
        return {
            "intact": broken is None,
            "entries": self.verified.entries,
            "head": self.verified.head,
            "broken": broken and {"place": broken.place, "kind": broken.kind.value, "found": broken.found},
            "message_zh": self.told(Lang.ZH),
            "message_en": self.told(Lang.EN),
        }


def verify_ledger(journal: Journal, actor: Actor) -> LedgerReport:
    """Follow the whole chain. ``NotReadyError`` where there is no ledger."""
    actor.require(Permission.AUDIT)
    return LedgerReport(verify(journal.entries()))
