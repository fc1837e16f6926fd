"""``app``: this workspace for people, on this machine only."""

import typer

from certloan.cli.commands.demo import ENTERPRISES, SEED
from certloan.cli.console import Console
from certloan.cli.texts import Texts

_LOOPBACK = "127.0.0.1"


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(name="app", help=texts("app.help"))
    def open_app(
        port: int = typer.Option(8501, "--port", metavar="N", min=1024, max=65535, help=texts("app.port")),
        browser: bool = typer.Option(True, "--browser/--no-browser", help=texts("app.browser")),
        demo: bool = typer.Option(False, "--demo", help=texts("app.demo")),
    ) -> int:
        import subprocess
        import sys
        from importlib import resources

        from certloan.bootstrap import house

        home = house()
        if demo and not home.warehouse_file.exists():
            from certloan.services.run_demo import run_demo

            with console.progress() as progress:
                run_demo(home, enterprises=ENTERPRISES, seed=SEED, progress=progress)
        home.require_ready()
        entry = resources.files("certloan.ui").joinpath("entry.py")
        # Until people can sign in, the app listens on this machine only.
        options = {
            "server.address": _LOOPBACK,
            "server.port": str(port),
            "server.headless": "false" if browser else "true",
            "browser.gatherUsageStats": "false",
            "server.fileWatcherType": "none",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        console.say(texts("app.opening", address=f"http://{_LOOPBACK}:{port}"))
        try:
            return subprocess.run(
                [sys.executable, "-m", "streamlit", "run", str(entry), *flags], check=False
            ).returncode
        except KeyboardInterrupt:
            return 0
