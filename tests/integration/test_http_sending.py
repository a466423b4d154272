"""One call over real sockets: what is told when it goes wrong, and what is never told."""

import asyncio
import gzip
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import pytest_asyncio

from sconnect.calls import made_calls, recorded_calls
from sconnect.clock import SystemClock
from sconnect.errors import MisconfiguredError, RateLimited, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client, send
from sconnect.http.guard import is_public

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BYTES_MAX = 64 * 1024
SECRET = "token-that-nobody-may-see"


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    """A raw TCP server that treats every connection as `talk` says; yields a URL with a secret in it."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/orders?token={SECRET}"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length")),
        0,
    )
    return head + await reader.readexactly(length)


def answering(content: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(content)
        await writer.drain()

    return talk


def response(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await asyncio.Event().wait()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then: every single read is in time, the whole answer never is."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await reader.readexactly(1)  # ends when the caller hangs up


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.transport.abort()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    limits = HttpLimits(connect_timeout_seconds=2, read_timeout_seconds=1.0)
    async with create_http_client(limits, allow_local_apis=True) as created:
        yield created


async def post(client: httpx.AsyncClient, url: str, *, is_write: bool = True) -> httpx.Response:
    request = client.build_request("POST", url, json={"amount": "1.00"})
    return await send(
        client,
        request,
        vendor="webshop",
        total_timeout_seconds=2.0,
        is_write=is_write,
        response_bytes_max=BYTES_MAX,
    )


@pytest.mark.parametrize("is_write", [True, False])
@pytest.mark.parametrize(
    ("talk", "variant"),
    [
        pytest.param(never, "timeout", id="no answer"),
        pytest.param(drip, "timeout", id="dripping answer"),
        pytest.param(reset, "connection_lost", id="cut connection"),
        pytest.param(answering(b"SSH-2.0-OpenSSH\r\n"), "connection_lost", id="not HTTP"),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"),
            "connection_lost",
            id="half a body",
        ),
        pytest.param(
            answering(response("200 OK", "Content-Encoding: gzip", body=b"no gzip")),
            "connection_lost",
            id="undecodable",
        ),
        pytest.param(answering(response("502 Bad Gateway", body=b"<html>")), "status", id="5xx"),
        pytest.param(answering(response("408 Request Timeout")), "status", id="408"),
        pytest.param(
            answering(response("200 OK", body=b"x" * (BYTES_MAX + 1))), "answer_too_large", id="too large"
        ),
    ],
)
async def test_after_sending_the_outcome_of_a_write_is_unknown(
    client: httpx.AsyncClient, talk: Talk, variant: str, is_write: bool
) -> None:
    async with server(talk) as url:
        with pytest.raises(UpstreamUnavailable) as trouble:
            await post(client, url, is_write=is_write)

    assert trouble.value.outcome_unknown is is_write
    assert trouble.value.reason.variant == variant
    assert trouble.value.reason.details["host"] == "127.0.0.1"


async def test_without_a_connection_nothing_was_done(client: httpx.AsyncClient) -> None:
    async with server(never) as url:
        closed = url
    with pytest.raises(UpstreamUnavailable) as trouble:
        await post(client, closed)

    assert not trouble.value.outcome_unknown
    assert trouble.value.reason.variant == "no_connection"


async def test_without_a_free_connection_nothing_was_done() -> None:
    limits = HttpLimits(connections_max=1, pool_timeout_seconds=0.05)
    async with create_http_client(limits, allow_local_apis=True) as narrow, server(never) as url:
        first = asyncio.create_task(post(narrow, url))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamUnavailable) as trouble:
            await post(narrow, url)
        with pytest.raises(UpstreamUnavailable):
            await first

    assert not trouble.value.outcome_unknown


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "302 Found", "400 Bad Request", "404 Not Found"])
async def test_other_answers_are_returned_whole(client: httpx.AsyncClient, status: str) -> None:
    body = gzip.compress('{"ok": "ja, één"}'.encode())
    headers = ("Content-Encoding: gzip", "Location: http://elsewhere.example.nl/", "X-Kept: yes")
    async with server(answering(response(status, *headers, body=body))) as url:
        answered = await post(client, url)

    assert answered.status_code == int(status[:3])
    assert answered.json() == {"ok": "ja, één"}
    assert answered.headers["x-kept"] == "yes"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (("Retry-After: 7",), 7),
        (("Retry-After: Mon, 02 Mar 2026 12:00:30 GMT", "Date: Mon, 02 Mar 2026 12:00:00 GMT"), 30),
        (("Retry-After: Mon, 02 Mar 2026 11:59:00 GMT", "Date: Mon, 02 Mar 2026 12:00:00 GMT"), 0),
        (("Retry-After: Mon, 02 Mar 2026 12:00:30 GMT",), None),
        (("Retry-After: soon",), None),
        (("Retry-After: -5",), None),
        ((), None),
    ],
)
async def test_a_429_tells_how_long_to_wait(
    client: httpx.AsyncClient, headers: tuple[str, ...], seconds: float | None
) -> None:
    async with server(answering(response("429 Too Many Requests", *headers))) as url:
        with pytest.raises(RateLimited) as limited:
            await post(client, url)

    assert limited.value.retry_after_seconds == seconds


async def test_a_5xx_passes_its_wait_on(client: httpx.AsyncClient) -> None:
    async with server(answering(response("503 Busy", "Retry-After: 9"))) as url:
        with pytest.raises(UpstreamUnavailable) as trouble:
            await post(client, url)

    assert trouble.value.retry_after_seconds == 9


async def test_no_secret_is_told_or_logged(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with server(answering(response("200 OK"))) as url:
        await post(client, url)
    async with server(reset) as url:
        with pytest.raises(UpstreamUnavailable) as trouble:
            await post(client, url)

    told = "".join(_whole(trouble.value)) + caplog.text
    assert SECRET not in told
    assert trouble.value.__suppress_context__


def _whole(error: BaseException) -> list[str]:
    return traceback.format_exception(error)


async def test_a_header_that_cannot_be_sent_is_a_setting_that_is_wrong(client: httpx.AsyncClient) -> None:
    async with server(never) as url:
        request = client.build_request("GET", url, headers={"Ocp-Apim-Subscription-Key": f"{SECRET}\nX: y"})
        with pytest.raises(MisconfiguredError) as error:
            await send(client, request, vendor="snelstart", total_timeout_seconds=1, is_write=False)

    assert error.value.reason.text_key == "PROFILE_PAUSED.unsendable"
    assert SECRET not in "".join(_whole(error.value))


@pytest.mark.parametrize(
    ("talk", "outcome", "status"),
    [
        (answering(response("201 Created")), "success", 201),
        (answering(response("404 Not Found")), "refused", 404),
        (answering(response("429 Too Many Requests")), "rate_limited", 429),
        (answering(response("503 Service Unavailable")), "server_error", 503),
        (answering(b""), "connection_lost", None),
    ],
)
async def test_a_call_is_noted_with_its_end_and_without_its_query(
    client: httpx.AsyncClient, talk: Talk, outcome: str, status: int | None
) -> None:
    async with server(talk) as url:
        with recorded_calls(SystemClock()):
            with suppress(RateLimited, UpstreamUnavailable):
                await post(client, url)
            (call,) = made_calls()

    assert (call.method, call.path, call.outcome, call.status) == ("POST", "/orders", outcome, status)
    assert SECRET not in call.model_dump_json()


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "0.0.0.0"]
)
async def test_private_addresses_are_refused_unless_allowed(host: str) -> None:
    async with create_http_client(HttpLimits()) as guarded:
        request = guarded.build_request("GET", f"http://{host}:9/")
        with pytest.raises(MisconfiguredError) as error:
            await send(guarded, request, vendor="snelstart", total_timeout_seconds=2, is_write=False)

    assert error.value.reason.text_key == "PROFILE_PAUSED.private_address"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_that_does_not_exist_is_no_connection() -> None:
    async with create_http_client(HttpLimits()) as guarded:
        request = guarded.build_request("GET", "http://nothing.invalid/")
        with pytest.raises(UpstreamUnavailable) as trouble:
            await send(guarded, request, vendor="snelstart", total_timeout_seconds=5, is_write=True)

    assert trouble.value.reason.variant == "no_connection"
    assert not trouble.value.outcome_unknown
