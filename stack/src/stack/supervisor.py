"""Keeps a set of processes running: starts them in order, starts again what died, stops all of them."""

import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sconnect.errors import StartupError
from stack.processes import start_process, stop_processes
from stack.terminal import say
from stack.waiting import answers, wait_until

START_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class ProcessPlan:
    """A process to keep running; it is ready once `ready_path` at its `url` answers with success.

    With an `instance`, an answer in another name is not its own.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    log: Path
    url: str
    ready_path: str = "/health/ready"
    instance: str | None = None
    stop_seconds: float


def restart_pause_seconds(failures_in_a_row: int) -> float:
    """Return how long to wait before a start: not at all at first, then longer with every failed start."""
    if failures_in_a_row == 0:
        return 0.0
    return float(min(2 ** (failures_in_a_row - 1), LONGEST_PAUSE_SECONDS))


def last_line(log: Path) -> str:
    """Return the last line a process wrote: the sentence with which it gave up."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote nothing"


class SupervisedProcess:
    """One process of a plan, through all its lives."""

    def __init__(self, plan: ProcessPlan) -> None:
        self.plan = plan
        self.process: subprocess.Popen[bytes] | None = None
        self._was_ready = False
        self._failures_in_a_row = 0
        self._start_at = 0.0

    def start(self) -> None:
        self._was_ready = False
        self.process = start_process(self.plan.command, log=self.plan.log, environment=self.plan.environment)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        self._was_ready = self._was_ready or (
            self.is_running() and answers(self.plan.url + self.plan.ready_path, instance=self.plan.instance)
        )
        return self._was_ready

    def watch(self) -> bool:
        """Start the process again when it died and its pause is over; tell whether it was started."""
        if self.process is None:
            return self._start_when_due()
        if self.process.poll() is None:
            self.is_ready()
        else:
            self._plan_restart(self.process.returncode)
        return False

    def _plan_restart(self, exit_code: int) -> None:
        # Whoever is killed from outside did not fail; only a process that gives up before it is ready did.
        gave_up = exit_code >= 0 and not self._was_ready
        self._failures_in_a_row = self._failures_in_a_row + 1 if gave_up else 0
        pause = restart_pause_seconds(self._failures_in_a_row)
        self.process = None
        self._start_at = time.monotonic() + pause
        name = self.plan.name
        if gave_up:
            say(
                f"{name} cannot start ({last_line(self.plan.log)}); "
                f"attempt {self._failures_in_a_row + 1} follows in {pause:g} s."
            )
        else:
            say(f"{name} ended unexpectedly (exit code {exit_code}) and is started again.")

    def _start_when_due(self) -> bool:
        if time.monotonic() < self._start_at:
            return False
        self.start()
        return True


class Supervisor:
    """All processes of a product; `changed` is called whenever one has got a new process id."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._processes: list[SupervisedProcess] = []

    @property
    def processes(self) -> tuple[SupervisedProcess, ...]:
        return tuple(self._processes)

    def start(self, plan: ProcessPlan, *, interrupted: Callable[[], bool]) -> None:
        """Start one process and wait until it is ready; StartupError when it gives up or takes too long."""
        started = SupervisedProcess(plan)
        self._processes.append(started)
        started.start()
        self._changed()
        settled = wait_until(
            lambda: started.is_ready() or not started.is_running() or interrupted(),
            timeout_seconds=START_SECONDS,
        )
        if not started.is_running():
            raise StartupError(f"{plan.name} cannot start: {last_line(plan.log)}")
        if not settled:
            raise StartupError(f"{plan.name} is not ready after {START_SECONDS:g} s; see {plan.log}.")

    def watch(self) -> None:
        """Look after every process once."""
        restarted = [process.watch() for process in self._processes]
        if any(restarted):
            self._changed()

    def stop(self, names: Iterable[str]) -> None:
        """Stop the named processes together; kill those that outstay their time."""
        chosen = set(names)
        leaving = [process for process in self._processes if process.plan.name in chosen]
        self._processes = [process for process in self._processes if process not in leaving]
        running = [process.process for process in leaving if process.process is not None]
        longest = max((process.plan.stop_seconds for process in leaving), default=0.0)
        stop_processes(running, timeout_seconds=longest)
        self._changed()
