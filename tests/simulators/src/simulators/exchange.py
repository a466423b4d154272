"""One HTTP exchange whose answer can be kept back, replaced, cut off or left for later."""

import socket
import struct
from asyncio import Transport
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Key in scope["state"] under which simulators.server leaves the connection's transport.
TRANSPORT = "simulators.transport"

# SO_LINGER switched on with zero seconds: close() then sends RST instead of FIN.
LINGER_ZERO_SECONDS = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def halved(self) -> "Answer":
        """Return the answer with the first half of its body and a Content-Length that fits it."""
        body = self.body[: len(self.body) // 2]
        others = tuple(header for header in self.headers if header[0].lower() != b"content-length")
        return replace(self, headers=(*others, (b"content-length", b"%d" % len(body))), body=body)


class Exchange:
    """Runs `app` for one request; `status` is what the caller was answered, None if nothing."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self.status: int | None = None
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send

    async def handle(self) -> None:
        """Let the app answer the caller itself."""
        await self._app(self._scope, self._receive, self._send_noting_status)

    async def collect(self) -> Answer:
        """Let the app do its work, and keep its answer back."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(self._scope, self._receive, keep)
        start, *rest = messages
        body = b"".join(message.get("body", b"") for message in rest)
        return Answer(status=start["status"], headers=tuple(start["headers"]), body=body)

    async def answer(self, answer: Answer) -> None:
        """Send a complete answer."""
        await self._start(answer)
        await self._send({"type": "http.response.body", "body": answer.body})

    async def cut(self) -> None:
        """Close the TCP connection without another byte."""
        self._transport.abort()
        await self._disconnected()

    async def reset_after_headers(self, answer: Answer) -> None:
        """Send the headers and half of the body, then reset the TCP connection (RST)."""
        await self._start(answer)
        half = answer.body[: len(answer.body) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        tcp_socket: socket.socket = self._transport.get_extra_info("socket")
        tcp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO_SECONDS)
        await self.cut()

    async def read_ahead(self) -> Callable[[], Awaitable[Answer]]:
        """Take the whole request in; return what handles it later, when the caller may be gone."""
        body = b""
        more = True
        while more:
            message = await self._receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        return Exchange(self._app, self._scope, replay, self._send).collect

    async def _start(self, answer: Answer) -> None:
        start = {"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)}
        await self._send_noting_status(start)

    async def _send_noting_status(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    @property
    def _transport(self) -> Transport:
        transport: Transport | None = self._scope["state"].get(TRANSPORT)
        if transport is None:
            raise RuntimeError("A connection can be cut only when simulators.server runs the app.")
        return transport

    async def _disconnected(self) -> None:
        # uvicorn answers 500 for an app that returns early, unless it has seen the connection go.
        while (await self._receive())["type"] != "http.disconnect":
            pass
