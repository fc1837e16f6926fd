"""``app``: this workspace for people, on this machine only."""

from collections.abc import Sequence

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
        """Keep the app running until somebody ends it."""
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
        console.say(texts("app.opening", address=f"http://{_LOOPBACK}:{port}"))
        return _kept_running([sys.executable, "-m", "streamlit", "run", str(entry), *_flags(port, browser=browser)])


def _flags(port: int, *, browser: bool) -> list[str]:
    """Give Streamlit's options: until people can sign in, the app listens on this machine only, and asks nothing."""
    options = {
        "server.address": _LOOPBACK,
        "server.port": str(port),
        "server.headless": "false" if browser else "true",
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        "server.fileWatcherType": "none",
    }
    return [f"--{name}={value}" for name, value in options.items()]


def _kept_running(command: Sequence[str]) -> int:
    """Run a server until it ends or somebody ends this process, which ends the server first; 0 where it was asked to."""
    import signal
    import subprocess

    asked = False
    with subprocess.Popen(command) as server:

        def end(*_: object) -> None:
            nonlocal asked
            asked = True
            server.terminate()

        before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            ended = server.wait()
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
    return 0 if asked else ended
