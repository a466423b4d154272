"""The keys and passwords that containers make at their first start."""

import base64
import hashlib
import json
from pathlib import Path
from stat import S_IMODE
from typing import Any
from urllib.parse import urlsplit

import pytest

from stack.home import Home
from stack.keys import make_keys
from stack.services import SERVICES


@pytest.fixture
def servers(tmp_path: Path) -> Path:
    folder = tmp_path / "passwords"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "keys")


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """A folder for each service, as its volume is mounted."""
    for name in ("metrics", *(kind.name for kind in SERVICES)):
        (tmp_path / "services" / name).mkdir(parents=True)
    return tmp_path / "services"


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_the_servers_and_the_product_know_the_same_passwords(
    home: Home, servers: Path, services: Path
) -> None:
    make_keys(home, servers, services)
    own, server = contents(home.folder), contents(servers)
    assert own["pgpass"].strip() == f"postgres:5432:*:sconnect:{server['postgres-password'].strip()}"
    users = {user["name"]: user for user in json.loads(server["definitions.json"])["users"]}
    assert users.keys() == {"sconnect", *(f"sconnect-{kind.name}" for kind in SERVICES)}
    for folder in (home.folder, *(services / kind.name for kind in SERVICES)):
        login = urlsplit((folder / "amqp-url").read_text().strip())
        assert login.username is not None
        assert login.password is not None
        assert is_password_of(users[login.username], login.password)
    assert users["sconnect"]["tags"] == ["administrator"]
    assert {tuple(user["tags"]) for name, user in users.items() if name != "sconnect"} == {()}


def is_password_of(user: dict[str, Any], password: str) -> bool:
    """As RabbitMQ finds out."""
    salted = base64.b64decode(user["password_hash"])
    return hashlib.sha256(salted[:4] + password.encode()).digest() == salted[4:]


def test_a_service_has_its_own_keys_and_nobody_elses(home: Home, servers: Path, services: Path) -> None:
    make_keys(home, servers, services)
    secret = {
        (file.parent.name, file.name): file.read_text() for file in services.rglob("*") if file.is_file()
    }
    for kind in SERVICES:
        own = {name for service, name in secret if service == kind.name}
        more = {"token", "metrics-token"} if kind.name == "console" else set()
        assert own == {"secrets-key", "amqp-url", "pgpass"} | more
    assert len({secret[kind.name, "secrets-key"] for kind in SERVICES}) == 1
    assert {key for key in secret if key[0] == "metrics"} == {("metrics", "metrics-token")}
    for name in ("amqp-url", "pgpass"):
        assert len({secret[kind.name, name] for kind in SERVICES}) == len(SERVICES)


def test_nothing_is_made_anew_at_a_later_start(home: Home, servers: Path, services: Path) -> None:
    make_keys(home, servers, services)
    first = contents(home.folder), {kind: contents(services / kind.name) for kind in SERVICES}
    make_keys(Home(home.folder), servers, services)
    assert (contents(home.folder), {kind: contents(services / kind.name) for kind in SERVICES}) == first


def test_only_the_product_reads_its_keys_and_the_servers_read_their_passwords(
    home: Home, servers: Path, services: Path
) -> None:
    make_keys(home, servers, services)
    own = [*home.folder.iterdir(), *(file for file in services.rglob("*") if file.is_file())]
    assert {S_IMODE(file.stat().st_mode) for file in own} == {0o600}
    assert all(S_IMODE(file.stat().st_mode) & 0o044 for file in servers.iterdir())
    assert contents(servers).keys() == {"rabbitmq.conf", "definitions.json", "postgres-password"}
