"""``audit``: whether groups of applicants fare alike."""

import datetime as dt

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import text


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("audit.help"))
    def audit(
        since: dt.datetime | None = typer.Option(
            None, "--since", formats=["%Y-%m-%d"], metavar="DATE", help=text("fairness.since", texts.lang)
        ),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Compare approval rates by group."""
        from certloan.bootstrap import house
        from certloan.cli.show import fairness_report
        from certloan.services.audit_fairness import audit as act
        from certloan.services.decide_loan import decide

        home = house()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            run = decide(warehouse, home.bundle(), home.policy(), home.officer, reasons=False, progress=progress)
            report = act(warehouse, run.decisions, home.regulator, since=since.date() if since else None)
        fairness_report(report, texts, console)
        console.result({**report.as_json(), "fingerprint": run.fingerprint})
