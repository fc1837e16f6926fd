"""``demo``: from a raw delivery to explained decisions, in one command."""

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts

#: What the committed champion was made with: a fresh clone that runs the demo finds the same model again.
ENTERPRISES, SEED = 8000, 7


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("demo.help"))
    def demo(
        enterprises: int = typer.Option(
            ENTERPRISES, "--enterprises", "-n", metavar="N", min=1500, help=texts("world.enterprises")
        ),
        seed: int = typer.Option(SEED, "--seed", metavar="N", min=0, help=texts("option.seed")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Go the whole way once, and account for one case."""
        from certloan.bootstrap import house
        from certloan.cli.show import demo_result
        from certloan.services.run_demo import run_demo

        home = house()
        with console.progress() as progress:
            result = run_demo(home, enterprises=enterprises, seed=seed, progress=progress)
        demo_result(result, texts, console)
        console.result(result.as_json())
