"""Drives a running VIES simulator through its control door."""

from types import TracebackType
from typing import Any, Self

import httpx

from simulators.faults import CONTROL_PREFIX


class ViesDriver:
    """A control call that is refused raises httpx.HTTPStatusError. Closed as a context manager."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client = httpx.Client(base_url=base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def register(self, *numbers: str) -> None:
        """These numbers, with their country's letters, are the registered ones."""
        self.control("PUT", "/numbers", list(numbers))

    def country_answers(self, country: str, error: str | None) -> None:
        """The member state's own system gives this error; None: it is there again."""
        self.control("PUT", f"/countries/{country}", {"error": error})

    def set_options(self, **options: Any) -> None:
        self.control("PATCH", "/options", options)

    def add_fault(self, kind: str, **fields: Any) -> None:
        """Let the next matching call fail."""
        self.control("POST", "/faults", {"kind": kind, **fields})

    def calls(self) -> list[dict[str, Any]]:
        """Return the log of calls."""
        logged: list[dict[str, Any]] = self.control("GET", "/calls").json()
        return logged

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.client.request(method, f"{CONTROL_PREFIX}{path}", json=body).raise_for_status()
