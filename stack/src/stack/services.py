"""The services of the product: how each is started, and what its environment says."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sconnect.errors import StartupError
from stack.home import Home
from stack.ports import LOOPBACK, usual_or_free
from stack.supervisor import ProcessPlan


@dataclass(frozen=True)
class ServiceKind:
    """A service as it is called on the command line and in the environment."""

    name: str
    usual_port: int
    stop_seconds: float = 35.0  # longer than a service takes to finish the work in its hands

    @property
    def package(self) -> str:
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        return self.package.upper()


CONSOLE = ServiceKind("console", 8080, stop_seconds=8.0)
POLLER = ServiceKind("poller", 8081)
CUSTOMER_RESOLVER = ServiceKind("customer-resolver", 8082)
BOOKING_WRITER = ServiceKind("booking-writer", 8083)

HIGHEST_PORT = 65535

# In the order in which they start: who takes work before who makes it.
WORKERS = (BOOKING_WRITER, CUSTOMER_RESOLVER, POLLER)
SERVICES = (CONSOLE, *WORKERS)


def interpreter() -> str:
    """Return the Python of the virtual environment, by its own path and not by where that leads."""
    return str(Path(sys.executable).absolute())


def complete_environment(given: Mapping[str, str], home: Home, amqp_url: str) -> dict[str, str]:
    """Return what all services read: what the person set, and our own for the rest."""
    ports = {port_name(kind): str(usual_or_free(wanted_port(kind, given))) for kind in SERVICES}
    defaults = {
        "SCONNECT_DATABASE_URL": home.database_url("coordination"),
        "CONSOLE_TOKEN_FILE": str(home.token_file()),
        "CONSOLE_METRICS_TOKEN_FILE": str(home.metrics_token_file()),
        **{f"{kind.prefix}_DATABASE_URL": home.database_url(kind.name) for kind in SERVICES},
        **{f"CONSOLE_{kind.prefix}_URL": base_url(kind, ports) for kind in WORKERS},
    }
    if not {"SCONNECT_SECRETS_KEY", "SCONNECT_SECRETS_KEY_FILE"} & given.keys():
        defaults["SCONNECT_SECRETS_KEY_FILE"] = str(home.secrets_key_file())
    fixed = {
        "SCONNECT_HOME": str(home.folder),
        "SCONNECT_AMQP_URL": amqp_url,
        "SCONNECT_INSTANCE": str(uuid4()),
    }
    return defaults | dict(given) | ports | fixed


def port_name(kind: ServiceKind) -> str:
    return f"{kind.prefix}_HEALTH_PORT"


def wanted_port(kind: ServiceKind, given: Mapping[str, str]) -> int:
    text = given.get(port_name(kind)) or str(kind.usual_port)
    if not (text.isdecimal() and int(text) <= HIGHEST_PORT):
        raise StartupError(f"{port_name(kind)} must be a port number, not {text}.")
    return int(text)


def base_url(kind: ServiceKind, environment: Mapping[str, str]) -> str:
    return f"http://{LOOPBACK}:{environment[port_name(kind)]}"


def service_plan(
    kind: ServiceKind, home: Home, environment: Mapping[str, str], *, amqp_url: str | None = None
) -> ProcessPlan:
    """`amqp_url` is the service's own login to RabbitMQ, when it is not the one of the environment."""
    return ProcessPlan(
        name=kind.name,
        command=(interpreter(), "-m", kind.package),
        environment={**environment, **({} if amqp_url is None else {"SCONNECT_AMQP_URL": amqp_url})},
        log=home.log(kind.name),
        url=base_url(kind, environment),
        stop_seconds=kind.stop_seconds,
        instance=environment["SCONNECT_INSTANCE"],
    )
