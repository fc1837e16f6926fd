"""``train``: a model from what the warehouse holds."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.errors import InputError

if TYPE_CHECKING:
    from certloan.services.train_model import TrainConfig


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

    def say(name: str) -> str:
        return texts(f"train.{name}")

    day = partial(typer.Option, None, formats=["%Y-%m-%d"], metavar="DATE")

    @app.command(help=say("help"))
    def train(
        split: str = typer.Option("time", metavar="KIND", help=say("split")),
        train_before: dt.datetime | None = day(help=say("train_before")),
        test_from: dt.datetime | None = day(help=say("test_from")),
        test_before: dt.datetime | None = day(help=say("test_before")),
        embargo: bool = typer.Option(True, "--embargo/--no-embargo", help=say("embargo")),
        folds: int = typer.Option(5, metavar="N", min=2, max=50, help=say("folds")),
        bags: int | None = typer.Option(None, metavar="N", min=1, max=64, help=say("bags")),
        pairs: int | None = typer.Option(None, metavar="N", min=0, help=say("pairs")),
        trials: int = typer.Option(0, metavar="N", min=0, help=say("trials")),
        search_minutes: float | None = typer.Option(None, metavar="M", min=0.0, help=say("search_minutes")),
        min_defaults: int = typer.Option(30, metavar="N", min=5, help=say("min_defaults")),
        seed: int = typer.Option(7, metavar="N", min=0, help=texts("option.seed")),
        feature: list[str] | None = typer.Option(None, metavar="NAME", help=say("feature")),
        without: list[str] | None = typer.Option(None, metavar="NAME", help=say("without")),
        vouch: list[str] | None = typer.Option(None, metavar="NAME", help=say("vouch")),
        vouch_reason: str = typer.Option("", metavar="TEXT", help=say("vouch_reason")),
        features_as_of: str | None = typer.Option(None, metavar="DATE", help=say("features_as_of")),
        prices: bool = typer.Option(False, "--prices", help=say("prices_help")),
        operator: str | None = typer.Option(None, metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Train and test a model."""
        from certloan.services.train_model import TrainConfig

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
            vouched=tuple(vouch or ()),
            vouch_reason=vouch_reason,
            features_as_of=_snapshot_day(features_as_of),
            trials=trials,
            search_minutes=search_minutes,
            min_defaults=min_defaults,
            prices=prices,
        )
        _train(config, operator, texts, console)


def _train(config: TrainConfig, operator: str | None, texts: Texts, console: Console) -> None:
    """Train in this workspace and tell of it; whoever stops a search is told how to go on."""
    from certloan.bootstrap import house
    from certloan.cli.show_training import train_report
    from certloan.services.train_model import SearchInterrupted
    from certloan.services.train_model import train as act

    home = house()
    store, journal, who = home.models(), home.journal(), home.operator(operator)
    with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
        studies = home.studies() if config.trials else None
        try:
            report = act(warehouse, store, config, who, progress=progress, journal=journal, studies=studies)
        except SearchInterrupted as stopped:
            told = "train.interrupted" if stopped.kept else "train.interrupted_unkept"
            console.hint(texts(told, trials=stopped.trials))
            raise
        except KeyboardInterrupt:
            if studies is not None:
                console.hint(texts("train.interrupted_elsewhere"))
            raise
    champion = store.champion() == report.fingerprint
    train_report(report, texts, console, champion=champion, usual_defaults=type(config).min_defaults)
    console.result({**report.as_json(), "champion": champion})
