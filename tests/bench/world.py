"""Shops and their administrations for measuring: vendors without latency, only the product's own cost.

The product keeps to SnelStart's limits all the same (500 calls a minute, 5,000 an hour): what asks for more
than that of one administration measures the limit. More shops have more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.buyers import debtor
from bench.calls import Call, bookings_made, read_call
from console.command.product import Product
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
from stack.waiting import wait_until

FREE_LIMITS = {"per_minute": 10_000_000, "per_hour": 10_000_000, "concurrent": 1000}
# The product's own; what `e2e` shortens so that things heal in seconds is lost here when the machine is busy.
LEASES = {
    "SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS": "20",
    "SCONNECT_LEASE_SECONDS": "120",
    "BOOKING_WRITER_LEASE_MARGIN_SECONDS": "10",
    "CUSTOMER_RESOLVER_CLAIM_LEASE_MARGIN_SECONDS": "30",
    "POLLER_LEASE_SECONDS": "15",
}
# A twentieth of a soak of 100,000 orders, at less than two a second.
IMPORT_SECONDS = 3_600
LOOK_SECONDS = 1.0
# All bookings of a soak in one answer take the simulator a while.
CONTROL_SECONDS = 300.0


@dataclass
class BenchShop:
    """One shop, the administration of the same name, and the last number that was given to an order."""

    demo: DemoShop
    webshop: ShopDriver
    administration: AdministrationDriver
    profile: str
    profile_file: Path
    last_number: int = 0

    def place(self, buyers: Sequence[int], placed_on: date) -> None:
        first = self.last_number + 1
        self.last_number += len(buyers)
        orders = [order_of(self.demo.name, first + i, buyer, placed_on) for i, buyer in enumerate(buyers)]
        self.webshop.add(*orders)

    def bookings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.administration.command("GET", "/bookings")
        return found


class World:
    """The running product between its two vendors."""

    def __init__(self, product: ProductProcess, console: Product, shops: Sequence[BenchShop]) -> None:
        self._product = product
        self._console = console
        self.shops = shops

    def import_orders(self, buyers: Sequence[int], *, days_ago: int = 0) -> list[Call]:
        """Place an order of each of these buyers, import them, and return the calls to SnelStart.

        The orders are dealt out in turn to the shops, which import at once.
        """
        placed_on = datetime.now(SHOP_TIME_ZONE).date() - timedelta(days=days_ago)
        for position, shop in enumerate(self.shops):
            shop.place(buyers[position :: len(self.shops)], placed_on)
        control = self.shops[0].administration.control
        control("DELETE", "/calls")
        placed = sum(shop.last_number for shop in self.shops)
        runs = [self._console.post(f"/profiles/{shop.demo.name}/imports")["run_id"] for shop in self.shops]
        self._until(lambda: bookings_made(self.shops[0].administration) >= placed)
        for run_id in runs:
            self._until(partial(self._is_over, run_id))
        calls = [read_call(call) for call in control("GET", "/calls").json()]
        booked = sum(call.is_booking for call in calls)
        if booked != len(buyers):
            raise RuntimeError(f"{booked} of {len(buyers)} orders were booked: {self._product.output()}")
        return calls

    def seconds_to_the_books(self, buyer: int) -> float:
        """Place one order, import it, and tell how long after the shop's first answer it was booked."""
        webshop = self.shops[0].webshop
        webshop.control("DELETE", "/calls")
        (booking,) = (call for call in self.import_orders([buyer]) if call.is_booking)
        polled_at = min(read_call(call).at for call in webshop.calls())
        return (booking.at - polled_at).total_seconds()

    def switch(self, shop: BenchShop, *, enabled: bool) -> None:
        """Switch the shop's profile on or off."""
        apply(self._product, shop, enabled=enabled)

    def pids(self) -> dict[str, int]:
        """The services' processes, by name."""
        return {kind.name: self._product.processes()[kind.name]["pid"] for kind in SERVICES}

    def _until(self, condition: Callable[[], bool]) -> None:
        if not wait_until(condition, timeout_seconds=IMPORT_SECONDS, interval_seconds=LOOK_SECONDS):
            raise RuntimeError(f"the orders were not booked in time: {self._product.output()}")

    def _is_over(self, run_id: str) -> bool:
        run = self._console.get(f"/imports/{run_id}")
        if run["state"] == "failed":
            raise RuntimeError(f"the import of {run['profile']} failed: {run['failure']}")
        return bool(run["state"] != "running")


def order_of(shop: str, number: int, buyer: int, placed_on: date) -> dict[str, Any]:
    """A paid domestic order of this buyer."""
    day = placed_on.isoformat()
    order = plain_order(number, date=day, status_changed_date=day)
    return {**order, "debtor": debtor(shop, buyer, number)}


@contextmanager
def running_world(
    folder: Path, *, amqp_url: str | None = None, shops: int = 1, wait_time_scale: float = 0.05
) -> Iterator[World]:
    """Start simulators and product, with a profile for each shop; stop all of it afterwards.

    Without an address the product has a broker of its own. `wait_time_scale` is the part of its time that a
    message waits in a wait queue.
    """
    simulators = Supervisor(changed=lambda: None)
    plans = [simulator_plan(name, Home(folder), {"PATH": ""}) for name in ("webshop", "snelstart")]
    product = ProductProcess(
        "stack.run",
        folder / "home",
        SCONNECT_HOME=str(folder / "home"),
        SCONNECT_ALLOW_LOCAL_APIS="1",
        POLLER_SHOP_REQUESTS_PER_SECOND_MAX="50",
        SCONNECT_WAIT_TIME_SCALE=str(wait_time_scale),
        **LEASES,
        **({} if amqp_url is None else {"SCONNECT_AMQP_URL": amqp_url}),
    )
    webshop_url, snelstart_url = (plan.url for plan in plans)
    with ExitStack() as stack:
        stack.callback(lambda: simulators.stop(plan.name for plan in plans))
        for plan in plans:
            simulators.start(plan, interrupted=lambda: False)
        demos = [DemoShop(f"bench-{number}", 1) for number in range(1, shops + 1)]
        opened = [opened_shop(stack, demo, webshop_url, snelstart_url, folder) for demo in demos]
        stack.callback(product.end)
        product.start()
        if not product.says("The product runs."):
            raise RuntimeError(product.output())
        for shop in opened:
            apply(product, shop)
        token = SecretStr(product.home.token_file().read_text().strip())
        console = Product(product.processes()["console"]["url"], token, "en")
        stack.callback(console.close)
        yield World(product, console, opened)


def opened_shop(
    stack: ExitStack, demo: DemoShop, webshop_url: str, snelstart_url: str, folder: Path
) -> BenchShop:
    keys = demo.secrets()
    webshop = stack.enter_context(ShopDriver(webshop_url, demo.name, keys["DEMO_SHOP_TOKEN"]))
    administration = stack.enter_context(AdministrationDriver(snelstart_url, demo.name))
    administration.client.timeout = webshop.client.timeout = CONTROL_SECONDS
    administration.connection_key = keys["DEMO_CONNECTION_KEY"]
    administration.subscription_key = keys["DEMO_SUBSCRIPTION_KEY"]
    webshop.open()
    administration.open(limits=FREE_LIMITS, foreign_vat=True)
    profile = demo.profile(webshop_url=webshop_url, snelstart_url=snelstart_url)
    return BenchShop(demo, webshop, administration, profile, folder / f"{demo.name}.yaml")


def apply(product: ProductProcess, shop: BenchShop, *, enabled: bool = True) -> None:
    switched = shop.profile if enabled else shop.profile.replace("enabled: true", "enabled: false")
    shop.profile_file.write_text(switched)
    applied = product.sconnect("profile", "apply", str(shop.profile_file), environment=shop.demo.secrets())
    if applied.returncode:
        raise RuntimeError(applied.stderr or applied.stdout)
