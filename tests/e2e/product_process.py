"""The product and the demo as a person starts them: processes of their own, watched from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from stack.home import Home
from stack.leftovers import start_ticks, still_running
from stack.waiting import wait_until

START_SECONDS = 90.0
STOP_SECONDS = 60.0
# The ladder of deadlines is twenty times shorter: what heals in minutes must heal in seconds here.
SETTINGS = {
    "SCONNECT_LANGUAGE": "en",
    "SCONNECT_WAIT_TIME_SCALE": "0.05",
    "SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS": "3",
    "SCONNECT_LEASE_SECONDS": "6",
    "BOOKING_WRITER_LEASE_MARGIN_SECONDS": "1",
    "CUSTOMER_RESOLVER_CLAIM_LEASE_MARGIN_SECONDS": "2",
    "POLLER_LEASE_SECONDS": "3",
    "POLLER_SHOP_REQUESTS_PER_SECOND_MAX": "50",
}


class ProductProcess:
    """`python -m stack.run` or `stack.demo` on a home of its own."""

    def __init__(self, module: str, folder: Path, **settings: str) -> None:
        self.home = Home(folder)
        self.output_file = folder.with_suffix(".output")
        self._command = [sys.executable, "-m", module]
        self._environment = {**os.environ, **SETTINGS, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output_file.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=output, stderr=output, start_new_session=True
            )

    def output(self) -> str:
        return self.output_file.read_text()

    def says(self, text: str, *, within_seconds: float = START_SECONDS) -> bool:
        """Wait until the product has said this; False when it ended or the time is over."""
        wait_until(lambda: text in self.output() or not self.runs(), timeout_seconds=within_seconds)
        return text in self.output()

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def processes(self) -> dict[str, Mapping[str, Any]]:
        """What the state file says runs now, by name."""
        found: dict[str, Mapping[str, Any]] = self.home.read_state().get("processes", {})
        return found

    def kill(self, name: str) -> None:
        """End one process of the product as a crash would."""
        os.kill(self.processes()[name]["pid"], signal.SIGKILL)

    def kill_supervisor(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def ask_to_stop(self, number: int = signal.SIGTERM) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def exit_code(self, *, within_seconds: float = STOP_SECONDS) -> int:
        """Wait until the product has ended."""
        assert self._process is not None
        return self._process.wait(within_seconds)

    def is_ready(self, name: str) -> bool:
        """Whether the process the state file names runs, and says that it can work."""
        recorded = self.processes().get(name)
        if recorded is None or not still_running(recorded):
            return False
        try:
            return httpx.get(f"{recorded['url']}/health/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def sconnect(
        self, *arguments: str, environment: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        """Run the command on this product; TimeoutExpired when it takes longer than two minutes."""
        command = [str(Path(sys.executable).parent / "sconnect"), *arguments]
        own = {"SCONNECT_HOME": str(self.home.folder), **environment}
        return subprocess.run(
            command,
            env=self._environment | own,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def end(self) -> None:
        """Leave nothing behind, whatever the test did."""
        if self.runs():
            self.ask_to_stop()
            self.exit_code()


def still_there(pids: Mapping[str, int]) -> dict[str, int]:
    """Those of the processes that run yet."""
    return {name: pid for name, pid in pids.items() if start_ticks(pid) is not None}
