"""A sortable list of applications from which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from certloan.i18n import Lang
from certloan.ui.acts import Entry
from certloan.ui.words import word

#: Signs beside the words, so that recommendations can be told apart without colour.
SIGNS = {"approve": "✓", "refer": "→", "decline": "✕"}
_WAN = 10_000
_ROW, _MOST_VISIBLE = 35, 14


def draw(entries: Sequence[Entry], lang: Lang, key: str) -> str | None:
    """Draw the list and give the application that was chosen."""
    number, text, day = st.column_config.NumberColumn, st.column_config.TextColumn, st.column_config.DateColumn

    def head(name: str) -> str:
        return word(f"listing.{name}", lang)

    chosen = st.dataframe(
        table(entries, lang),
        key=key,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        hide_index=True,
        height=_ROW * (min(len(entries), _MOST_VISIBLE) + 1) + 3,
        placeholder="–",
        column_config={
            "name": text(head("name"), width=200),
            "outcome": text(head("outcome"), width=145),
            "score": number(head("score"), width=70, format="%d"),
            "grade": text(head("grade"), width=65),
            "amount": number(head("amount"), width=120, format="localized"),
            "applied_on": day(head("applied_on"), width=100, format="YYYY-MM-DD"),
            "application_id": text(head("application_id"), width=130),
            "uscc": text(head("uscc"), width=170),
        },
    )
    row = _row(chosen.get("selection", {}))
    return entries[row].application_id if row is not None and row < len(entries) else None


def table(entries: Sequence[Entry], lang: Lang) -> pa.Table:
    """Give the list as a table: money in 万元 in Chinese, in yuan in English."""
    unit = _WAN if lang is Lang.ZH else 1
    return pa.table(
        {
            "name": pa.array([entry.name or entry.uscc for entry in entries], pa.string()),
            "outcome": pa.array([told(entry, lang) for entry in entries], pa.string()),
            "score": pa.array([entry.score for entry in entries], pa.int64()),
            "grade": pa.array([entry.grade for entry in entries], pa.string()),
            "amount": pa.array([None if e.amount is None else float(e.amount) / unit for e in entries], pa.float64()),
            "applied_on": pa.array([entry.applied_on for entry in entries], pa.date32()),
            "application_id": pa.array([entry.application_id for entry in entries], pa.string()),
            "uscc": pa.array([entry.uscc for entry in entries], pa.string()),
        }
    )


def told(entry: Entry, lang: Lang) -> str:
    """Give the recommendation in words, with its sign."""
    if entry.outcome is None:
        return word("outcome.settled", lang)
    return f"{SIGNS.get(entry.outcome, '')} {word(f'outcome.{entry.outcome}', lang)}".strip()


def _row(selection: object) -> int | None:
    """Give the row that was chosen, by its box or by any of its cells."""
    if not isinstance(selection, dict):
        return None
    rows, cells = selection.get("rows") or [], selection.get("cells") or []
    if rows:
        return int(rows[0])
    return int(cells[0][0]) if cells else None
