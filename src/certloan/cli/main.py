"""The one entry point of the command line, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

import typer

from certloan import errors
from certloan.cli.console import Console
from certloan.cli.help import speak
from certloan.cli.texts import Texts, language
from certloan.i18n import Lang, both, sentence

_DEBUG = "--debug"
_LANG = "--lang"
_INTERRUPTED = 130


def main() -> None:
    """Run ``certloan`` with the arguments of the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; nothing a user does wrong shows a traceback."""
    texts = Texts(language(arguments))
    debug = _DEBUG in arguments
    console = Console(texts, as_json="--json" in arguments)
    try:
        result = build(texts, console)(_arranged(arguments), standalone_mode=False)
        if result == _INTERRUPTED:  # typer has taken the signal and gives its number alone
            raise KeyboardInterrupt
    except errors.CertLoanError as error:
        if debug:
            raise
        console.error(error.code, sentence(error, Lang.ZH), sentence(error, Lang.EN))
        return error.exit_code
    except typer.TyperException as error:
        told = _usage(error)
        if told:  # without a word, the help page has been shown instead
            console.error("usage", *both("cli.usage", message=told))
        return errors.EXIT_USAGE
    except (KeyboardInterrupt, typer.Abort):
        console.error("interrupted", *both("cli.interrupted"))
        return _INTERRUPTED
    except typer.Exit as stop:
        return int(stop.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`certloan audit | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.EXIT_OK
    except Exception as error:
        if debug:
            raise
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        console.error("internal", *both("cli.internal", kind=type(error).__name__))
        return errors.EXIT_BUG
    return result if isinstance(result, int) else errors.EXIT_OK


def _arranged(arguments: Sequence[str]) -> list[str]:
    """Put the options that belong to every command where they are read, wherever they stand.

    >>> _arranged(["explain", "A1", "--lang", "en", "--debug"])
    ['--lang', 'en', 'explain', 'A1']
    """
    first: list[str] = []
    rest = [argument for argument in arguments if argument != _DEBUG]
    for position, argument in enumerate(rest):
        if argument.startswith(_LANG):
            taken = 1 if "=" in argument else 2
            first, rest = rest[position : position + taken], rest[:position] + rest[position + taken :]
            break
    return first + rest


def _usage(error: typer.TyperException) -> str:
    """Give what is wrong with the command line, which option or argument it is included."""
    word = getattr(error, "format_message", None)
    return str(word() if word else error).rstrip(".")


def build(texts: Texts, console: Console) -> typer.Typer:
    """Make the application with every text in one language."""
    from certloan.cli.commands import ALL

    app = typer.Typer(
        name="certloan",
        help=texts("help"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def version(wanted: bool) -> None:
        """Tell the version and end."""
        if wanted:
            from certloan import __version__

            typer.echo(f"certloan {__version__}")
            raise typer.Exit

    @app.callback()
    def options(
        lang: str = typer.Option(texts.lang.value, "--lang", help=texts("option.lang"), metavar="zh|en"),
        show_version: bool = typer.Option(
            False, "--version", help=texts("option.version"), callback=version, is_eager=True
        ),
    ) -> None:
        """Take what holds for every command."""
        if lang not in {"zh", "en"}:
            raise errors.InputError("unknown-language", found=lang, expected="zh, en")

    for register in ALL:
        register(app, texts, console)
    speak(app, texts)
    return app
