"""``features list`` and ``features show``: what each number about an applicant means, and how it lies in a warehouse."""

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""
    features = typer.Typer(no_args_is_help=True)

    @features.command("list", help=texts("features-list.help"))
    def list_(
        family: str | None = typer.Option(None, "--family", "-f", metavar="F", help=texts("features-list.family")),
        use: str | None = typer.Option(None, "--use", metavar="U", help=texts("features-list.use")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """List the catalog."""
        from certloan.cli.show_features import listed
        from certloan.services.describe_features import list_features

        found = list_features(family, use)
        listed(found, texts, console)
        console.result({"count": len(found), "features": [told.as_json() for told in found]})

    @features.command(help=texts("features-show.help"))
    def show(
        name: str = typer.Argument(..., help=texts("features-show.name")),
        most: int = typer.Option(20_000, "--sample", "-n", metavar="N", min=1, help=texts("features-show.sample")),
        as_json: bool = typer.Option(False, "--json", help=texts("option.json")),
    ) -> None:
        """Account for one feature."""
        from certloan.bootstrap import house
        from certloan.cli.show_features import shown
        from certloan.services.describe_features import show_feature

        home = house()
        if home.warehouse_file.exists():
            with console.progress() as progress, home.warehouse(read_only=True) as warehouse:
                found = show_feature(name, home.risk, warehouse, most, progress)
        else:
            found = show_feature(name, home.risk)
        shown(found, texts, console)
        console.result(found.as_json())

    app.add_typer(features, name="features", help=texts("features.help"))
