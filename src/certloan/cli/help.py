"""The words that typer itself puts into ``--help``, in the language of the command line."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from certloan.cli.texts import Texts


def speak(app: typer.Typer, texts: Texts) -> None:
    """Let every help page of ``app`` name its parts in the language of ``texts``."""
    from typer import rich_utils

    rich_utils.OPTIONS_PANEL_TITLE = texts("panel.options")
    rich_utils.ARGUMENTS_PANEL_TITLE = texts("panel.arguments")
    rich_utils.COMMANDS_PANEL_TITLE = texts("panel.commands")
    rich_utils.REQUIRED_LONG_STRING = texts("panel.required")
    rich_utils.DEFAULT_STRING = texts("panel.default")

    class Command(TyperCommand):
        def get_help_option(self, ctx: Any) -> Any:
            return _worded(super().get_help_option(ctx), texts)

    class Group(TyperGroup):
        def get_help_option(self, ctx: Any) -> Any:
            return _worded(super().get_help_option(ctx), texts)

    for part in (app, *(group.typer_instance for group in app.registered_groups)):
        if part is None:
            continue
        part.info.cls = Group
        for command in part.registered_commands:
            command.cls = Command
    for group in app.registered_groups:
        group.cls = Group


def _worded(option: Any, texts: Texts) -> Any:
    if option is not None:
        option.help = texts("option.help")
    return option
