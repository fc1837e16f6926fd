"""``score`` and ``explain``: decisions, and why they are so."""

from pathlib import Path

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("score.help"))
    def score(
        out: Path | None = typer.Option(None, "--out", help=texts("score.out"), file_okay=False),
        every: bool = typer.Option(False, "--all", help=texts("score.all")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Decide applications and write the decisions."""
        from certloan.bootstrap import house
        from certloan.cli.show import scoring_run
        from certloan.services.decide_loan import count_open, decide, write

        home = house()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            run = decide(
                warehouse,
                home.bundle(),
                home.policy(),
                home.officer,
                only_open=not every and count_open(warehouse) > 0,
                progress=progress,
                journal=home.journal(),
                shadow=home.shadowing(),
            )
            progress.stage("write_decisions")
            files = write(run, out or home.decisions)
        scoring_run(run, files, texts, console)
        console.result({**run.as_json(), "files": [str(file) for file in files]})

    @app.command(help=texts("explain.help"))
    def explain(
        application_id: str = typer.Argument(..., help=texts("explain.application_id")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Account for one decision."""
        from certloan.bootstrap import house
        from certloan.cli.show import explanation
        from certloan.services.explain_case import explain as act

        home = house()
        with home.warehouse(read_only=True) as warehouse:
            told = act(warehouse, home.bundle(), home.policy(), home.officer, application_id)
        explanation(told, texts, console)
        console.result(told.as_json())
