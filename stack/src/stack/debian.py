"""Installs what is missing from Debian's archive, when we may. Standard library only."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.preparation import CannotPrepare, run_or_refuse, succeeds
from stack.terminal import say

# Maintainer scripts ask this program before they start a service; its exit code 101 means: do not.
START_POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE_EVERY_START = "#!/bin/sh\nexit 101\n"


@dataclass(frozen=True)
class DebianPackage:
    """A package of which only the programs are wanted: its own services stay switched off.

    `program` is a pattern below the root of the file system, where Debian puts it.
    """

    name: str
    program: str
    units: tuple[str, ...] = ()

    def find(self) -> str | None:
        """Return where the program is, or None."""
        place = next(Path("/").glob(self.program), None)
        return str(place) if place else shutil.which(Path(self.program).name)

    def is_installed(self) -> bool:
        return self.find() is not None


RABBITMQ = DebianPackage(
    "rabbitmq-server",
    "usr/lib/rabbitmq/bin/rabbitmq-server",
    ("rabbitmq-server.service", "epmd.service", "epmd.socket"),
)
CHROMIUM = DebianPackage("chromium", "usr/bin/chromium")
POSTGRESQL = DebianPackage("postgresql", "usr/lib/postgresql/*/bin/postgres", ("postgresql.service",))


def ensure_installed(package: DebianPackage) -> None:
    """Install the package when its program is missing; CannotPrepare names the command when we may not."""
    if not package.is_installed():
        install(package.name)
        switch_off(package.units)


def install(name: str) -> None:
    """Install one package without starting any service; CannotPrepare when we may not or cannot."""
    by_hand = f"{name} is missing: run `sudo apt-get install {name}` and try again."
    administrator = administrator_prefix()
    if administrator is None or shutil.which("apt-get") is None:
        raise CannotPrepare(by_hand)
    say(f"Installing Debian's {name}; this happens once.")
    quietly = [*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    with services_kept_still(administrator):
        run_or_refuse([*quietly, "update"], refusal=by_hand)
        run_or_refuse([*quietly, "install", "--yes", "--no-install-recommends", name], refusal=by_hand)


def administrator_prefix() -> list[str] | None:
    """Return what to put before a command to run it as root; None when we may not."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if succeeds("sudo", "-n", "true") else None


@contextmanager
def services_kept_still(administrator: Sequence[str]) -> Iterator[None]:
    """Keep freshly installed services from starting; a policy that the machine has already is left alone."""
    if START_POLICY.exists():
        yield
        return
    refusal = f"{START_POLICY} cannot be written."
    with tempfile.NamedTemporaryFile("w") as policy:
        policy.write(REFUSE_EVERY_START)
        policy.flush()
        command = [*administrator, "install", "-m", "755", policy.name, str(START_POLICY)]
        run_or_refuse(command, refusal=refusal)
    try:
        yield
    finally:
        run_or_refuse([*administrator, "rm", "-f", str(START_POLICY)], refusal=refusal)


def switch_off(units: Sequence[str]) -> None:
    """Keep the machine's own services from starting at the next boot, under systemd and without it."""
    administrator = administrator_prefix()
    if administrator is None:
        return
    for unit in units:
        succeeds(*administrator, "systemctl", "disable", unit)
        succeeds(*administrator, "update-rc.d", unit.removesuffix(".service"), "disable")
