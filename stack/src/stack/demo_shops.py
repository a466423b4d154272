"""The invented shops and administrations of the demo, as the simulators are told about them."""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from string import Template
from typing import Any

import httpx

CONTROL_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class KnownCustomer:
    name: str
    email: str


@dataclass(frozen=True)
class DemoShop:
    """A shop and the administration of the same name, with the customers that are known there already."""

    name: str
    first_order_number: int
    known_customers: tuple[KnownCustomer, ...] = ()

    def secrets(self) -> dict[str, str]:
        """The environment from which the profile takes its keys. The simulators keep nothing secret."""
        return {
            "DEMO_SHOP_TOKEN": f"token-of-{self.name}",
            "DEMO_SUBSCRIPTION_KEY": "subscription-key-of-the-demo",
            "DEMO_CONNECTION_KEY": f"connection-key-of-{self.name}",
        }

    def profile(self, *, webshop_url: str, snelstart_url: str) -> str:
        """The profile file, which names the keys by variable."""
        template = Template(files("stack").joinpath("demo-profile.yaml").read_text())
        return template.substitute(
            name=self.name,
            first_order_number=self.first_order_number,
            webshop_url=webshop_url,
            snelstart_url=snelstart_url,
        )


def demo_shops() -> tuple[DemoShop, ...]:
    """Two shops. In the first one's books Noor is known, and two customers share Chloë's address."""
    known = (
        KnownCustomer("Noor van Voorbeeld", "noor@example.nl"),
        KnownCustomer("Chloë Voorbeeld", "chloe@example.nl"),
        KnownCustomer("Gezin Voorbeeld", "chloe@example.nl"),
    )
    return (DemoShop("houten-speelgoed", 1001, known), DemoShop("kruidentuin", 5001))


@dataclass(frozen=True)
class SampleOrder:
    number: str
    kind: str


class Simulators:
    """The control doors of both simulators."""

    def __init__(self, *, webshop_url: str, snelstart_url: str) -> None:
        self._webshop_url = webshop_url
        self._snelstart_url = snelstart_url

    def open(self, shop: DemoShop, today: date) -> tuple[SampleOrder, ...]:
        """Open the shop with one order of every kind, and its administration; return the orders."""
        keys = shop.secrets()
        administration = f"/administrations/{shop.name}"
        with httpx.Client(timeout=CONTROL_TIMEOUT_SECONDS, trust_env=False) as client:
            self._tell(
                client,
                "PUT",
                self._snelstart_url,
                administration,
                {
                    "connection_key": keys["DEMO_CONNECTION_KEY"],
                    "subscription_key": keys["DEMO_SUBSCRIPTION_KEY"],
                    "foreign_vat": True,
                },
            )
            relations = [{"naam": known.name, "email": known.email} for known in shop.known_customers]
            self._tell(client, "POST", self._snelstart_url, f"{administration}/relations", relations)
            place = f"/shops/{shop.name}"
            self._tell(client, "PUT", self._webshop_url, place, {"token": keys["DEMO_SHOP_TOKEN"]})
            wanted = {"today": today.isoformat(), "first_number": shop.first_order_number}
            samples = self._tell(client, "POST", self._webshop_url, f"{place}/samples", wanted)
        return tuple(SampleOrder(sample["number"], sample["kind"]) for sample in samples)

    def _tell(self, client: httpx.Client, method: str, url: str, path: str, body: Any) -> Any:
        answer = client.request(method, f"{url}/_control{path}", json=body)
        return answer.raise_for_status().json()
