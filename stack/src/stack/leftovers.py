"""Processes that a product left behind when it was killed itself."""

import os
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stack.home import Home
from stack.terminal import say
from stack.waiting import wait_until

STOP_SECONDS = 35.0
BROKER_PROCESSES = ("rabbitmq", "epmd")
DEAD_STATES = ("Z", "X")
# Fields of /proc/<pid>/stat, counted from the one after the program's name.
STATE_FIELD, START_FIELD = 0, 19


def start_ticks(pid: int) -> int | None:
    """Return when the process started, in clock ticks since boot: tells it from a later one with its number.

    None when there is no such process, or only its exit code is left.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[STATE_FIELD] in DEAD_STATES else int(fields[START_FIELD])


def still_running(recorded: Mapping[str, Any]) -> bool:
    """Tell whether the process of a state file (`pid`, `start_ticks`) is still the same one, and runs."""
    return recorded["start_ticks"] is not None and start_ticks(recorded["pid"]) == recorded["start_ticks"]


def stop_leftovers(processes: Iterable[Mapping[str, Any]]) -> int:
    """Stop those of a state file's processes that still run; return how many there were."""
    running = [process for process in processes if still_running(process)]
    _signal(running, signal.SIGTERM)
    if not wait_until(lambda: not any(map(still_running, running)), timeout_seconds=STOP_SECONDS):
        _signal(running, signal.SIGKILL)
    return len(running)


def stop_leftovers_of(home: Home) -> None:
    """Stop what a killed product left running on this home: the services first, then their broker."""
    processes = home.read_state().get("processes", {})
    brokers = [processes.pop(name) for name in BROKER_PROCESSES if name in processes]
    stopped = stop_leftovers(processes.values()) + stop_leftovers(brokers)
    if stopped:
        say(f"Stopped {stopped} processes that an earlier run left behind.")
    home.remove_state()


def _signal(processes: Iterable[Mapping[str, Any]], number: int) -> None:
    for process in processes:
        if still_running(process):
            os.kill(process["pid"], number)
