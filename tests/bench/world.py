"""One shop and one administration for measuring: no limits, no latency, only the product's own cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.calls import Call, read_call
from e2e.product_process import ProductProcess
from sconnect.clock import SHOP_TIME_ZONE
from simulators.snelstart.driver import AdministrationDriver
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import plain_order
from stack.demo import simulator_plan
from stack.demo_shops import DemoShop
from stack.home import Home
from stack.services import SERVICES
from stack.supervisor import Supervisor

SHOP = DemoShop("bench", 1)
FREE_LIMITS = {"per_minute": 10_000_000, "per_hour": 10_000_000, "concurrent": 1000}
# A twentieth of a soak of 100,000 orders, at less than two a second.
IMPORT_SECONDS = 3_600


class World:
    """The running product between its two vendors."""

    def __init__(
        self, product: ProductProcess, shop: ShopDriver, administration: AdministrationDriver
    ) -> None:
        self._product = product
        self._shop = shop
        self.administration = administration
        self._last_number = 0

    def import_orders(self, count: int, *, buyers: list[str]) -> list[Call]:
        """Place orders of these buyers in turn, import them, and return the calls to SnelStart."""
        first = self._last_number + 1
        self._last_number += count
        self._shop.add(*(order_of(first + i, buyers[i % len(buyers)]) for i in range(count)))
        self.administration.control("DELETE", "/calls")
        command = ("import", SHOP.name, "--wait", "--timeout", str(IMPORT_SECONDS))
        done = self._product.sconnect(*command, seconds_max=IMPORT_SECONDS + 60)
        if done.returncode:
            raise RuntimeError(f"the import failed: {done.stderr or done.stdout}")
        calls = [read_call(call) for call in self.administration.control("GET", "/calls").json()]
        booked = sum(call.is_booking for call in calls)
        if booked != count:
            raise RuntimeError(f"{booked} of {count} orders were booked: {done.stdout}")
        return calls

    def seconds_to_the_books(self, buyer: str) -> float:
        """Place one order, import it, and tell how long after the shop's first answer it was booked."""
        self._shop.control("DELETE", "/calls")
        (booking,) = (call for call in self.import_orders(1, buyers=[buyer]) if call.is_booking)
        polled_at = min(read_call(call).at for call in self._shop.calls())
        return (booking.at - polled_at).total_seconds()

    def pids(self) -> dict[str, int]:
        """The services' processes, by name."""
        return {kind.name: self._product.processes()[kind.name]["pid"] for kind in SERVICES}


def order_of(number: int, email: str) -> dict[str, Any]:
    """A paid domestic order of today, whose buyer is known by this address."""
    today = datetime.now(SHOP_TIME_ZONE).date().isoformat()
    order = plain_order(number, date=today, status_changed_date=today)
    return {**order, "debtor": {**order["debtor"], "email": email}}


@contextmanager
def running_world(folder: Path, *, amqp_url: str | None = None) -> Iterator[World]:
    """Start simulators and product, with the profile applied; stop all of it afterwards.

    Without an address the product has a broker of its own.
    """
    simulators = Supervisor(changed=lambda: None)
    plans = [simulator_plan(name, Home(folder), {"PATH": ""}) for name in ("webshop", "snelstart")]
    product = ProductProcess(
        "stack.run",
        folder / "home",
        SCONNECT_HOME=str(folder / "home"),
        SCONNECT_ALLOW_LOCAL_APIS="1",
        POLLER_SHOP_REQUESTS_PER_SECOND_MAX="50",
        **SHOP.secrets(),
        **({} if amqp_url is None else {"SCONNECT_AMQP_URL": amqp_url}),
    )
    webshop_url, snelstart_url = (plan.url for plan in plans)
    try:
        for plan in plans:
            simulators.start(plan, interrupted=lambda: False)
        with (
            ShopDriver(webshop_url, SHOP.name, SHOP.secrets()["DEMO_SHOP_TOKEN"]) as shop,
            AdministrationDriver(snelstart_url, SHOP.name) as administration,
        ):
            shop.open()
            administration.connection_key = SHOP.secrets()["DEMO_CONNECTION_KEY"]
            administration.subscription_key = SHOP.secrets()["DEMO_SUBSCRIPTION_KEY"]
            administration.open(limits=FREE_LIMITS)
            product.start()
            if not product.says("The product runs."):
                raise RuntimeError(product.output())
            profile = folder / "bench.yaml"
            profile.write_text(SHOP.profile(webshop_url=webshop_url, snelstart_url=snelstart_url))
            applied = product.sconnect("profile", "apply", str(profile))
            if applied.returncode:
                raise RuntimeError(applied.stderr or applied.stdout)
            yield World(product, shop, administration)
    finally:
        product.end()
        simulators.stop(plan.name for plan in plans)
