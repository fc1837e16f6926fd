"""The account of a firm's two pictures, as plain values that any surface can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from certloan.i18n import Lang, text


@dataclass(frozen=True)
class ItemTold:
    """One piece of evidence in a side: what was found, how much it could earn, how much it earns (None if unknown)."""

    feature: str
    label_zh: str
    label_en: str
    value_zh: str
    value_en: str
    weight: float
    earned: float | None


@dataclass(frozen=True)
class SideTold:
    """One side: proven sub-score, what it could at most be, and where the firm stands among its peers.

    ``standing`` is the share of peers below the proven sub-score in percent, ``standing_high`` that below ``high``;
    both and ``median`` are None where there are too few peers.
    """

    code: str
    name_zh: str
    name_en: str
    note_zh: str
    note_en: str
    low: float
    high: float
    standing: float | None
    standing_high: float | None
    median: float | None
    items: tuple[ItemTold, ...]

    @property
    def known(self) -> float:
        """Give the share of the side's weight for which there is evidence, in percent."""
        return 100 - (self.high - self.low)

    def standing_told(self, lang: Lang | str) -> str:
        """Say where the firm stands among its peers; an interval where unknown evidence could move it."""
        if self.standing is None or self.standing_high is None:
            return "–"
        low, high = f"{self.standing:.0f}%", f"{self.standing_high:.0f}%"
        return text("portrait.standing", lang, share=low if low == high else f"{low}–{high}")


@dataclass(frozen=True)
class Portrait:
    """Both pictures of one firm on one day. ``peers_share`` names what the peers share with it."""

    application_id: str
    uscc: str
    name: str | None
    as_of: date
    table_id: str
    table_zh: str
    table_en: str
    table_digest: str
    peers: int
    peers_share: tuple[str, ...]
    peers_zh: str
    peers_en: str
    pictures: Mapping[str, tuple[SideTold, ...]]

    def as_json(self) -> dict[str, object]:
        """Give the account as plain values, each number to two digits."""
        return {**asdict(self), "as_of": self.as_of.isoformat(), "pictures": _rounded(asdict(self)["pictures"])}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, Mapping):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list | tuple) else value
