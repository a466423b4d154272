"""Installing from Debian's archive, with programs of our own in the place of apt-get, sudo and systemctl."""

from pathlib import Path

import pytest

from stack import debian
from stack.debian import RABBITMQ, DebianPackage, ensure_installed, install
from stack.preparation import CannotPrepare

MISSING = DebianPackage("rabbitmq-server", "nowhere/rabbitmq-server-of-no-machine", RABBITMQ.units)
TELL = 'echo "$(basename "$0") $*" >> "$(dirname "$0")/told"\n'
POLICY_IS_THERE = (
    'test -x "$(dirname "$0")/policy-rc.d" && echo "no service may start" >> "$(dirname "$0")/told"\n'
)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, but for the tools of every Unix."""
    for tool in ("sh", "env", "basename", "dirname", "install", "rm", "true", "test"):
        place = next(path for path in (Path("/usr/bin") / tool, Path("/bin") / tool) if path.exists())
        (tmp_path / tool).symlink_to(place)
    program(tmp_path, "sudo", 'shift\nexec "$@"\n')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(debian, "START_POLICY", tmp_path / "policy-rc.d")
    return tmp_path


def program(machine: Path, name: str, body: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{body}")
    (machine / name).chmod(0o755)


def told(machine: Path) -> list[str]:
    return (machine / "told").read_text().splitlines()


def test_a_missing_server_is_installed_and_never_started(machine: Path) -> None:
    program(machine, "apt-get", TELL + POLICY_IS_THERE)
    program(machine, "systemctl", TELL)
    ensure_installed(MISSING)
    assert told(machine) == [
        "apt-get -qq update",
        "no service may start",
        "apt-get -qq install --yes --no-install-recommends rabbitmq-server",
        "no service may start",
        *(f"systemctl disable {unit}" for unit in RABBITMQ.units),
    ]
    assert not (machine / "policy-rc.d").exists()


def test_a_policy_that_the_machine_has_already_stays_as_it_is(machine: Path) -> None:
    program(machine, "apt-get", TELL)
    program(machine, "policy-rc.d", "exit 104\n")
    install("rabbitmq-server")
    assert "exit 104" in (machine / "policy-rc.d").read_text()


def test_a_failed_installation_leaves_no_policy_and_names_the_command(machine: Path) -> None:
    program(machine, "apt-get", "exit 100\n")
    with pytest.raises(CannotPrepare, match=r"run `sudo apt-get install rabbitmq-server` and try again\.$"):
        install("rabbitmq-server")
    assert not (machine / "policy-rc.d").exists()


def test_a_machine_without_apt_is_told_what_to_do(machine: Path) -> None:
    with pytest.raises(CannotPrepare, match=r"^rabbitmq-server is missing: run `sudo apt-get install"):
        install("rabbitmq-server")


def test_what_is_there_is_left_alone(machine: Path) -> None:
    program(machine, "apt-get", TELL)
    program(machine, "rabbitmq-server-of-no-machine", "")
    ensure_installed(MISSING)
    assert not (machine / "told").exists()
