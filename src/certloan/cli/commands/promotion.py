"""``promote`` and ``models``: which model decides, who put it there, past which checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts

if TYPE_CHECKING:
    from certloan.bootstrap import House
    from certloan.services.ports import Progress, Warehouse
    from certloan.services.promote_model import Evidence


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("promote.help"))
    def promote(
        fingerprint: str = typer.Argument(..., help=texts("promote.fingerprint")),
        reason: str = typer.Option(..., "--reason", metavar="TEXT", help=texts("promote.reason")),
        operator: str | None = typer.Option(None, "--operator", metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Put a model in use."""
        from certloan.bootstrap import house
        from certloan.cli.show_models import promotion
        from certloan.services.promote_model import promote as act

        home = house()
        actor = home.operator(operator)
        with console.progress() as progress, _warehouse(home) as warehouse:
            progress.stage("gate")
            evidence = _evidence(home, warehouse, progress)
            done = act(home.models(), fingerprint, actor, home.journal(), reason, evidence)
        promotion(done, texts, console)
        console.result(done.as_json())

    models = typer.Typer(no_args_is_help=True)
    _looking(models, texts, console)
    _gate(models, texts, console)
    _challenging(models, texts, console)
    _card(models, texts, console)
    app.add_typer(models, name="models", help=texts("models.help"))


def _looking(models: typer.Typer, texts: Texts, console: Console) -> None:
    @models.command("list", help=texts("models.list"))
    def listing(as_json: bool = typer.Option(False, "--json", help=texts("option.json"))) -> None:
        """List the models."""
        from certloan.bootstrap import house
        from certloan.cli.show_models import model_list
        from certloan.services.list_models import list_models

        home = house()
        found = list_models(home.models(), home.journal(), home.regulator)
        model_list(found, texts, console)
        console.result(found.as_json())

    @models.command(help=texts("models.show"))
    def show(
        fingerprint: str = typer.Argument(..., help=texts("promote.fingerprint")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Show one model."""
        from certloan.bootstrap import house
        from certloan.cli.show_models import gate_result, model_list
        from certloan.cli.show_models import history as show_history
        from certloan.services.show_model import show_model

        home = house()
        found = show_model(home.models(), home.journal(), fingerprint, home.validation, home.regulator)
        model_list(found.listed, texts, console)
        gate_result(found.fingerprint, found.gate, texts, console)
        show_history(found.acts, texts, console)
        console.result(found.as_json())

    @models.command(help=texts("models.history"))
    def history(
        fingerprint: str | None = typer.Argument(None, help=texts("promote.fingerprint")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Tell what was done with models."""
        from certloan.bootstrap import house
        from certloan.cli.show_models import history as show
        from certloan.services.model_history import model_history

        home = house()
        whole = home.models().find(fingerprint) if fingerprint else None
        acts = model_history(home.journal(), home.regulator, whole)
        show(acts, texts, console)
        console.result({"acts": [act.as_json() for act in acts]})


def _gate(models: typer.Typer, texts: Texts, console: Console) -> None:
    @models.command(help=texts("models.gate"))
    def gate(
        fingerprint: str = typer.Argument(..., help=texts("promote.fingerprint")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> int:
        """Hold a model against the gate."""
        from certloan.bootstrap import house
        from certloan.cli.show_models import gate_result
        from certloan.errors import EXIT_OK, EXIT_PARTIAL
        from certloan.services.promote_model import gate_of

        home = house()
        store = home.models()
        whole = store.find(fingerprint)
        with console.progress() as progress, _warehouse(home) as warehouse:
            progress.stage("gate")
            found, _ = gate_of(store, whole, _evidence(home, warehouse, progress), home.journal())
        gate_result(whole, found, texts, console)
        console.result({"fingerprint": whole, **found.as_json()})
        return EXIT_OK if found.passed else EXIT_PARTIAL


def _challenging(models: typer.Typer, texts: Texts, console: Console) -> None:
    @models.command(help=texts("models.challenge"))
    def challenge(
        fingerprint: str | None = typer.Argument(None, help=texts("promote.fingerprint")),
        none: bool = typer.Option(False, "--none", help=texts("models.none")),
        operator: str | None = typer.Option(None, "--operator", metavar="NAME", help=texts("option.operator")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Set a model beside the champion, or none."""
        from certloan.bootstrap import house
        from certloan.services.promote_model import challenge as act

        if none == (fingerprint is not None):
            raise typer.BadParameter(texts("models.none"), param_hint="FINGERPRINT | --none")
        home = house()
        whole = act(home.models(), fingerprint, home.operator(operator), home.journal())
        told = texts("models.challenged", fingerprint=whole[:12]) if whole else texts("models.unchallenged")
        console.say(told)
        console.result({"challenger": whole, "champion": home.models().champion()})


def _card(models: typer.Typer, texts: Texts, console: Console) -> None:
    @models.command(help=texts("models.card"))
    def card(
        fingerprint: str = typer.Argument(..., help=texts("promote.fingerprint")),
        html: bool = typer.Option(False, "--html", help=texts("models.html")),
        audit: Path | None = typer.Option(None, "--audit", metavar="FILE", dir_okay=False, help=texts("models.audit")),
        out: Path | None = typer.Option(None, "--out", metavar="FILE", dir_okay=False, help=texts("models.out")),
    ) -> None:
        """Write the card of a model."""
        from certloan.bootstrap import house
        from certloan.services.write_card import Sources, card_of, write_card

        home = house()
        with console.progress() as progress, _warehouse(home) as warehouse:
            progress.stage("gate")
            sources = Sources(_evidence(home, warehouse, progress), audit)
            told = card_of(home.models(), home.journal(), fingerprint, home.regulator, sources, html=html)
        if out is None:
            typer.echo(told, nl=False)
        else:
            console.say(texts("models.file", file=write_card(told, out)))


@contextmanager
def _warehouse(home: House) -> Iterator[Warehouse | None]:
    """Open the warehouse where there is one: without, a model is judged by its record alone."""
    if not home.warehouse_file.exists():
        yield None
        return
    with home.warehouse(read_only=True) as warehouse:
        yield warehouse


def _evidence(home: House, warehouse: Warehouse | None, progress: Progress) -> Evidence:
    from certloan.services.promote_model import Evidence

    return Evidence(home.validation, warehouse, progress=progress)
