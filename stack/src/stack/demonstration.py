"""What the demo shows: shops are opened, profiles applied, orders imported, and each one's fate told.

`python -m stack.demonstration` needs the running product and both simulators, here or in containers; it
speaks to the product through the `sconnect` command alone, as a person would.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sconnect.clock import SystemClock, dutch_date
from stack.demo_shops import DemoShop, SampleOrder, Simulators, demo_shops
from stack.settings import DemonstrationSettings
from stack.terminal import say

SETTLED = {"booked", "waiting", "skipped", "dead_lettered"}


class CommandFailed(Exception):
    """The `sconnect` command refused; it has said why itself."""


class Demonstration:
    """Carries the demo out, shop by shop."""

    def __init__(self, settings: DemonstrationSettings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self._command = Path(sys.executable).parent / "sconnect"

    def carry_out(self) -> bool:
        """Tell what became of every order; True when each one has an outcome."""
        today = dutch_date(SystemClock().now())
        simulators = Simulators(
            webshop_url=self._settings.webshop_url, snelstart_url=self._settings.snelstart_url
        )
        samples = {shop: simulators.open(shop, today) for shop in demo_shops()}
        for shop in samples:
            self._apply_profile(shop)
        for shop in samples:
            say(f"Importing the orders of {shop.name}.")
            timeout = str(self._settings.import_timeout_seconds)
            # Its own list of the orders is not shown: ours follows, with what each sample is about.
            self._sconnect(shop, "import", shop.name, "--wait", "--timeout", timeout, shown=False)
        complete = [self._tell(shop, orders) for shop, orders in samples.items()]
        return all(complete)

    def _apply_profile(self, shop: DemoShop) -> None:
        profile = shop.profile(
            webshop_url=self._settings.webshop_url, snelstart_url=self._settings.snelstart_url
        )
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{shop.name}.yaml"
            file.write_text(profile)
            self._sconnect(shop, "profile", "apply", str(file))

    def _tell(self, shop: DemoShop, samples: tuple[SampleOrder, ...]) -> bool:
        listed = self._sconnect(shop, "orders", "list", "--profile", shop.name, "--json", shown=False)
        orders = {order["order_number"]: order for order in json.loads(listed)}
        say(f"\n{shop.name}: what became of {len(samples)} orders")
        for sample in samples:
            say(f"  {sample.number:>6}  {sample.kind:34} {outcome(orders.get(sample.number))}")
        return all(is_settled(sample, orders.get(sample.number)) for sample in samples)

    def _sconnect(self, shop: DemoShop, *arguments: str, shown: bool = True) -> str:
        done = subprocess.run(  # noqa: S603 - our own command
            [self._command, *arguments],
            env={**self._environment, **shop.secrets()},
            stdin=subprocess.DEVNULL,
            stdout=None if shown else subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandFailed(f"`sconnect {' '.join(arguments)}` ended with exit code {done.returncode}.")
        return done.stdout or ""


def is_settled(sample: SampleOrder, order: Mapping[str, Any] | None) -> bool:
    """Tell whether an order has an outcome; a test order has one when the product never saw it."""
    if order is None:
        return not sample.number.isdecimal()
    return order["status"] in SETTLED


def outcome(order: Mapping[str, Any] | None) -> str:
    """Say in one line what became of an order, as `sconnect orders list --json` knows it."""
    if order is None:
        return "not imported: the shop keeps test orders to itself"
    if order["status"] == "booked":
        return f"booked as {order['invoice_number']}, € {order['total']}, customer {order['customer_number']}"
    status = order["status"].replace("_", "-")
    return f"{status}: {order['reason']}" if order["reason"] else status


def main() -> int:
    """Exit code 0 when every order has an outcome, 1 when not."""
    try:
        complete = Demonstration(DemonstrationSettings(), os.environ).carry_out()
    except CommandFailed as failure:
        say(str(failure))
        return 1
    if not complete:
        say("\nNot every order has an outcome yet.")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
