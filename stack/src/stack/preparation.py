"""What every step of the preparation shares. Standard library only, as nothing is installed yet."""

import subprocess
from collections.abc import Sequence
from pathlib import Path


class CannotPrepare(Exception):
    """Something is missing that may not be installed from here; the text is one sentence for the person."""


def run_or_refuse(command: Sequence[str], *, refusal: str) -> None:
    """Run a command with its output on the terminal; CannotPrepare(refusal) when it does not succeed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode:
        raise CannotPrepare(refusal)


def succeeds(*command: str | Path) -> bool:
    """Tell whether a command exists and succeeds; its output is not shown."""
    try:
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0
