"""The keys and passwords that containers make at their first start."""

from pathlib import Path
from stat import S_IMODE
from urllib.parse import urlsplit

import pytest

from stack.home import Home
from stack.keys import make_keys


@pytest.fixture
def servers(tmp_path: Path) -> Path:
    folder = tmp_path / "passwords"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "keys")


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_the_servers_and_the_product_know_the_same_passwords(home: Home, servers: Path) -> None:
    make_keys(home, servers)
    product, server = contents(home.folder), contents(servers)
    assert server["rabbitmq.conf"].split() == [
        "default_user", "=", "sconnect", "default_pass", "=", urlsplit(product["amqp-url"]).password,
    ]  # fmt: skip
    assert product["pgpass"] == f"postgres:5432:*:sconnect:{server['postgres-password']}"
    assert server["postgres-password"].strip() not in server["rabbitmq.conf"]


def test_nothing_is_made_anew_at_a_later_start(home: Home, servers: Path) -> None:
    make_keys(home, servers)
    first = contents(home.folder), contents(servers)
    make_keys(Home(home.folder), servers)
    assert (contents(home.folder), contents(servers)) == first


def test_only_the_product_reads_its_keys_and_the_servers_read_their_passwords(
    home: Home, servers: Path
) -> None:
    make_keys(home, servers)
    assert {S_IMODE(file.stat().st_mode) for file in home.folder.iterdir()} == {0o600}
    assert all(S_IMODE(file.stat().st_mode) & 0o044 for file in servers.iterdir())
    assert contents(servers).keys() == {"rabbitmq.conf", "postgres-password"}
