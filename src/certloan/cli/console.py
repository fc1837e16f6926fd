"""What the command line prints: people's text or one JSON object on standard output, progress and errors beside it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from certloan.cli.layout import layout
from certloan.cli.texts import Texts
from certloan.i18n import Lang, text

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Console:
    """One command's voice. With ``as_json`` nothing but one JSON object reaches standard output."""

    def __init__(self, texts: Texts, *, as_json: bool = False) -> None:
        self.texts = texts
        self.as_json = as_json

    def say(self, message: str = "") -> None:
        """Print a line for people; silent with ``--json``."""
        if not self.as_json:
            self._rich().print(message)

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        figures: Iterable[int] = (),
        whole: Iterable[int] = (),
    ) -> None:
        """Print a table whose columns at the positions ``figures`` hold numbers; silent with ``--json``.

        Numbers, and what stands in the columns ``whole`` (names, bars), keep to one line wherever the terminal has room
        for it; only where it has none are they broken rather than lost.
        """
        if self.as_json:
            return
        from rich.table import Table

        out, numbers, cells = self._rich(), set(figures), [[str(cell) for cell in row] for row in rows]
        plan = layout(columns, cells, numbers | set(whole), out.width)
        table = Table(title=title or None, title_justify="left", header_style="bold", padding=(0, plan.padding))
        for position, column in enumerate(plan.heads):
            table.add_column(
                column,
                justify="right" if position in numbers else "left",
                overflow="fold",
                no_wrap=position in plan.unbroken,
            )
        for row in cells:
            table.add_row(*row)
        out.print(table)

    def result(self, value: Mapping[str, object]) -> None:
        """Print the command's JSON object when it was asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")

    def hint(self, message: str) -> None:
        """Print a line for people on standard error, with ``--json`` too."""
        self._rich(stderr=True).print(message)

    def error(self, code: str, zh: str, en: str) -> None:
        """Tell what went wrong: one sentence for people, both languages for machines."""
        told = zh if self.texts.lang is Lang.ZH else en
        self.result({"error": code, "message": told, "message_zh": zh, "message_en": en})
        from rich.markup import escape

        self._rich(stderr=True).print(f"[bold red]{self.texts('error')}[/] {escape(told)} [dim]({code})[/]")

    @contextmanager
    def progress(self) -> Iterator[TerminalProgress]:
        """Show stages with their counts and times on standard error while the body runs."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._rich(stderr=True)) as bar:
            shown = TerminalProgress(bar, self.texts)
            yield shown
            shown.finish()

    def _rich(self, *, stderr: bool = False) -> RichConsole:
        from rich.console import Console as RichConsole

        class Piped(RichConsole):
            def on_broken_pipe(self) -> None:
                raise BrokenPipeError

        return Piped(stderr=stderr, highlight=False, soft_wrap=False)


class TerminalProgress:
    """Progress as a list of finished and running stages."""

    def __init__(self, bar: RichProgress, texts: Texts) -> None:
        self._bar = bar
        self._texts = texts
        self._task: TaskID | None = None
        self._total: int | None = None
        self.started = time.monotonic()

    def stage(self, key: str, total: int | None = None) -> None:
        """Begin the stage whose text is ``progress.<key>``."""
        self.finish()
        self._total = total
        self._task = self._bar.add_task(text(f"progress.{key}", self._texts.lang), total=total)

    def note(self, key: str, **facts: object) -> None:
        """Tell the running stage by the text ``progress.<key>`` from now on."""
        if self._task is not None:
            self._bar.update(self._task, description=text(f"progress.{key}", self._texts.lang, **facts))

    def advance(self, n: int = 1) -> None:
        """Count ``n`` more of the stage as done."""
        if self._task is not None:
            self._bar.update(self._task, advance=n)

    def finish(self) -> None:
        """Mark the running stage as done."""
        if self._task is not None:
            total = self._total if self._total is not None else 1
            self._bar.update(self._task, total=total, completed=total)
            self._task = None
