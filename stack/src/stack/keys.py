"""`python -m stack.keys SERVERS SERVICES`: keys and passwords of the containers, made at their first start.

They stand in files, as `docker inspect` shows a container's environment. SCONNECT_HOME holds all of them, for
the one-shots; SERVERS what RabbitMQ and PostgreSQL read, each under a user of its own; SERVICES a folder per
service with what that service needs and no more: mount each of them there and nowhere else.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from sconnect.messaging.rights import definitions_of_users, user_of
from stack.database_rights import role_of
from stack.home import Home
from stack.services import CONSOLE, SERVICES, ServiceKind
from stack.settings import StackSettings

USER = "sconnect"
METRICS = "metrics"
METRICS_TOKEN = "metrics-token"  # noqa: S105 - the name of a file


def make_keys(home: Home, servers: Path, services: Path) -> None:
    """Make what is missing, and bring to each place what belongs there; what is there stays as it is."""
    home.create()
    rabbitmq, postgres = _password(home, "rabbitmq-password"), _password(home, "postgres-password")
    home.private_file("amqp-url", _amqp_url(USER, rabbitmq))
    home.private_file("pgpass", _pgpass(USER, postgres))
    _replace(servers / "postgres-password", postgres + "\n", mode=0o644)
    _replace(servers / "rabbitmq.conf", f"load_definitions = {servers}/definitions.json\n", mode=0o644)
    passwords = {kind.name: _password(home, f"rabbitmq-password-{kind.name}") for kind in SERVICES}
    definitions = definitions_of_users(USER, rabbitmq, passwords)
    _replace(servers / "definitions.json", json.dumps(definitions) + "\n", mode=0o644)
    for kind in SERVICES:
        files = _files_of(kind, home, amqp_password=passwords[kind.name])
        for name, content in files.items():
            _replace(services / kind.name / name, content + "\n", mode=0o600)
    # What Prometheus shows to the console.
    _replace(services / METRICS / METRICS_TOKEN, _content(home.metrics_token_file()) + "\n", mode=0o600)


def _files_of(kind: ServiceKind, home: Home, *, amqp_password: str) -> Mapping[str, str]:
    files = {
        "secrets-key": _content(home.secrets_key_file()),
        "amqp-url": _amqp_url(user_of(kind.name), amqp_password),
        "pgpass": _pgpass(role_of(kind), _password(home, f"postgres-password-{kind.name}")),
    }
    if kind is CONSOLE:
        files["token"] = _content(home.token_file())
        files[METRICS_TOKEN] = _content(home.metrics_token_file())
    return files


def _amqp_url(user: str, password: str) -> str:
    return f"amqp://{user}:{password}@rabbitmq:5672/%2F"


def _pgpass(role: str, password: str) -> str:
    return f"postgres:5432:*:{role}:{password}"


def _password(home: Home, name: str) -> str:
    return _content(home.private_file(name, secrets.token_urlsafe(32)))


def _content(file: Path) -> str:
    return file.read_text().strip()


def _replace(file: Path, content: str, *, mode: int) -> None:
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(content)
    unfinished.chmod(mode)
    unfinished.replace(file)


def main() -> None:
    make_keys(Home(StackSettings().home), servers=Path(sys.argv[1]), services=Path(sys.argv[2]))


if __name__ == "__main__":
    main()
