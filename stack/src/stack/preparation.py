"""What every step of the preparation shares. Standard library only, as nothing is installed yet."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from stack.terminal import say


class CannotPrepare(Exception):
    """Something is missing that may not be installed from here; the text is one sentence for the person."""


def run_or_refuse(command: Sequence[str], *, refusal: str) -> None:
    """Run a command; when it does not succeed, show what it wrote and raise CannotPrepare(refusal)."""
    done = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        say(done.stdout)
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
