"""``train``: a model from what the warehouse holds."""

import datetime as dt

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def _day(value: dt.datetime | None) -> dt.date | None:
    return value.date() if value else None


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("train.help"))
    def train(
        split: str = typer.Option("time", "--split", metavar="KIND", help=texts("train.split")),
        train_before: dt.datetime | None = typer.Option(
            None, formats=["%Y-%m-%d"], metavar="DATE", help=texts("train.train_before")
        ),
        test_from: dt.datetime | None = typer.Option(
            None, formats=["%Y-%m-%d"], metavar="DATE", help=texts("train.test_from")
        ),
        test_before: dt.datetime | None = typer.Option(
            None, formats=["%Y-%m-%d"], metavar="DATE", help=texts("train.test_before")
        ),
        embargo: bool = typer.Option(True, "--embargo/--no-embargo", help=texts("train.embargo")),
        folds: int = typer.Option(5, "--folds", metavar="N", min=2, max=50, help=texts("train.folds")),
        bags: int = typer.Option(8, "--bags", metavar="N", min=1, max=64, help=texts("train.bags")),
        pairs: int = typer.Option(40, "--pairs", metavar="N", min=0, help=texts("train.pairs")),
        seed: int = typer.Option(7, "--seed", metavar="N", min=0, help=texts("option.seed")),
        feature: list[str] | None = typer.Option(None, "--feature", metavar="NAME", help=texts("train.feature")),
        operator: str | None = typer.Option(None, "--operator", metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Train and test a model."""
        from certloan.bootstrap import house
        from certloan.cli.show import train_report
        from certloan.services.train_model import TrainConfig
        from certloan.services.train_model import train as act

        config = TrainConfig(
            split=split,
            train_before=_day(train_before),
            test_from=_day(test_from),
            test_before=_day(test_before),
            embargo=embargo,
            folds=folds,
            bags=bags,
            pairs=pairs,
            seed=seed,
            features=tuple(feature or ()),
        )
        home = house()
        store = home.models()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            report = act(warehouse, store, config, home.operator(operator), progress=progress, journal=home.journal())
        champion = store.champion() == report.fingerprint
        train_report(report, texts, console, champion=champion)
        console.result({**report.as_json(), "champion": champion})
