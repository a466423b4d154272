"""`sconnect import`."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.progress import Progress

from console.command.failures import CommandFailed, ConsoleAway, Exit
from console.command.orders import outcome
from console.command.product import path_part
from console.command.session import Session

LOOK_INTERVAL_SECONDS = 0.5
# A look at a run of thousands of orders costs the console work, so it is not repeated all the time.
PAUSE_PER_LOOK = 4
WAIT_TIMEOUT_SECONDS = 3600.0
# The console may be started again while we wait; the import goes on without it.
AWAY_SECONDS_MAX = 60.0


def register(command: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    wait_option = typer.Option("--wait", help=session.help("wait"))
    timeout_option = typer.Option("--timeout", min=0, help=session.help("timeout"))

    @command.command("import", help=session.help("import"))
    def import_orders(
        name: str,
        *,
        wait: Annotated[bool, wait_option] = False,
        timeout: Annotated[float, timeout_option] = WAIT_TIMEOUT_SECONDS,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        run = session.product.post(f"/profiles/{path_part(name)}/imports")
        if wait:
            run = ImportWatch(session, told=not as_json).until_done(run, timeout_seconds=timeout)
        if as_json:
            session.screen.json(run)
        elif not wait:
            session.screen.say("import_started", profile=name, run_id=run["run_id"])
        if run["state"] == "failed":
            raise CommandFailed(session.screen.text("import_failed", profile=name, cause=run["failure"]))


class ImportWatch:
    """Follows one run, and tells of each order as it comes to rest."""

    def __init__(
        self,
        session: Session,
        *,
        told: bool,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session
        self._told = told
        self._now = now
        self._sleep = sleep
        self._at_rest: set[str] = set()
        self._answered_at = now()
        self._look_seconds = 0.0

    def until_done(self, run: dict[str, Any], *, timeout_seconds: float) -> dict[str, Any]:
        """The run as it was when it was over; CommandFailed when that took too long."""
        deadline = self._now() + timeout_seconds
        terminal = self._session.screen.errors
        with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
            task = progress.add_task(run["profile"], total=None)
            while True:
                self._tell(run)
                progress.update(task, completed=len(self._at_rest), total=len(run["orders"]) or None)
                if run["state"] != "running":
                    break
                if self._now() >= deadline:
                    raise self._timed_out(run, timeout_seconds)
                self._sleep(max(LOOK_INTERVAL_SECONDS, PAUSE_PER_LOOK * self._look_seconds))
                run = self._look(run)
        self._sum_up(run)
        return run

    def _look(self, run: dict[str, Any]) -> dict[str, Any]:
        began_at = self._now()
        try:
            seen: dict[str, Any] = self._session.product.get(f"/imports/{path_part(run['run_id'])}")
        except ConsoleAway:
            if self._now() - self._answered_at > AWAY_SECONDS_MAX:
                raise
            return run
        self._answered_at = self._now()
        self._look_seconds = self._answered_at - began_at
        return seen

    def _tell(self, run: dict[str, Any]) -> None:
        for order in run["orders"]:
            number = order["order_number"]
            if order["status"] == "in_progress" or number in self._at_rest:
                continue
            self._at_rest.add(number)
            if self._told:
                self._session.screen.line(outcome(order, self._session))

    def _sum_up(self, run: dict[str, Any]) -> None:
        if not self._told or run["state"] == "failed":
            return
        screen = self._session.screen
        counted = Counter(order["status"] for order in run["orders"])
        counts = ", ".join(f"{count} {screen.text(f'status.{status}')}" for status, count in counted.items())
        screen.say("import_finished", count=len(run["orders"]), counts=counts or "-")
        if run["missing_numbers"]:
            numbers = ", ".join(str(number) for number in run["missing_numbers"])
            screen.say("import_missing_numbers", numbers=numbers)

    def _timed_out(self, run: dict[str, Any], timeout_seconds: float) -> CommandFailed:
        return CommandFailed(
            self._session.screen.text(
                "import_timed_out", profile=run["profile"], seconds=f"{timeout_seconds:g}"
            ),
            code=Exit.TIMED_OUT,
        )
