"""``validate``: a model judged anew by somebody who did not build it."""

from pathlib import Path

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("validate.help"))
    def validate(
        model: str | None = typer.Option(None, "--model", metavar="FINGERPRINT", help=texts("validate.model")),
        out: Path | None = typer.Option(None, "--out", help=texts("validate.out"), file_okay=False),
        quick: bool = typer.Option(False, "--quick", help=texts("validate.quick")),
        only: list[str] | None = typer.Option(None, "--only", metavar="AREA", help=texts("validate.only")),
        margin: float = typer.Option(0.03, "--margin", metavar="SHARE", help=texts("validate.margin")),
        loss: float = typer.Option(0.45, "--loss-severity", metavar="SHARE", help=texts("validate.loss")),
        operator: str | None = typer.Option(None, "--operator", metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Validate a model and write the report."""
        from certloan.bootstrap import house
        from certloan.cli.show_validation import validation_report
        from certloan.services.validate_model import makers_on_record, wanted
        from certloan.services.validate_model import validate as act
        from certloan.services.validation_record import keep_validation

        home = house()
        actor = home.operator(operator)
        bundle = home.bundle() if model is None else home.models().load(model)
        areas, terms = wanted(quick=quick, only=only or (), margin=margin, loss_severity=loss)
        made_by = makers_on_record(home.journal(), bundle.fingerprint)
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            report = act(warehouse, bundle, actor, areas, terms, progress, maker=made_by)
        folder = out or home.validation / report.fingerprint
        report, files = keep_validation(report, folder, actor, home.journal())
        validation_report(report, files[0], texts, console)
        console.result({**report.as_json(), "files": [str(file) for file in files]})
        if report.verdict == "fails":
            raise typer.Exit(4)
