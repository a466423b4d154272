"""`python -m <service> [run | migrate | check]`, the same for every service."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import uvloop

from sconnect.errors import SConnectError
from sconnect.service.lifecycle import Service, run_service
from sconnect.service.logs import configure_logs
from sconnect.service.settings import CommonSettings, ServiceSettings, read_settings
from sconnect.tracing import start_tracing, stop_tracing

S = TypeVar("S", bound=ServiceSettings)
ServiceBuilder = Callable[[CommonSettings, S], Awaitable[Service]]

EXIT_USAGE = 2


def service_command(
    *, package: str, settings: type[S], build: ServiceBuilder[S], arguments: Sequence[str]
) -> int:
    """Runs one command of a service; the exit code is 0, 1 (a part died) or 2 (cannot start).

    `run` (the default) serves until a signal; `migrate` brings the service's database up to date; `check`
    prints the effective settings without secrets.
    """
    name = package.replace("_", "-")
    command = arguments[0] if arguments else "run"
    try:
        match command:
            case "run":
                # The same loop to everything that runs on it, at less processor time for each message.
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    return runner.run(_run(name, settings, build))
            case "migrate":
                return _migrate(settings, package)
            case "check":
                return _check(settings)
    except SConnectError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return EXIT_USAGE
    sys.stderr.write(f"usage: python -m {package} [run | migrate | check]\n")
    return EXIT_USAGE


async def _run(name: str, settings: type[S], build: ServiceBuilder[S]) -> int:
    common, own = read_settings(CommonSettings), read_settings(settings)
    configure_logs(name, common.log_level)
    start_tracing(common.otlp_endpoint, service=name, instance=common.instance)
    try:
        service = await build(common, own)
        return await run_service(
            service,
            host=own.health_host,
            port=own.health_port,
            graceful_stop_seconds=common.graceful_stop_seconds,
            call_seconds_max=common.http_total_timeout_seconds,
            instance=common.instance,
        )
    finally:
        stop_tracing()


def _migrate(settings: type[ServiceSettings], package: str) -> int:
    from sconnect.persistence.migrations import migrate  # noqa: PLC0415 - ten megabytes that `run` does without

    migrate(read_settings(settings).database_url.get_secret_value(), package)
    return 0


def _check(settings: type[ServiceSettings]) -> int:
    effective = {
        "common": read_settings(CommonSettings).model_dump(mode="json"),
        "service": read_settings(settings).model_dump(mode="json"),
    }
    sys.stdout.write(json.dumps(effective, indent=2, default=str) + "\n")
    return 0
