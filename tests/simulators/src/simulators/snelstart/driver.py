"""Drives one administration of a running simulator: its control door, and its API as a connector does."""

from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx

from simulators.faults import CONTROL_PREFIX


class AdministrationDriver:
    """One administration; a control call that is refused raises httpx.HTTPStatusError.

    Closed as a context manager. The token is fetched at the first call and kept until `forget_token`.
    """

    def __init__(self, base_url: str, name: str = "tuin") -> None:
        self.name = name
        self.connection_key = f"koppelsleutel-of-{name}"
        self.subscription_key = "subscription-key-of-the-tests"
        self.client = httpx.Client(base_url=base_url)
        self._token: str | None = None
        self._ledger_ids: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def open(self, **settings: Any) -> None:
        """Make the administration anew."""
        keys = {"connection_key": self.connection_key, "subscription_key": self.subscription_key}
        self.control("PUT", f"/administrations/{self.name}", {**keys, **settings})
        self.forget_token()

    def change(self, **settings: Any) -> None:
        """Change settings; what is in the administration stays."""
        self.command("PATCH", "", settings)

    def command(self, method: str, path: str, body: Any = None) -> Any:
        """Make a control call about this administration; return its JSON, None when there is none."""
        response = self.control(method, f"/administrations/{self.name}{path}", body)
        return response.json() if response.content else None

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Make a call at the control door."""
        return self.client.request(method, f"{CONTROL_PREFIX}{path}", json=body).raise_for_status()

    def add_fault(self, kind: str, **fields: Any) -> int:
        """Let the next matching call fail; return the fault's id."""
        added: int = self.control("POST", "/faults", {"kind": kind, **fields}).json()["id"]
        return added

    def request_token(self, **form: str) -> httpx.Response:
        """Ask for a token; `form` overrules what is sent."""
        asked = {"grant_type": "clientkey", "clientkey": self.connection_key, **form}
        return self.client.post("/b2b/token", data=asked)

    def forget_token(self) -> None:
        self._token = None

    def headers(self) -> dict[str, str]:
        """Return the two headers that every call of the API carries."""
        if self._token is None:
            self._token = str(self.request_token().raise_for_status().json()["access_token"])
        return {"Authorization": f"Bearer {self._token}", "Ocp-Apim-Subscription-Key": self.subscription_key}

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Call the API below /v2; a dollar of a query option is added: `filter`, `top`, `skip`, `select`."""
        params = {f"${name}": value for name, value in query.items()}
        return self.client.request(
            method, f"/v2{path}", json=body, params=params or None, headers=self.headers()
        )

    def rows(self, path: str, **query: Any) -> Any:
        """GET, and return the JSON; raises httpx.HTTPStatusError when it is refused."""
        return self.call("GET", path, **query).raise_for_status().json()

    def ledger(self, number: int) -> dict[str, str]:
        """Return a reference to the ledger with this number."""
        if number not in self._ledger_ids:
            found = self.command("GET", "/ledgers")
            self._ledger_ids = {row["nummer"]: row["id"] for row in found}
        return {"id": self._ledger_ids[number]}

    def country(self, code: str) -> dict[str, str]:
        """Return a reference to the country with this code of two letters."""
        return next({"id": row["id"]} for row in self.rows("/landen") if row["landcode"] == code)

    def add_customer(self, **fields: Any) -> str:
        """Load a customer, rules unheeded; return the id."""
        customer = {"naam": "Jan Voorbeeld", "relatiesoort": ["Klant"], **fields}
        loaded: str = self.command("POST", "/relations", customer)["ids"][0]
        return loaded

    def line(self, number: int, amount: str, kind: str | None = None, **fields: Any) -> dict[str, Any]:
        """Return a booking line on the ledger with this number."""
        kinds = {} if kind is None else {"btwSoort": kind}
        return {"grootboek": self.ledger(number), "bedrag": amount, **kinds, **fields}

    def booking(
        self, customer_id: str, lines: list[dict[str, Any]], vat: dict[str, str], **fields: Any
    ) -> dict[str, Any]:
        """Return a sales booking whose total is the sum of its lines and VAT; `fields` overrule."""
        amounts = [*(line["bedrag"] for line in lines), *vat.values()]
        return {
            "factuurnummer": "1001",
            "factuurdatum": "2026-03-02",
            "klant": {"id": customer_id},
            "factuurbedrag": str(sum(map(Decimal, amounts), Decimal("0.00"))),
            "boekingsregels": lines,
            "btw": [{"btwSoort": kind, "btwBedrag": amount} for kind, amount in vat.items()],
            **fields,
        }

    def plain_booking(self, customer_id: str, number: str = "1001", **fields: Any) -> dict[str, Any]:
        """Return a booking of 100.00 and 21 % VAT."""
        lines = [self.line(8100, "100.00", "Hoog")]
        numbered = {"factuurnummer": number, **fields}
        return self.booking(customer_id, lines, {"VerkopenHoog": "21.00"}, **numbered)

    def post_booking(self, booking: dict[str, Any]) -> httpx.Response:
        return self.call("POST", "/verkoopboekingen", booking)
