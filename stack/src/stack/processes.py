"""Child processes in sessions of their own, so that a Ctrl-C in the terminal does not reach them."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 30.0


def start_process(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start the command with its output appended to `log`; `user` needs root."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - the caller names a program of ours
            command,
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )


def stop_process(
    process: subprocess.Popen[bytes],
    *,
    signal_number: int = signal.SIGTERM,
    timeout_seconds: float = STOP_SECONDS,
) -> bool:
    """Ask the process to stop and wait; kill it when the time is over. Tell whether it stopped by itself."""
    process.send_signal(signal_number)
    try:
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        kill_process(process)
        return False
    return True


def stop_processes(processes: Sequence[subprocess.Popen[bytes]], *, timeout_seconds: float) -> None:
    """Ask all of them to stop, then wait; kill those that are not gone when the time is over."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + timeout_seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            kill_process(process)


def kill_process(process: subprocess.Popen[bytes]) -> None:
    """End the process at once, as a crash would."""
    process.kill()
    process.wait()
