"""Prepares a bare machine: virtual environment, hashed requirements, local packages, Debian's servers.

Runs under the system's own Python before anything is installed, so it needs the standard library only.
What is done leaves a stamp: a second run finds it and needs no network.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.debian import CHROMIUM, POSTGRESQL, RABBITMQ, ensure_installed, install
from stack.preparation import CannotPrepare, run_or_refuse, succeeds
from stack.terminal import say

ROOT = Path(__file__).resolve().parents[3]
OLDEST_PYTHON = (3, 11)
LOCAL_PACKAGES = (
    "shared",
    "services/poller",
    "services/customer-resolver",
    "services/booking-writer",
    "services/console",
    "stack",
    "tests/simulators",
)


class Environment:
    """The virtual environment of a checkout; `level` is `runtime`, or `dev` for what testing needs too."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / ".venv"
        self._python = self._folder / "bin" / "python"

    def ensure(self, level: str) -> None:
        """Bring the environment up to date with the requirement files and the local packages."""
        with self._one_at_a_time():
            if not self._works():
                self._create()
            self._install_requirements(level)
            self._install_local_packages()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        folder = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _works(self) -> bool:
        return succeeds(self._python, "-c", f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})")

    def _create(self) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            # Debian keeps the virtual environments of its own Python in a package apart.
            install("python3-venv")
        say("Making the virtual environment .venv; this happens once.")
        run_or_refuse(
            [sys.executable, "-m", "venv", "--clear", str(self._folder)],
            refusal="The virtual environment could not be made; see above.",
        )

    def _install_requirements(self, level: str) -> None:
        # What testing needs includes what running needs.
        if any(self._stamp(kind).holds(self._requirements(kind)) for kind in {level, "dev"}):
            return
        say(f"Installing the {level} requirements; this happens once.")
        self._pip("--require-hashes", "-r", str(self._root / "requirements" / f"{level}.txt"))
        self._stamp(level).write(self._requirements(level))

    def _install_local_packages(self) -> None:
        stamp = self._stamp("local-packages")
        if stamp.holds(self._local_packages()):
            return
        say("Installing the packages of this repository.")
        by_path = [part for name in LOCAL_PACKAGES for part in ("-e", str(self._root / name))]
        # Without dependencies, isolation and index no package index ever sees the names of these packages.
        self._pip("--no-deps", "--no-build-isolation", "--no-index", *by_path)
        stamp.write(self._local_packages())

    def _pip(self, *arguments: str) -> None:
        pip = [str(self._python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        run_or_refuse([*pip, *arguments], refusal="pip could not install everything; see above.")

    def _stamp(self, kind: str) -> "Stamp":
        return Stamp(self._folder / f".installed-{kind}")

    def _requirements(self, level: str) -> bytes:
        files = [self._root / "requirements" / f"{kind}.txt" for kind in ("runtime", level)]
        return b"".join(file.read_bytes() for file in files)

    def _local_packages(self) -> bytes:
        """Return what an editable installation depends on: where the checkout is and how each is packed."""
        packed = [(self._root / name / "pyproject.toml").read_bytes() for name in LOCAL_PACKAGES]
        return b"".join([os.fsencode(self._root), *packed])


class Stamp:
    """A file that remembers for which content a step was done."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def holds(self, content: bytes) -> bool:
        return self._file.exists() and self._file.read_text() == hashlib.sha256(content).hexdigest()

    def write(self, content: bytes) -> None:
        self._file.write_text(hashlib.sha256(content).hexdigest())


def prepare(level: str, *, broker: bool) -> None:
    """Prepare everything for `level`; CannotPrepare when a person has to act first."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise CannotPrepare(
            f"Python {wanted} or newer is needed; name one with `make PYTHON=python{wanted}`."
        )
    Environment(ROOT).ensure(level)
    if broker:
        ensure_installed(RABBITMQ)
    if level == "dev":
        ensure_installed(POSTGRESQL)
        _ensure_browser()


def _ensure_browser() -> None:
    """Only the browser tests need it, and they skip without: whoever cannot install it goes on."""
    try:
        ensure_installed(CHROMIUM)
    except CannotPrepare as problem:
        say(f"{problem} The browser tests are skipped until then.")


def main() -> int:
    """`python3 -m stack.bootstrap runtime|dev`: exit code 1 with one sentence when it cannot prepare."""
    parser = argparse.ArgumentParser(prog="stack.bootstrap", description="Prepare this machine.")
    parser.add_argument("level", choices=["runtime", "dev"])
    level = parser.parse_args().level
    try:
        # Whoever names a broker of their own needs none here, except for the tests.
        prepare(level, broker=level == "dev" or not os.environ.get("SCONNECT_AMQP_URL"))
    except CannotPrepare as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
