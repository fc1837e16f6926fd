"""``recalibrate``: new slope and offset for a kept model, from newer outcomes."""

import datetime as dt

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.errors import InputError


def _day(value: dt.datetime | None) -> dt.date | None:
    return value.date() if value else None


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("recalibrate.help"))
    def recalibrate(
        model: str | None = typer.Option(None, "--model", metavar="FP", help=texts("recalibrate.model")),
        first: dt.datetime | None = typer.Option(
            None, "--from", formats=["%Y-%m-%d"], metavar="DATE", help=texts("recalibrate.from")
        ),
        last: dt.datetime | None = typer.Option(
            None, "--to", formats=["%Y-%m-%d"], metavar="DATE", help=texts("recalibrate.to")
        ),
        anchor: float | None = typer.Option(None, "--anchor", metavar="RATE", help=texts("recalibrate.anchor")),
        reason: str = typer.Option("", "--reason", metavar="TEXT", help=texts("recalibrate.reason")),
        period: str = typer.Option("", "--period", metavar="TEXT", help=texts("recalibrate.period")),
        operator: str | None = typer.Option(None, "--operator", metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Recalibrate a model and keep the new one."""
        from certloan.bootstrap import house
        from certloan.cli.show_recalibration import recalibration
        from certloan.services.recalibrate_model import CentralTendency, RecalibrationOrder
        from certloan.services.recalibrate_model import recalibrate as act

        if anchor is None and (reason or period):
            raise InputError("anchor-missing")
        target = None if anchor is None else CentralTendency(anchor, reason, period)
        order = RecalibrationOrder(model, _day(first), _day(last), target)
        home = house()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            report = act(warehouse, home.models(), order, home.operator(operator), progress, home.journal())
        recalibration(report, texts, console)
        console.result(report.as_json())
