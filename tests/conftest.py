"""Fixtures that every kind of test may ask for; they live in `servers/`."""

import os
import signal

import pytest
from hypothesis import settings

# CI repeats the same examples, so that red means that the change broke something; new ones are looked for on
# laptops and in `make test-long`.
settings.register_profile("repeatable", derandomize=True, database=None)
if os.environ.get("CI") == "true":
    settings.load_profile("repeatable")

pytest_plugins = ("servers.rabbitmq", "servers.databases", "servers.browser")

_MARKER_OF_FIXTURE = {
    "rabbitmq_node": "rabbitmq",
    "own_rabbitmq_node": "rabbitmq",
    "postgres_server": "postgres",
    "chromium": "browser",
}


def pytest_configure() -> None:
    """Let a run that is told to stop take its fixtures down: they hold servers and whole products."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before -m picks by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, so that `-m "not rabbitmq and not postgres"` leaves it out."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARKER_OF_FIXTURE:
                item.add_marker(_MARKER_OF_FIXTURE[fixture])
