"""Drives one shop of a running simulator: its control door, and its API with the shop's token."""

from types import TracebackType
from typing import Any, Self

import httpx

from simulators.faults import CONTROL_PREFIX


class ShopDriver:
    """One shop; a control call that is refused raises httpx.HTTPStatusError. Closed as a context manager."""

    def __init__(self, base_url: str, name: str = "tuin", token: str = "token-of-tuin") -> None:
        self.name = name
        self.token = token
        self.client = httpx.Client(base_url=base_url)
        self._shop = f"/shops/{name}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def open(self, *, options: dict[str, Any] | None = None, **settings: Any) -> None:
        """Open the shop, or change its settings; its orders stay."""
        self.control("PUT", self._shop, {"token": self.token, "options": options or {}, **settings})

    def add(self, *orders: dict[str, Any]) -> None:
        """Store orders as they are."""
        self.control("POST", f"{self._shop}/orders", list(orders))

    def change(self, number: object, **fields: Any) -> dict[str, Any]:
        """Merge fields into an order; return the stored order."""
        changed: dict[str, Any] = self.control("PATCH", f"{self._shop}/orders/{number}", fields).json()
        return changed

    def remove(self, number: object) -> None:
        """Remove an order."""
        self.control("DELETE", f"{self._shop}/orders/{number}")

    def add_samples(self, today: str, *, first_number: int = 1001, kinds: list[str] | None = None) -> Any:
        """Store the sample orders; return the number and kind of each."""
        wanted = {"today": today, "first_number": first_number, "kinds": kinds}
        return self.control("POST", f"{self._shop}/samples", wanted).json()

    def add_fault(self, kind: str, **fields: Any) -> int:
        """Let the next matching call fail; return the fault's id."""
        added: int = self.control("POST", "/faults", {"kind": kind, **fields}).json()["id"]
        return added

    def calls(self) -> list[dict[str, Any]]:
        """Return the log of calls."""
        logged: list[dict[str, Any]] = self.control("GET", "/calls").json()
        return logged

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Make a call at the control door."""
        response = self.client.request(method, f"{CONTROL_PREFIX}{path}", json=body)
        return response.raise_for_status()

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Call the API with the shop's token; `query` may overrule it."""
        return self.client.get(path, params={"token": self.token, **query})

    def orders(self, **query: Any) -> list[dict[str, Any]]:
        """Return a page of orders."""
        page: list[dict[str, Any]] = self.get("/v1/orders", **query).raise_for_status().json()
        return page

    def numbers(self, **query: Any) -> list[str]:
        """Return the numbers of a page of orders."""
        return [order["number"] for order in self.orders(**query)]
