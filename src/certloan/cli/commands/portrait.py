"""``portrait``: the two pictures of a firm, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import Lang, text

if TYPE_CHECKING:
    from certloan.services.portray import Portrait, SideTold

_WIDTH = 12


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the command of this module."""

    @app.command(help=texts("portrait.help"))
    def portrait(
        application_id: str = typer.Argument(..., help=texts("explain.application_id")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Show the five dimensions and the four axes of the firm that applied."""
        from certloan.bootstrap import house
        from certloan.services.portray import portray

        home = house()
        with home.warehouse(read_only=True) as warehouse:
            told = portray(warehouse, home.officer, application_id)
        _show(told, texts, console)
        console.result(told.as_json())


def _show(told: Portrait, texts: Texts, console: Console) -> None:
    lang, chinese = texts.lang, texts.lang is Lang.ZH
    columns = ["", *(text(f"portrait.{key}", lang) for key in ("side", "score", "most", "percentile"))]
    for picture, sides in told.pictures.items():
        rows = [
            (bar(side), side.name_zh if chinese else side.name_en, f"{side.low:.0f}", f"{side.high:.0f}",
             side.standing_told(lang))
            for side in sides
        ]  # fmt: skip
        console.table(text(f"portrait.{picture}", lang), columns, rows, figures=(2, 3), whole=(0, 1))
    peers, table = (told.peers_zh, told.table_zh) if chinese else (told.peers_en, told.table_en)
    console.say(text("portrait.peers_line", lang, peers=peers, n=f"{told.peers:,}", table=f"{table} ({told.table_id})"))
    console.say(text("portrait.caution", lang))


def bar(side: SideTold) -> str:
    """Draw what is proven, and in a fainter sign what unknown evidence could still add."""
    proven, most = round(side.low / 100 * _WIDTH), round(side.high / 100 * _WIDTH)
    return "█" * proven + "▒" * (most - proven) + "·" * (_WIDTH - most)
