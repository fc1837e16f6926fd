"""``shadow``: what the challenger would have said."""

from __future__ import annotations

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""
    shadow = typer.Typer(no_args_is_help=True)

    @shadow.callback()
    def group() -> None:
        """Keep ``report`` a word of its own while it is the only act."""

    @shadow.command(help=texts("shadow.report"))
    def report(as_json: bool = typer.Option(False, "--json", help=texts("option.json"))) -> None:
        """Compare the challenger with the champion."""
        from certloan.bootstrap import house
        from certloan.cli.show_models import shadow_report as show
        from certloan.services.shadow_report import shadow_report

        home = house()
        with home.warehouse(read_only=True) as warehouse:
            found = shadow_report(home.models(), home.shadow, home.policy(), home.regulator, warehouse)
        show(found, texts, console)
        console.result(found.as_json())

    app.add_typer(shadow, name="shadow", help=texts("shadow.help"))
