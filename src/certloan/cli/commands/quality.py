"""``quality``: how good the evidence is."""

from pathlib import Path

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("quality.help"))
    def quality(
        out: Path | None = typer.Option(None, "--out", help=texts("quality.out"), file_okay=False),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Assess the evidence and write the report."""
        from certloan.bootstrap import house
        from certloan.cli.show_quality import quality_report
        from certloan.services.assess_evidence import assess, write

        home = house()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            report = assess(warehouse, home.officer, progress=progress)
        files = write(report, out or home.quality)
        quality_report(report, files[0], texts, console)
        console.result({**report.as_json(), "files": [str(file) for file in files]})
