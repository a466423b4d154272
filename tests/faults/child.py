"""A service as a process of its own, forked from one that has imported everything already.

Starting Python and importing a service takes seconds; a test that kills services hundreds of times has
no time for that. What runs is the service's own `main`.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from booking_writer.app import build as build_writer
from booking_writer.settings import BookingWriterSettings
from console.app import build as build_console
from console.settings import ConsoleSettings
from customer_resolver.app import build as build_resolver
from customer_resolver.settings import CustomerResolverSettings
from faults.points import Death, Points, World, install
from poller.app import build as build_poller
from poller.settings import PollerSettings
from sconnect.service import service_command

SERVICES: dict[str, tuple[Any, Any]] = {
    "poller": (PollerSettings, build_poller),
    "customer_resolver": (CustomerResolverSettings, build_resolver),
    "booking_writer": (BookingWriterSettings, build_writer),
    "console": (ConsoleSettings, build_console),
}


def run_service(name: str, environment: Mapping[str, str], log: Path, orders: Connection) -> None:
    """What the forked process does: serve until it is killed or told to stop; obeys `orders` meanwhile."""
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    points, world = Points(), World()
    install(points)
    world.install()
    threading.Thread(target=_obey, args=(orders, points, world), daemon=True).start()
    settings, build = SERVICES[name]
    sys.exit(service_command(package=name, settings=settings, build=build, arguments=["run"]))


def _obey(orders: Connection, points: Points, world: World) -> None:
    while True:
        try:
            order, value = orders.recv()
        except EOFError:
            os._exit(1)  # whoever started us is gone, and must not leave a product running
        if order == "arm":
            points.arm(value)
        elif order == "clock":
            world.clock_is_ahead = timedelta(seconds=value)
        elif order == "disk":
            world.disk_is_full = value
        orders.send(points.passed())


class ServiceProcess:
    """One service that can be armed, killed and started again."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._environment = dict(environment)
        self._log = log
        self._process: Any = None
        self._orders: Connection | None = None
        self.kills = 0

    def start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._orders, theirs = context.Pipe()
        arguments = (self.name, self._environment, self._log, theirs)
        self._process = context.Process(target=run_service, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def is_alive(self) -> bool:
        return self._process is not None and bool(self._process.is_alive())

    def exit_code(self) -> int | None:
        """None while it lives; negative when a signal ended it."""
        code: int | None = self._process.exitcode
        return code

    def tell(self, order: str, value: Death | float | bool | None) -> dict[str, int]:
        """Give an order; what was passed since the last `arm`, empty when the process died meanwhile."""
        try:
            assert self._orders is not None
            self._orders.send((order, value))
            answer: dict[str, int] = self._orders.recv()
        except (EOFError, OSError):
            return {}
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def start_again(self) -> None:
        """After it died: at once, as a supervisor would."""
        self._process.join()
        self.kills += 1
        self.start()

    def stop(self, timeout_seconds: float) -> None:
        if self.is_alive():
            self._process.terminate()
            self._process.join(timeout_seconds)
        if self.is_alive():
            self.kill()
