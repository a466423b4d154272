"""docker-compose.yml for real: the demo in containers, with one and with three booking-writers."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from stack.waiting import wait_until
from tidy.repository import ROOT

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

DEMO_SECONDS = 600.0
# Another port than the usual one: a product may run on this machine.
SETTINGS = {"SCONNECT_ALLOW_LOCAL_APIS": "1", "CONSOLE_PORT": "18080"}


class Containers:
    """A compose project of the test's own."""

    def __init__(self, project: str) -> None:
        self._compose = ["docker-compose", "--project-name", project, "--profile", "demo"]

    def run(self, *arguments: str) -> str:
        """Run a compose command; its error output shows when it fails."""
        done = subprocess.run(
            [*self._compose, *arguments],
            cwd=ROOT,
            env={**os.environ, **SETTINGS},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def exit_code(self, service: str) -> int | None:
        """The exit code of a one-shot service; None while it runs or was not started."""
        container = self.run("ps", "--quiet", service).strip()
        if not container:
            return None
        command = ["docker", "inspect", "--format", "{{json .State}}", container]
        state = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return None if state["Status"] in ("created", "running") else int(state["ExitCode"])


@pytest.fixture
def containers(request: pytest.FixtureRequest) -> Iterator[Containers]:
    if (
        shutil.which("docker-compose") is None
        or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no Docker engine answers")
    made = Containers(f"sconnect-test-{request.node.callspec.id}")
    yield made
    made.run("down", "--volumes", "--timeout", "5")


@pytest.mark.parametrize("writers", [1, 3])
def test_the_demo_reaches_its_end_in_containers(containers: Containers, writers: int) -> None:
    containers.run("up", "--detach", "--scale", f"booking-writer={writers}")
    assert wait_until(
        lambda: containers.exit_code("demo") is not None, timeout_seconds=DEMO_SECONDS, interval_seconds=2
    )
    told = containers.run("logs", "--no-color", "demo")
    assert containers.exit_code("demo") == 0, told
    assert "booked as 1001, € 89.00" in told
    command = ("exec", "-T", "console", "sconnect")
    orders = json.loads(containers.run(*command, "orders", "list", "--profile", "houten-speelgoed", "--json"))
    booked = [order["invoice_number"] for order in orders if order["status"] == "booked"]
    assert len(booked) == len(set(booked)) > 20
    status = json.loads(containers.run(*command, "status", "--json"))
    assert all(service["ready"] for service in status["services"])
