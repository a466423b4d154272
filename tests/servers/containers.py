"""RabbitMQ and PostgreSQL as docker-compose.yml runs them, where a Docker engine has their images."""

import secrets
import shutil
import subprocess
from functools import cache
from typing import Any
from urllib.parse import quote

import yaml
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy

from tidy.repository import ROOT

USER = "sconnect"
AMQP_PORT = 5672
POSTGRES_PORT = 5432
START_SECONDS = 120


@cache
def compose_services() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def engine_has_image_of(service: str) -> bool:
    """Whether an engine answers that can start this service at once: tests fetch no images."""
    image = compose_services()[service]["image"]
    return shutil.which("docker") is not None and succeeds(["docker", "image", "inspect", image])


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class ServerContainer:
    """A server in a container of its own, with the image, command and health check of its compose service."""

    def __init__(self, service: str, port: int, **environment: str) -> None:
        described = compose_services()[service]
        _, *check = described["healthcheck"]["test"]
        healthy = ExecWaitStrategy([word.replace("$$", "$") for word in check])
        self._port = port
        self._container = DockerContainer(
            described["image"], command=described.get("command"), env=environment, ports=[port]
        ).waiting_for(healthy.with_startup_timeout(START_SECONDS))

    def start(self) -> None:
        """Start the server and wait until it is healthy."""
        self._container.start()

    def stop(self) -> None:
        """Remove the server with its data."""
        self._container.stop()

    @property
    def address(self) -> str:
        return f"{self._container.get_container_host_ip()}:{self._container.get_exposed_port(self._port)}"

    def execute(self, *command: str) -> None:
        done = self._container.exec(list(command))
        assert done.exit_code == 0, done.output.decode()


class ContainerBroker(ServerContainer):
    """What tests ask of a RabbitMQ node that they share."""

    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(24)
        super().__init__(
            "rabbitmq", AMQP_PORT, RABBITMQ_DEFAULT_USER=USER, RABBITMQ_DEFAULT_PASS=self._password
        )

    @property
    def url(self) -> str:
        return self._vhost_url("/")

    def add_vhost(self, name: str) -> str:
        self.execute("rabbitmqctl", "add_vhost", name)
        self.execute("rabbitmqctl", "set_permissions", "-p", name, USER, ".*", ".*", ".*")
        return self._vhost_url(name)

    def delete_vhost(self, name: str) -> None:
        self.execute("rabbitmqctl", "delete_vhost", name)

    def _vhost_url(self, name: str) -> str:
        return f"amqp://{USER}:{self._password}@{self.address}/{quote(name, safe='')}"


class ContainerPostgres(ServerContainer):
    """What tests ask of a PostgreSQL server that they share."""

    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(24)
        super().__init__("postgres", POSTGRES_PORT, POSTGRES_USER=USER, POSTGRES_PASSWORD=self._password)

    def create_database(self, name: str) -> str:
        self.execute("createdb", "--username", USER, name)
        return f"postgresql+psycopg://{USER}:{self._password}@{self.address}/{name}"

    def drop_database(self, name: str) -> None:
        self.execute("dropdb", "--username", USER, "--force", name)
