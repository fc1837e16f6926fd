"""``serve``: this workspace for programs, on this machine only."""

from socket import SO_REUSEADDR, SOL_SOCKET, socket

import typer

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.errors import NotReadyError

_LOOPBACK = "127.0.0.1"


def register(app: typer.Typer, texts: Texts, console: Console) -> None:
    """Add the commands of this module."""

    @app.command(help=texts("serve.help"))
    def serve(
        port: int = typer.Option(8502, "--port", metavar="N", min=1024, max=65535, help=texts("serve.port")),
    ) -> int:
        """Answer programs until somebody ends it."""
        import uvicorn

        from certloan.bootstrap import house

        house().require_ready()
        listening = _bound(port)
        console.say(texts("serve.opening", address=f"http://{_LOOPBACK}:{port}"))
        # No access log: searches hold names of enterprises.
        config = uvicorn.Config(
            "certloan.api.app:create", factory=True, log_level="warning", access_log=False, server_header=False
        )
        with listening:
            try:
                uvicorn.Server(config).run(sockets=[listening])
            except KeyboardInterrupt:
                return 0
        return 0


def _bound(port: int) -> socket:
    """Take the port before anything is said; ``port-taken`` where somebody has it."""
    listening = socket()
    listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listening.bind((_LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise NotReadyError("port-taken", found=port) from error
    return listening
