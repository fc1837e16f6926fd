"""``reference show`` and ``reference check``: the dated tables that decisions rest on."""

import datetime as dt
from pathlib import Path

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.errors import InputError
from certloan.i18n import text


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""
    reference = typer.Typer(no_args_is_help=True)

    @reference.command(help=texts("reference-show.help"))
    def show(
        table: str | None = typer.Argument(None, metavar="TABLE", help=texts("reference-show.table")),
        on: dt.datetime | None = typer.Option(
            None, "--on", formats=["%Y-%m-%d"], metavar="DATE", help=texts("reference-show.on")
        ),
        code: str | None = typer.Option(None, "--code", metavar="CODE", help=texts("reference-show.code")),
        as_csv: bool = typer.Option(False, "--csv", help=texts("reference-show.csv")),
        out: Path | None = typer.Option(
            None, "--out", metavar="FILE", help=texts("reference-show.out"), dir_okay=False
        ),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """List the tables, or the rows of one that are in force."""
        from rich.markup import escape

        from certloan.bootstrap import house
        from certloan.cli.show_reference import table_list, table_rows
        from certloan.services.show_reference import reference_rows, reference_tables

        house()
        if table is None and out is not None:
            raise InputError("reference-out-of-what", found=out)
        if table is None:
            found = reference_tables()
            table_list(found, texts, console)
            console.result({"tables": [summary.as_json() for summary in found]})
            return
        held = reference_rows(table, on.date() if on else dt.datetime.now(tz=dt.UTC).date(), code)
        if out is not None:
            written = held.write_csv(out)
            console.say(escape(text("reference.written", texts.lang, path=written, rows=len(held.versions))))
            console.result({"written": str(written), "rows": len(held.versions)})
            return
        if as_csv:
            typer.echo(held.as_csv(), nl=False)
            return
        table_rows(held, texts, console)
        console.result(held.as_json())

    @reference.command(help=texts("reference-check.help"))
    def check(as_json: bool = typer.Option(False, "--json", help=texts("option.json"))) -> int:
        """Examine every table and what they say of each other."""
        from rich.markup import escape

        from certloan.bootstrap import house
        from certloan.services.show_reference import check_reference

        house()
        report = check_reference()
        console.say(escape(report.told(texts.lang)))
        console.result(report.as_json())
        return report.exit_code

    app.add_typer(reference, name="reference", help=texts("reference.help"))
