"""The points at which a service under test can be stopped: around each publish, commit, call and ack.

Only a process that `faults.child` starts has them; the product's own code knows nothing of it.
"""

import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from faststream.rabbit import RabbitMessage
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from sconnect.clock import SystemClock
from sconnect.messaging import RabbitPublisher

Step = Literal["publish", "commit", "call", "ack"]
Side = Literal["before", "after"]
STEPS: tuple[Step, ...] = ("publish", "commit", "call", "ack")
SIDES: tuple[Side, ...] = ("before", "after")
PAGES_UNLIMITED = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Death:
    """kill -9 at the `nth` time, counted from when the process hears of it, that it comes to this point."""

    step: Step
    side: Side
    nth: int


class Points:
    """Counts the points that are passed, and ends the process at the one it was told."""

    def __init__(self) -> None:
        self._passed: Counter[tuple[Step, Side]] = Counter()
        self._death: Death | None = None

    def arm(self, death: Death | None) -> None:
        self._death = None
        self._passed.clear()
        self._death = death

    def passed(self) -> dict[str, int]:
        """How often each step was begun since `arm`."""
        return {step: self._passed[step, "before"] for step in STEPS}

    def reach(self, step: Step, side: Side) -> None:
        self._passed[step, side] += 1
        death = self._death
        if death and (step, side, self._passed[step, side]) == (death.step, death.side, death.nth):
            os.kill(os.getpid(), signal.SIGKILL)


def install(points: Points) -> None:
    """Put the points around the library calls that all services make."""
    _around(points, "publish", RabbitPublisher, "_send")
    _around(points, "call", httpx.AsyncClient, "send")
    _around(points, "ack", RabbitMessage, "ack")
    commit: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        points.reach("commit", "before")
        commit(self, connection)
        points.reach("commit", "after")

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _around(points: Points, step: Step, owner: type, name: str) -> None:
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def call(*arguments: Any, **keywords: Any) -> Any:
        points.reach(step, "before")
        result = await original(*arguments, **keywords)
        points.reach(step, "after")
        return result

    setattr(owner, name, call)


class World:
    """What a process believes of the time, and the room that its SQLite files have."""

    def __init__(self) -> None:
        self.clock_is_ahead = timedelta()
        self.disk_is_full = False

    def install(self) -> None:
        now = SystemClock.now

        def moved(clock: SystemClock) -> datetime:
            return now(clock) + self.clock_is_ahead

        SystemClock.now = moved  # type: ignore[method-assign, assignment]

        @event.listens_for(Engine, "begin")
        def limit(connection: Any) -> None:
            if connection.dialect.name == "sqlite":
                pages = 1 if self.disk_is_full else PAGES_UNLIMITED  # never less than the file has
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
