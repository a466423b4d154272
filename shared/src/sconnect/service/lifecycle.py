"""Starts a service in order, notices when a part of it dies, and stops it without leaving work half-known."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from sconnect.errors import StartupError
from sconnect.messaging.rabbit import ServiceBroker
from sconnect.messaging.trouble import BROKER_TROUBLE
from sconnect.metrics import consuming_stopped
from sconnect.service.health import HealthCheck, HealthState, health_routes
from sconnect.service.scraping import metrics_route
from sconnect.tasks import cancel_until_done

SERVER_START_TIMEOUT_SECONDS = 10.0
BROKER_PING_TIMEOUT_SECONDS = 2.0
# After the work: together with it less than the 45 s after which a container is killed.
BROKER_CLOSE_SECONDS_MAX = 5.0
CLOSERS_SECONDS_MAX = 5.0
ANSWERS_SECONDS_MAX = 3

FUSE_SENTENCE = (
    "unexpected errors in several profiles: consuming stopped; restart when the cause in the log is gone"
)

log = structlog.get_logger(__name__)

Loop = Callable[[], Awaitable[None]]


@dataclass(kw_only=True)
class Service:
    """The parts of a running service, as its `app.py` built them.

    `loops` run until they are cancelled; one that ends or raises stops the service, so that its
    supervisor starts it again. `returns` give back what was cut off in the middle, while the broker still
    holds its messages; `closers` come last. `web_app` (a Starlette or FastAPI app) gets the health routes
    added, and /metrics when `serves_metrics`; with a `metrics_token` that has to be shown there.
    """

    name: str
    broker: ServiceBroker | None = None
    loops: Mapping[str, Loop] = field(default_factory=dict)
    checks: Mapping[str, HealthCheck] = field(default_factory=dict)
    returns: tuple[Callable[[], Awaitable[None]], ...] = ()
    closers: tuple[Callable[[], Awaitable[None]], ...] = ()
    web_app: Any = None
    serves_metrics: bool = True
    metrics_token: SecretStr | None = None
    tripped: asyncio.Event = field(default_factory=asyncio.Event)

    def trip(self) -> None:
        """Stop consuming and say so in the health answer; only a restart heals it (see the fuse)."""
        self.tripped.set()
        consuming_stopped()


async def run_service(
    service: Service,
    *,
    host: str,
    port: int,
    graceful_stop_seconds: float,
    call_seconds_max: float = 0.0,
    instance: str | None = None,
) -> int:
    """Runs until SIGTERM or SIGINT (exit code 0) or until a part of it dies (exit code 1).

    Stopping, what is in hand may go on for `graceful_stop_seconds` less `call_seconds_max`, which is what a
    vendor may still take to answer a write that cannot be cut off.
    """
    stop = _stop_signal()
    state = HealthState(service.name, _all_checks(service), instance=instance)
    server, serving = await _serve(service, state, host, port)
    running: list[asyncio.Task[None]] = []
    try:
        await _start_broker(service)
        running = [asyncio.create_task(_named(name, loop)) for name, loop in service.loops.items()]
        fuse = asyncio.create_task(_watch_fuse(service, state))
        state.not_ready_because = None
        log.info("service_ready", port=_bound_port(server))
        failed = await _until_stopped(stop, [*running, serving])
        fuse.cancel()
        return 1 if failed else 0
    finally:
        state.not_ready_because = "stopping"
        finish_seconds = max(graceful_stop_seconds - call_seconds_max, 0.0)
        await _stop(service, running, graceful_stop_seconds, finish_seconds)
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        log.info("service_stopped")


def _all_checks(service: Service) -> dict[str, HealthCheck]:
    broker = service.broker
    if broker is None:
        return dict(service.checks)

    async def broker_check() -> str | None:
        connected = await broker.ping(timeout=BROKER_PING_TIMEOUT_SECONDS)
        return None if connected else "RabbitMQ is not connected"

    return {"rabbitmq": broker_check} | dict(service.checks)


async def _serve(
    service: Service, state: HealthState, host: str, port: int
) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    app = service.web_app
    routes = health_routes(state)
    if service.serves_metrics:
        routes.append(metrics_route(state, service.metrics_token))
    if app is None:
        app = Starlette(routes=routes)
    else:
        app.router.routes[:0] = routes
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # Without it a request that does not end keeps the process alive.
        timeout_graceful_shutdown=ANSWERS_SECONDS_MAX,
    )
    server = _QuietServer(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(SERVER_START_TIMEOUT_SECONDS):
        while not server.started:
            if serving.done():
                raise StartupError(f"{service.name} cannot listen on {host}:{port}: the port is taken.")
            await asyncio.sleep(0.01)
    return server, serving


class _QuietServer(uvicorn.Server):
    """Leaves the signals to `run_service`, which has more to stop than a web server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve(self, sockets: Any = None) -> None:
        try:
            await super().serve(sockets)
        except SystemExit:
            # uvicorn exits the process when the port is taken; the lifecycle reports it instead.
            log.exception("health_server_failed")


def _bound_port(server: uvicorn.Server) -> int:
    return int(server.servers[0].sockets[0].getsockname()[1])


async def _start_broker(service: Service) -> None:
    if service.broker is None:
        return
    try:
        await service.broker.start()
    except BROKER_TROUBLE as error:
        raise StartupError(
            f"{service.name} cannot use RabbitMQ ({type(error).__name__}): check SCONNECT_AMQP_URL and that"
            " the queues were declared (python -m sconnect.messaging declare)."
        ) from error


async def _named(name: str, loop: Loop) -> None:
    with structlog.contextvars.bound_contextvars(loop=name):
        await loop()


async def _watch_fuse(service: Service, state: HealthState) -> None:
    await service.tripped.wait()
    state.not_ready_because = FUSE_SENTENCE
    log.error("fuse_blown")
    if service.broker is not None:
        for subscriber in service.broker.subscribers:
            await subscriber.stop()


async def _until_stopped(stop: asyncio.Event, parts: list[asyncio.Task[None]]) -> bool:
    """True when a part of the service ended before the stop signal came."""
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiting, *parts], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for part in done - {waiting}:
        log.error("service_part_ended", exc_info=part.exception())
    return waiting not in done


async def _stop(
    service: Service, running: list[asyncio.Task[None]], graceful_stop_seconds: float, finish_seconds: float
) -> None:
    """Work first, then the connection: a message goes back when its order is free for a colleague."""
    ending = asyncio.create_task(cancel_until_done(running))
    await _step("work", graceful_stop_seconds, _finish_work(service, running, ending, finish_seconds))
    if service.broker is not None:
        await _step("broker", BROKER_CLOSE_SECONDS_MAX, service.broker.stop())
    await _step("closers", CLOSERS_SECONDS_MAX, _call_each(service.closers))


async def _finish_work(
    service: Service, running: list[asyncio.Task[None]], ending: asyncio.Task[None], finish_seconds: float
) -> None:
    if service.broker is not None:
        cut_off = await service.broker.hand_over(finish_seconds=finish_seconds)
        if cut_off:
            log.warning("deliveries_returned", count=cut_off)
    await _call_each(service.returns)
    await ending
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, Exception):
            log.warning("stop_was_not_clean", step="loops", cause=type(outcome).__name__)


async def _call_each(steps: tuple[Callable[[], Awaitable[None]], ...]) -> None:
    for step in steps:
        await step()


async def _step(name: str, seconds_max: float, work: Coroutine[Any, Any, None]) -> None:
    """Whatever goes wrong while stopping is told, and the next step is taken."""
    (outcome,) = await asyncio.gather(asyncio.wait_for(work, seconds_max), return_exceptions=True)
    if isinstance(outcome, BaseException):
        log.warning("stop_was_not_clean", step=name, cause=type(outcome).__name__)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
