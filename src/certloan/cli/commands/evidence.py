"""``world`` and ``ingest``: where evidence comes from."""

import datetime as dt
from enum import StrEnum
from pathlib import Path

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


class _Form(StrEnum):
    OFFICE = "office"
    PARQUET = "parquet"


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("world.help"))
    def world(
        enterprises: int = typer.Option(
            8000, "--enterprises", "-n", metavar="N", min=50, help=texts("world.enterprises")
        ),
        seed: int = typer.Option(7, "--seed", metavar="N", min=0, help=texts("option.seed")),
        out: Path = typer.Option(..., "--out", help=texts("world.out"), file_okay=False),
        form: _Form = typer.Option(_Form.OFFICE, "--format", help=texts("world.format")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Write a synthetic economy as raw deliveries."""
        from certloan.bootstrap import house
        from certloan.services.make_world import Form, make_world

        with console.progress() as progress:
            made = make_world(enterprises, seed, out, actor=house().officer, form=Form(form), progress=progress)
        console.table(
            texts("world.title", out=out),
            [texts("column.file"), texts("column.rows")],
            sorted(made.files.items()),
            figures=[1],
        )
        console.result(made.as_json())

    @app.command(help=texts("ingest.help"))
    def ingest(
        path: Path = typer.Argument(..., help=texts("ingest.path")),
        recipe: str | None = typer.Option(None, "--recipe", "-r", help=texts("ingest.recipe")),
        delivered_on: dt.datetime | None = typer.Option(
            None, "--delivered-on", formats=["%Y-%m-%d"], metavar="DATE", help=texts("ingest.delivered_on")
        ),
        backfill: bool = typer.Option(False, "--backfill", help=texts("ingest.backfill")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> int:
        """Check a delivery and put it into the warehouse."""
        from certloan.bootstrap import house
        from certloan.cli.show import ingest_report

        with console.progress() as progress:
            day = delivered_on.date() if delivered_on else None
            report = house().ingest(path, recipe=recipe, delivered_on=day, backfill=backfill, progress=progress)
        ingest_report(report, texts, console)
        console.result(report.as_json())
        return int(report.exit_code)
