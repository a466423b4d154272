"""A service starts in order, answers for its health, and stops when it is told or when a part dies."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import structlog
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from sconnect.clock import SystemClock
from sconnect.errors import StartupError
from sconnect.messaging import connect_broker
from sconnect.service import (
    CommonSettings,
    Service,
    ServiceSettings,
    configure_logs,
    read_settings,
    run_service,
    service_command,
)
from stack.ports import free_port

DEADLINE_SECONDS = 10


class ExampleSettings(ServiceSettings):
    model_config = ServiceSettings.model_config | {"env_prefix": "EXAMPLE_"}


async def answer(port: int, path: str, *, authorization: bytes = b"") -> httpx.Response:
    """The first answer on that port; connections are refused until the service listens."""
    async with asyncio.timeout(DEADLINE_SECONDS), httpx.AsyncClient() as client:
        while True:
            try:
                headers = {b"Authorization": authorization} if authorization else {}
                return await client.get(f"http://127.0.0.1:{port}{path}", headers=headers)
            except httpx.ConnectError:
                await SystemClock().sleep(0.02)


async def until_ready(port: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await answer(port, "/health/ready")).status_code != 200:
            await SystemClock().sleep(0.02)


def running(service: Service, port: int) -> "asyncio.Task[int]":
    return asyncio.create_task(run_service(service, host="127.0.0.1", port=port, graceful_stop_seconds=5))


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_it_is_ready_until_a_signal_stops_it() -> None:
    closed: list[str] = []

    async def close() -> None:
        closed.append("engine")

    port = free_port()
    task = running(Service(name="example", loops={"poll": for_ever}, closers=(close,)), port)
    await until_ready(port)
    assert (await answer(port, "/health/live")).status_code == 200
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert closed == ["engine"]


async def test_a_stop_does_not_wait_for_a_part_that_lost_its_cancellation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `asyncio.wait_for` of Python 3.11 loses one, within RabbitMQ's client and PostgreSQL's."""
    monkeypatch.setattr("sconnect.tasks.CANCEL_AGAIN_SECONDS", 0.05)
    lost = asyncio.Event()

    async def loses_it() -> None:
        try:
            await for_ever()
        except asyncio.CancelledError:
            lost.set()
            await for_ever()

    port = free_port()
    task = running(Service(name="example", loops={"look": loses_it}), port)
    await until_ready(port)
    with structlog.testing.capture_logs() as logs:
        os.kill(os.getpid(), signal.SIGTERM)
        assert await task == 0
    assert lost.is_set()
    assert [line["event"] for line in logs] == ["service_stopped"]


async def test_a_stop_does_not_wait_for_a_request_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sconnect.service.lifecycle.ANSWERS_SECONDS_MAX", 0)
    asked = asyncio.Event()

    async def never_answers(_request: Request) -> None:
        asked.set()
        await for_ever()

    port = free_port()
    web_app = Starlette(routes=[Route("/", never_answers)])
    task = running(Service(name="example", web_app=web_app), port)
    await until_ready(port)
    asking = asyncio.create_task(answer(port, "/"))
    await asked.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await task == 0
    assert (await asking).status_code == 500


async def test_a_failing_check_is_named_in_the_answer() -> None:
    async def check() -> str:
        return "the mirror is two days old"

    port = free_port()
    task = running(Service(name="example", checks={"mirror": check}), port)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while "service" in (content := (await answer(port, "/health/ready")).json())["problems"]:
            await SystemClock().sleep(0.02)
    assert content["problems"] == {"mirror": "the mirror is two days old"}
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


async def test_metrics_are_shown_to_whoever_shows_the_token() -> None:
    async def check() -> str:
        return "the mirror is two days old"

    port = free_port()
    service = Service(name="example", checks={"mirror": check}, metrics_token=SecretStr("geheim"))
    task = running(service, port)
    assert (await answer(port, "/metrics")).status_code == 401
    for wrong in ("Bearer ander", "geheim", "Bearer é"):
        assert (await answer(port, "/metrics", authorization=wrong.encode())).status_code == 401
    shown = await answer(port, "/metrics", authorization=b"Bearer geheim")
    assert shown.headers["content-type"].startswith("text/plain")
    assert 'sconnect_problem{check="mirror"} 1.0' in shown.text
    assert "sconnect_ready 0.0" in shown.text
    assert "process_resident_memory_bytes" in shown.text
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


async def test_a_service_without_metrics_has_no_such_address() -> None:
    port = free_port()
    task = running(Service(name="example", serves_metrics=False), port)
    assert (await answer(port, "/metrics")).status_code == 404
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


async def test_a_part_that_dies_stops_the_service() -> None:
    async def break_down() -> None:
        raise ZeroDivisionError

    service = Service(name="example", loops={"broken": break_down, "fine": for_ever})
    assert await running(service, free_port()) == 1


async def test_a_blown_fuse_is_not_ready_but_alive() -> None:
    port = free_port()
    service = Service(name="example")
    task = running(service, port)
    await until_ready(port)
    service.trip()
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (ready := await answer(port, "/health/ready")).status_code == 200:
            await SystemClock().sleep(0.02)
    assert "unexpected errors" in ready.json()["problems"]["service"]
    assert (await answer(port, "/health/live")).status_code == 200
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


async def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StartupError, match="the port is taken"):
            await running(Service(name="example"), taken.getsockname()[1])


async def test_a_broker_that_is_away_is_one_sentence() -> None:
    broker = connect_broker(f"amqp://someone:geheim@127.0.0.1:{free_port()}/", connection_name="example")
    with pytest.raises(StartupError, match="cannot use RabbitMQ") as refusal:
        await running(Service(name="example", broker=broker), free_port())
    assert "geheim" not in str(refusal.value)


def test_missing_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCONNECT_AMQP_URL", "SCONNECT_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCONNECT_LEASE_SECONDS", "-1")
    with pytest.raises(StartupError) as refusal:
        read_settings(CommonSettings)
    for name in ("SCONNECT_AMQP_URL", "SCONNECT_DATABASE_URL", "SCONNECT_LEASE_SECONDS"):
        assert name in str(refusal.value)


def test_check_prints_the_settings_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SCONNECT_AMQP_URL", "amqp://someone:geheim@localhost/")
    monkeypatch.setenv("SCONNECT_DATABASE_URL", "postgresql+psycopg://someone:geheim@localhost/x")
    monkeypatch.setenv("EXAMPLE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/x.sqlite3")
    monkeypatch.setenv("EXAMPLE_HEALTH_PORT", "8101")
    command: Callable[[list[str]], int] = lambda arguments: service_command(  # noqa: E731
        package="example", settings=ExampleSettings, build=_never_built, arguments=arguments
    )
    assert command(["check"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["service"]["health_port"] == 8101
    assert "geheim" not in printed
    assert command(["dance"]) == 2


async def _never_built(_common: CommonSettings, _own: ExampleSettings) -> Service:
    raise AssertionError("`check` builds nothing")


def test_a_log_line_is_json_with_its_ids_and_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("example", "INFO")
    try:
        structlog.get_logger().info("order_handed_over", order_number="1001", token="geheim")
        line = json.loads(capsys.readouterr().err.splitlines()[-1])
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    assert (line["event"], line["order_number"], line["service"]) == ("order_handed_over", "1001", "example")
    assert line["token"] == "***"
