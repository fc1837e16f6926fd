"""``scorecard show`` and ``scorecard export``: the model as the scorecard that it is, for the eye, the office and engines."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts

if TYPE_CHECKING:
    from certloan.bootstrap import House
    from certloan.services.ports import Warehouse


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""
    scorecard = typer.Typer(no_args_is_help=True)

    @scorecard.command(help=texts("scorecard-show.help"))
    def show(
        model: str | None = typer.Option(None, "--model", metavar="FP", help=texts("scorecard.model")),
        feature: list[str] = typer.Option([], "--feature", metavar="NAME", help=texts("scorecard-show.feature")),
        pairs: bool = typer.Option(False, "--pairs", help=texts("scorecard-show.pairs")),
        full: bool = typer.Option(False, "--full", help=texts("scorecard.full")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Print the card."""
        from certloan.bootstrap import house
        from certloan.cli.show_scorecard import scorecard as printed
        from certloan.services.show_scorecard import narrowed, show_scorecard

        home = house()
        bundle = home.bundle() if model is None else home.models().load(model)
        narrowed(bundle, feature)
        with console.progress() as progress, _evidence(home) as warehouse:
            card = show_scorecard(bundle, home.risk, warehouse, full=full, progress=progress)
        printed(card, texts, console, pairs=pairs, features=feature)
        console.result(card.as_json())

    @scorecard.command(help=texts("scorecard-export.help"))
    def export(
        out: Path = typer.Option(..., "--out", help=texts("scorecard-export.out"), file_okay=False),
        formats: list[str] = typer.Option([], "--format", metavar="F", help=texts("scorecard-export.format")),
        sql: list[str] = typer.Option([], "--sql", metavar="ENGINE", help=texts("scorecard-export.sql")),
        table: str = typer.Option("feature_matrix", "--table", metavar="T", help=texts("scorecard-export.table")),
        key: list[str] = typer.Option(["application_id"], "--key", metavar="C", help=texts("scorecard-export.key")),
        model: str | None = typer.Option(None, "--model", metavar="FP", help=texts("scorecard.model")),
        full: bool = typer.Option(False, "--full", help=texts("scorecard.full")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Write the card."""
        from certloan.bootstrap import house
        from certloan.services.show_scorecard import Wanted, export_scorecard

        home = house()
        wanted = Wanted.of(formats, sql, table, key, texts.lang)
        bundle = home.bundle() if model is None else home.models().load(model)
        with console.progress() as progress, _evidence(home) as warehouse:
            files = export_scorecard(bundle, home.risk, out, wanted, warehouse, full=full, progress=progress)
        for file in files:
            console.say(texts("scorecard-export.written", path=file))
        console.result({"fingerprint": bundle.fingerprint, "files": [str(file) for file in files]})

    app.add_typer(scorecard, name="scorecard", help=texts("scorecard.help"))


def _evidence(home: "House") -> "AbstractContextManager[Warehouse | None]":
    """Open the warehouse where there is one: a card can be read without."""
    return home.warehouse(read_only=True) if home.warehouse_file.exists() else nullcontext()
