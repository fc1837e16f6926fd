"""``integrity``: what an officer should ask about."""

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("integrity.help"))
    def integrity(
        application_ids: list[str] | None = typer.Argument(None, help=texts("integrity.application_ids")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """List the flags of applications."""
        from certloan.bootstrap import house
        from certloan.cli.show_integrity import integrity_flags
        from certloan.services.check_integrity import integrity as act

        home = house()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            found = act(warehouse, application_ids or None, home.officer, progress)
        integrity_flags(found, texts, console)
        flagged = [each.as_json() for each in found if each.flags]
        console.result({"asked": len(found), "flagged": len(flagged), "applications": flagged})
