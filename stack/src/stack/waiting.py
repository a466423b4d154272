"""Waiting for something outside this process, never longer than stated."""

import http.client
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

CHECK_SECONDS = 2.0


def wait_until(
    condition: Callable[[], bool], *, timeout_seconds: float, interval_seconds: float = 0.05
) -> bool:
    """Ask again and again until the condition holds; tell whether it did within the time."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval_seconds)
    return True


def answers(url: str, *, instance: str | None = None) -> bool:
    """Tell whether an http address of this machine answers with success, and in this instance's name.

    Two products that start at once may have found the same free port: only one of them has it.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=CHECK_SECONDS)
    try:
        connection.request("GET", address.path or "/")
        response = connection.getresponse()
        if response.status >= http.HTTPStatus.MULTIPLE_CHOICES:
            return False
        return instance is None or json.loads(response.read()).get("instance") == instance
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return False
    finally:
        connection.close()
