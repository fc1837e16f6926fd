"""``train``: a model from what the warehouse holds."""

import datetime as dt

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.errors import InputError


def _day(value: dt.datetime | None) -> dt.date | None:
    return value.date() if value else None


def _snapshot_day(value: str | None) -> dt.date | None:
    """Read a day, or ``today``; ``train-setting`` for anything else."""
    if value is None:
        return None
    if value == "today":
        return dt.datetime.now(tz=dt.UTC).date()
    try:
        return dt.date.fromisoformat(value)
    except ValueError as wrong:
        raise InputError("train-setting", name="features_as_of", found=value, expected="YYYY-MM-DD | today") from wrong


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
        bags: int | None = typer.Option(None, "--bags", metavar="N", min=1, max=64, help=texts("train.bags")),
        pairs: int | None = typer.Option(None, "--pairs", metavar="N", min=0, help=texts("train.pairs")),
        trials: int = typer.Option(0, "--trials", metavar="N", min=0, help=texts("train.trials")),
        search_minutes: float | None = typer.Option(
            None, "--search-minutes", metavar="M", min=0.0, help=texts("train.search_minutes")
        ),
        min_defaults: int = typer.Option(30, "--min-defaults", metavar="N", min=5, help=texts("train.min_defaults")),
        seed: int = typer.Option(7, "--seed", metavar="N", min=0, help=texts("option.seed")),
        feature: list[str] | None = typer.Option(None, "--feature", metavar="NAME", help=texts("train.feature")),
        without: list[str] | None = typer.Option(None, "--without", metavar="NAME", help=texts("train.without")),
        features_as_of: str | None = typer.Option(
            None, "--features-as-of", metavar="DATE", help=texts("train.features_as_of")
        ),
        prices: bool = typer.Option(False, "--prices", help=texts("train.prices_help")),
        operator: str | None = typer.Option(None, "--operator", metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Train and test a model."""
        from certloan.bootstrap import house
        from certloan.cli.show_training import train_report
        from certloan.services.train_model import SearchInterrupted, TrainConfig
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
            without=tuple(without or ()),
            features_as_of=_snapshot_day(features_as_of),
            trials=trials,
            search_minutes=search_minutes,
            min_defaults=min_defaults,
            prices=prices,
        )
        home = house()
        store = home.models()
        with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
            who, studies = home.operator(operator), home.studies() if trials else None
            try:
                report = act(warehouse, store, config, who, progress=progress, journal=home.journal(), studies=studies)
            except SearchInterrupted as stopped:
                console.hint(
                    texts("train.interrupted" if stopped.kept else "train.interrupted_unkept", trials=stopped.trials)
                )
                raise
        champion = store.champion() == report.fingerprint
        train_report(report, texts, console, champion=champion, usual_defaults=TrainConfig.min_defaults)
        console.result({**report.as_json(), "champion": champion})
