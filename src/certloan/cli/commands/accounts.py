"""``monitor`` and ``ledger verify``: what protects the bank, and what a regulator may check at any time."""

import datetime as dt

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("monitor.help"))
    def monitor(
        since: dt.datetime | None = typer.Option(
            None, "--since", formats=["%Y-%m-%d"], metavar="DATE", help=texts("monitor.since")
        ),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> int:
        """Compare what arrives with what the champion learnt from."""
        from certloan.bootstrap import house
        from certloan.cli.show import drift_report
        from certloan.services.monitor_drift import monitor as act

        home, day = house(), since.date() if since else None
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            report = act(warehouse, home.bundle(), home.policy(), home.risk, since=day, progress=progress)
        drift_report(report, texts, console)
        console.result(report.as_json())
        return report.exit_code

    ledger = typer.Typer(no_args_is_help=True)

    @ledger.callback()
    def group() -> None:
        """Keep ``verify`` a word of its own while it is the only act."""

    @ledger.command(help=texts("ledger-verify.help"))
    def verify(as_json: bool = typer.Option(False, "--json", help=texts("option.json"))) -> int:
        """Check every entry of the ledger against the one before it."""
        from certloan.bootstrap import house
        from certloan.services.verify_ledger import verify_ledger

        home = house()
        report = verify_ledger(home.journal(), home.regulator)
        console.say(report.told(texts.lang))
        console.result(report.as_json())
        return report.exit_code

    app.add_typer(ledger, name="ledger", help=texts("ledger.help"))
