"""The reference tables for people: their list, and the rows of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import Lang, text

if TYPE_CHECKING:
    from certloan.services.show_reference import TableRows, TableSummary

#: Columns of every dated table that stand together in one cell, and the one name of the two that is not wanted.
_TOGETHER = {"valid_from", "valid_to", "verified", "unconfirmed", "source", "zh", "en"}


def table_list(tables: Sequence[TableSummary], texts: Texts, console: Console) -> None:
    """Print each table with its counts, and mark those that the workspace overrides."""
    heads = [text(f"reference.{name}", texts.lang) for name in ("name", "title", "rows", "verified", "own")]
    console.table(
        text("reference.tables", texts.lang),
        heads,
        (
            (t.name, t.titled(texts.lang), t.rows, f"{t.verified / max(t.rows, 1):.0%}", t.own_rows or "–")
            for t in tables
        ),
        figures=(2, 3, 4),
        whole=(0,),
    )


def table_rows(held: TableRows, texts: Texts, console: Console) -> None:
    """Print one block for each row: too many columns for a terminal to set side by side."""
    lang = texts.lang
    console.say(f"[bold]{held.titled(lang)}[/]")
    if held.table.source:
        verified = text("common.yes" if held.table.verified else "common.no", lang)
        console.say(text("reference.whole-table", lang, source=held.table.source, verified=verified))
    label = "zh" if lang is Lang.ZH else "en"
    for row in held.shown:
        names = [row[column] for column in held.table.key]
        title = row.get(label, "")
        console.say(f"[bold cyan]{' '.join(name for name in names if name)}[/] {_escaped(title)}")
        told = [
            f"{name}={cell}"
            for name, cell in row.items()
            if cell and name not in _TOGETHER and name not in held.table.key
        ]
        if told:
            console.say(f"  {_escaped(' · '.join(told))}")
        if held.table.dated:
            console.say(f"  [dim]{_escaped(held.standing(row, lang))}[/]")


def _escaped(words: str) -> str:
    from rich.markup import escape

    return escape(words)
