"""How the command finds the console, and the token that it needs."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from console.adapters.way_in import console_token, write_address
from console.command.settings import CommandSettings
from console.settings import ConsoleSettings
from sconnect.errors import StartupError


@pytest.fixture(autouse=True)
def _no_way_in_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SCONNECT_HOME",
        "SCONNECT_URL",
        "SCONNECT_TOKEN",
        "SCONNECT_TOKEN_FILE",
        "CONSOLE_TOKEN_FILE",
    ):
        monkeypatch.delenv(name, raising=False)


def settings(monkeypatch: pytest.MonkeyPatch, **environment: object) -> ConsoleSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    urls: dict[str, Any] = dict.fromkeys(
        ("poller_url", "customer_resolver_url", "booking_writer_url"), "http://127.0.0.1:1"
    )
    return ConsoleSettings(database_url=SecretStr("x"), health_port=8080, **urls)


def test_a_token_is_made_once_for_its_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    own = settings(monkeypatch, SCONNECT_HOME=home)

    first = console_token(own).get_secret_value()

    assert len(first) >= 32
    assert stat.S_IMODE((home / "token").stat().st_mode) == 0o600
    assert console_token(own).get_secret_value() == first
    assert CommandSettings().console_token().get_secret_value() == first


def test_a_token_given_outranks_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    file.write_text("from-the-file\n")

    by_file = settings(monkeypatch, SCONNECT_HOME=tmp_path, CONSOLE_TOKEN_FILE=file)
    assert console_token(by_file).get_secret_value() == "from-the-file"
    assert CommandSettings().console_token().get_secret_value() == "from-the-file"

    by_value = settings(monkeypatch, SCONNECT_TOKEN="from-the-environment")
    assert console_token(by_value).get_secret_value() == "from-the-environment"
    assert CommandSettings().console_token().get_secret_value() == "from-the-environment"


def test_without_a_usable_token_the_console_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(StartupError, match="There is no token"):
        console_token(settings(monkeypatch))

    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(StartupError, match="is empty"):
        console_token(settings(monkeypatch, CONSOLE_TOKEN_FILE=empty))
    with pytest.raises(StartupError, match="cannot be read or made"):
        console_token(settings(monkeypatch, CONSOLE_TOKEN_FILE=empty / "below-a-file"))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::1", "http://[::1]:8080"),
    ],
)
def test_the_address_is_written_for_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, url: str
) -> None:
    write_address(settings(monkeypatch, SCONNECT_HOME=tmp_path, CONSOLE_HEALTH_HOST=host))

    assert json.loads((tmp_path / "console.json").read_text()) == {"url": url}
    assert CommandSettings().console_url() == url


def test_a_home_that_cannot_be_written_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_folder = tmp_path / "a-file"
    no_folder.touch()

    write_address(settings(monkeypatch, SCONNECT_HOME=no_folder))
    write_address(settings(monkeypatch, SCONNECT_HOME=""))

    assert [file.name for file in tmp_path.iterdir()] == ["a-file"]
