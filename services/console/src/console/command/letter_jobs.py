"""Jobs over many dead letters: what is asked, how it is followed, what came of it."""

import time
from collections.abc import Callable
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from console.command.failures import ConsoleAway
from console.command.product import path_part
from console.command.session import Session

LOOK_INTERVAL_SECONDS = 0.5
# The console may be started again while we wait; the job goes on where it stopped.
AWAY_SECONDS_MAX = 120.0
ADDRESS = "/dead-letter-jobs"


def run_job(session: Session, asked: dict[str, Any], *, dry_run: bool, wait: bool, as_json: bool) -> None:
    """Ask for a job and follow it to its end; CommandFailed when the console refuses it."""
    answer = session.product.post(ADDRESS, {**asked, "dry_run": dry_run})
    if not dry_run and wait:
        answer = JobWatch(session).until_done(answer)
    if as_json:
        session.screen.json(answer)
    elif dry_run:
        _show_plan(answer, session)
    else:
        show_job(answer, session)


def show_job(job: dict[str, Any], session: Session) -> None:
    screen = session.screen
    if job["total"] == 0:
        screen.say("nothing_to_do")
        return
    counts = {name: job[name] for name in ("id", "total", "done", "refused")}
    screen.say("job_started" if job["state"] == "running" else "job_ended", **counts)
    for trouble in job["troubles"]:
        number = trouble["order_number"] or "-"
        screen.note(screen.text("job_trouble", id=trouble["letter_id"], number=number, text=trouble["text"]))


def _show_plan(plan: dict[str, Any], session: Session) -> None:
    screen = session.screen
    if not plan["total"]:
        screen.say("nothing_to_do")
        return
    screen.table(
        ("id", "profile", "order", "plan", "reason"),
        (
            (
                letter["letter_id"],
                letter["profile"],
                letter["order_number"],
                screen.text(f"plan.{letter['what']}"),
                letter["why_left"] or letter["reason"],
            )
            for letter in plan["letters"]
        ),
    )
    screen.say("plan_total", total=plan["total"])


class JobWatch:
    """Follows one job with a bar, also while the console is started again."""

    def __init__(
        self,
        session: Session,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session
        self._now = now
        self._sleep = sleep
        self._answered_at = now()

    def until_done(self, job: dict[str, Any]) -> dict[str, Any]:
        terminal = self._session.screen.errors
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
            task = bar.add_task(job["kind"], total=job["total"])
            while job["state"] == "running":
                self._sleep(LOOK_INTERVAL_SECONDS)
                job = self._look(job)
                bar.update(task, completed=job["done"] + job["refused"])
        return job

    def _look(self, job: dict[str, Any]) -> dict[str, Any]:
        try:
            seen: dict[str, Any] = self._session.product.get(f"{ADDRESS}/{path_part(job['id'])}")
        except ConsoleAway:
            if self._now() - self._answered_at > AWAY_SECONDS_MAX:
                raise
            return job
        self._answered_at = self._now()
        return seen
