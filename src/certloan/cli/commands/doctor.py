"""``doctor``: what this machine lacks, and how to get it."""

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts

_MARKS = {"ok": "[green]✓[/]", "optional": "[yellow]○[/]", "missing": "[red]✗[/]"}


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("doctor.help"))
    def doctor(as_json: bool = typer.Option(False, "--json", help=texts("option.json"))) -> int:
        """Tell what this machine lacks."""
        from certloan.bootstrap import house
        from certloan.errors import EXIT_NOT_READY, EXIT_OK
        from certloan.services.examine_machine import examine

        findings = examine(house().settings.home)
        for finding in findings:
            console.say(f"{_MARKS[finding.state]} {texts('doctor.' + finding.what, found=finding.found)}")
            if finding.state != "ok":
                console.say(f"   [dim]{texts('doctor.' + finding.what + '-remedy')}[/]")
        console.result({f.what: {"state": f.state, "found": f.found} for f in findings})
        return EXIT_NOT_READY if any(f.state == "missing" for f in findings) else EXIT_OK
