"""What a test does on a machine that lacks a server."""

import os
from collections.abc import Callable

import pytest

from sconnect.errors import StartupError


def require_installed(find_binary: Callable[[str], object], name: str) -> None:
    """Skip the test when the server is not installed; fail it where CI=true, which must have everything."""
    try:
        find_binary(name)
    except StartupError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
