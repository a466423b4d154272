"""docker-compose.yml as a person uses it, in a project of a test's own, on images that were built before."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from sconnect.errors import StartupError
from servers.containers import compose_services, engine_has_image_of, succeeds
from servers.presence import require_installed
from stack.waiting import wait_until
from tidy.repository import ROOT

DEMO_SECONDS = 900.0
READ_CONTROL_DOOR = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())"


def compose_command(_name: str) -> list[str]:
    """Return the words that start compose; StartupError when no engine answers or there is no compose."""
    for command in (["docker-compose"], ["docker", "compose"]):
        if shutil.which(command[0]) and succeeds([*command, "version"]) and succeeds(["docker", "info"]):
            return command
    raise StartupError("No Docker engine answers, or docker-compose is not installed.")


def built_images(_name: str) -> list[str]:
    """Return the services with an image of our own; StartupError when one was not built."""
    own = [service for service, described in compose_services().items() if "build" in described]
    if not all(map(engine_has_image_of, own)):
        raise StartupError("The images are not built: run `docker-compose --profile demo build` first.")
    return own


def require_compose() -> None:
    """Skip the test, or fail it where CI=true, when containers cannot be started at once."""
    require_installed(compose_command, "docker-compose")
    require_installed(built_images, "images")


class ComposeProject:
    """The product, both simulators and the demonstration in containers; `settings` as in .env."""

    def __init__(self, **settings: str) -> None:
        name = f"sconnect-test-{uuid4().hex[:8]}"
        self._command = [*compose_command(""), "--project-name", name, "--profile", "demo"]
        # Port 0: Docker takes a free one.
        self._environment = {**os.environ, "SCONNECT_ALLOW_LOCAL_APIS": "1", "CONSOLE_PORT": "0", **settings}

    def run(self, *arguments: str) -> str:
        """Run a compose command and return what it printed; its errors show when it fails."""
        done = subprocess.run(
            [*self._command, *arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_demo(self, *, writers: int = 1) -> None:
        self.run("up", "--detach", "--no-build", "--scale", f"booking-writer={writers}")

    def wait_for_demo(self) -> None:
        """Wait until the one-shot has told everything; its last words show when it did not succeed."""
        [demo] = self.containers("demo")
        assert wait_until(
            lambda: inspected(demo)["State"]["Status"] == "exited",
            timeout_seconds=DEMO_SECONDS,
            interval_seconds=2,
        ), self.told()
        assert inspected(demo)["State"]["ExitCode"] == 0, self.told()

    def told(self) -> str:
        """What the one-shot said so far."""
        [demo] = self.containers("demo")
        return subprocess.run(["docker", "logs", demo], capture_output=True, text=True, check=True).stdout

    def containers(self, *services: str) -> list[str]:
        """The ids of the containers of these services, or of all."""
        return self.run("ps", "--all", "--quiet", *services).split()

    def kill(self, service: str) -> None:
        """End all containers of a service as a crash would, and start them again."""
        self.run("kill", "-s", "SIGKILL", service)
        self.run("start", service)

    def in_container(self, service: str, *command: str) -> str:
        return self.run("exec", "-T", service, *command)

    def sconnect(self, *arguments: str) -> Any:
        """The answer of the product's command."""
        return json.loads(self.in_container("console", "sconnect", *arguments, "--json"))

    def control(self, simulator: str, path: str) -> Any:
        """What the control door of a simulator answers."""
        url = f"http://127.0.0.1:8080/_control{path}"
        return json.loads(self.in_container(simulator, "python", "-c", READ_CONTROL_DOOR, url))

    def is_ready(self) -> bool:
        """Whether every service says so; False while the console cannot be asked."""
        command = [*self._command, "exec", "-T", "console", "sconnect", "status", "--json"]
        asked = subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return asked.returncode == 0

    def remove(self) -> None:
        self.run("down", "--volumes", "--timeout", "5")


def inspected(container: str) -> Any:
    """What `docker inspect` shows of a container."""
    [shown] = json.loads(output_of(["docker", "inspect", container]))
    return shown


def image_histories(images: Iterable[str]) -> str:
    """Every layer of the images, and their settings."""
    named = sorted(set(images))
    histories = [output_of(["docker", "history", "--no-trunc", image]) for image in named]
    return output_of(["docker", "inspect", *named]) + "".join(histories)


def output_of(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
