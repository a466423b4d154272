"""Runs a simulator on a real TCP port, so that faults can cut real connections."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulators.exchange import TRANSPORT

# Calls that a fault holds back longer than this do not keep the simulator from stopping.
SHUTDOWN_TIMEOUT_SECONDS = 1
CALLERS_WAITING_MAX = 1024


class ReachableConnection(H11Protocol):
    """An HTTP connection that shows its TCP transport to the app, in `scope["state"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # uvicorn copies app_state into the scope of every request on this connection.
        self.app_state = {**self.app_state, TRANSPORT: transport}


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Callers wait in its backlog until the app runs."""
    listener = socket.create_server((host, port), backlog=CALLERS_WAITING_MAX)
    # asyncio does this only for sockets made with IPPROTO_TCP; without it every answer takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def build_server(app: ASGIApp) -> uvicorn.Server:
    """Return the server for the app."""
    config = uvicorn.Config(
        app,
        http=ReachableConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        # The webshop's secrets travel in the URL: an access log would show them.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_SECONDS,
    )
    return uvicorn.Server(config)


def serve(app: ASGIApp, *, host: str, port: int, port_file: Path | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C; print the port, and write it to `port_file`."""
    listener = listen(host, port)
    port_taken = listener.getsockname()[1]
    if port_file is not None:
        unfinished = port_file.with_name(f"{port_file.name}.part")
        unfinished.write_text(f"{port_taken}\n")
        unfinished.replace(port_file)
    print(port_taken, flush=True)  # noqa: T201 - whoever starts the simulator reads the port here
    with suppress(KeyboardInterrupt):
        build_server(app).run(sockets=[listener])


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """Serve on a free port of this machine in a thread; yield the base URL."""
    listener = listen("127.0.0.1", 0)
    server = build_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
