"""The evidence about one enterprise in time, as it was known on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from certloan.contracts import CONTRACTS
from certloan.explain.account import TimelineItem
from certloan.features.asof import counts
from certloan.i18n import Lang, has, text
from certloan.services.ports import Warehouse
from certloan.services.read_records import scheme_told


@dataclass(frozen=True)
class _Lane:
    """One kind of evidence: where it stands, when it begins and ends, which text tells it, and how it looks.

    ``text`` and ``tone`` are SQL over the table's columns; ``facts`` are the columns that the text names.
    """

    lane: str
    table: str
    starts: str
    ends: str
    text: str
    tone: str
    facts: tuple[str, ...] = ()
    where: str = "true"


_LANES = (
    _Lane("certificate", "certificate", "issued_on", "expires_on", "'certificate'",
          "case when expires_on < $day then 'neutral' else 'good' end", ("scheme", "certificate_no")),
    _Lane("surveillance", "certificate_event", "event_on", "null", "event",
          "case when event in ('surveillance_passed', 'special_audit_passed', 'restored', 'recertified', 'issued') then 'good' "
          "when event in ('cancelled', 'changed', 'expired') then 'neutral' else 'bad' end", ("certificate_no",)),
    _Lane("inspection", "inspection", "inspected_on", "null", "verdict",
          "case verdict when 'no_nonconformity' then 'good' else 'bad' end", ("product",)),
    # A complaint that was not found true, and a tip-off, prove nothing.
    _Lane("incident", "incident", "happened_on", "null",
          "case when kind = 'complaint' and result in ('rejected', 'pending') then 'complaint_' || result else kind end",
          "case when kind = 'recall' and ordered = 'voluntary' or kind = 'report' "
          "or kind = 'complaint' and result in ('rejected', 'pending') then 'neutral' else 'bad' end"),
    _Lane("list", "list_entry", "listed_on", "case when removed_on <= $day then removed_on else $day end", '"list"',
          """case "list" when 'quality_whitelist' then 'good' when 'key_supervision' then 'neutral' else 'bad' end"""),
    _Lane("credit", "credit_month", "month", "null", "'past_due'", "'bad'", ("days_past_due",),
          where="days_past_due > 0"),
    _Lane("honour", "honour", "granted_on", "valid_to", "kind", "'good'"),
)  # fmt: skip


def timeline(warehouse: Warehouse, uscc: str, day: dt.date) -> tuple[TimelineItem, ...]:
    """Give what was known about ``uscc`` on ``day``, the oldest first within each lane."""
    items: list[TimelineItem] = []
    for lane in _LANES:
        facts = "".join(f", {column} as fact_{column}" for column in lane.facts)
        rows = warehouse.query(
            f"select {lane.starts} as starts_on, {lane.ends} as ends_on, {lane.text} as told, {lane.tone} as tone{facts} "
            f"from {lane.table} as r where r.uscc = ? and {counts('r', '$day')} and {lane.where} "
            "order by starts_on, told".replace("$day", f"date '{day.isoformat()}'"),
            (uscc,),
        ).to_pylist()
        items.extend(_item(lane, row) for row in rows if row["starts_on"] is not None)
    return tuple(items)


def _item(lane: _Lane, row: dict[str, object]) -> TimelineItem:
    renamed = {"days_past_due": "days"}
    facts = {renamed.get(name, name): row[f"fact_{name}"] or "" for name in lane.facts}
    zh, en = (_told(lane, str(row["told"]), _worded(facts, lang), lang) for lang in Lang)
    starts_on, ends_on = row["starts_on"], row["ends_on"]
    if not isinstance(starts_on, dt.date):
        raise TypeError(f"{lane.table}.{lane.starts} is not a date")
    return TimelineItem(
        lane.lane, zh, en, starts_on, ends_on if isinstance(ends_on, dt.date) else None, str(row["tone"])
    )


def _told(lane: _Lane, code: str, facts: dict[str, object], lang: Lang) -> str:
    """Word an item; a kind that has no sentence of its own is called what its contract calls it."""
    if has(f"timeline.{code}"):
        return text(f"timeline.{code}", lang, **facts)
    words = next((c.levels[code] for c in CONTRACTS[lane.table].columns if code in c.levels), (code,))
    return words[0] if lang is Lang.ZH else code.replace("_", " ")


def _worded(facts: dict[str, object], lang: Lang) -> dict[str, object]:
    return facts | ({"scheme": scheme_told(str(facts["scheme"]), lang)} if "scheme" in facts else {})
