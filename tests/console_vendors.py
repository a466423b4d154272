"""Both vendors' simulators beside a console that asks them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from console_world import World, running_console, vendors
from factories import merged, profile_document
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app as create_snelstart
from simulators.snelstart.driver import AdministrationDriver
from simulators.webshop import create_app as create_webshop
from simulators.webshop.driver import ShopDriver

NAME = "voorbeeldwinkel"


@dataclass(frozen=True)
class Vendors:
    """Both simulators, with one shop and one administration."""

    webshop_url: str
    snelstart_url: str
    shop: ShopDriver
    administration: AdministrationDriver

    def document(self, **changes: Any) -> dict[str, Any]:
        keys = {
            "shop": {"token": self.shop.token},
            "bookkeeping": {
                "subscription_key": self.administration.subscription_key,
                "connection_key": self.administration.connection_key,
            },
        }
        document = profile_document(webshop_url=self.webshop_url, snelstart_url=self.snelstart_url, **keys)
        return merged(document, changes)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (
            self.shop.token,
            self.administration.subscription_key,
            self.administration.connection_key,
        )


@contextmanager
def both_vendors() -> Iterator[Vendors]:
    with (
        running(create_webshop(system_clock)) as webshop_url,
        running(create_snelstart(system_clock)) as snelstart_url,
        ShopDriver(webshop_url) as shop,
        AdministrationDriver(snelstart_url) as administration,
    ):
        shop.open()
        administration.open()
        yield Vendors(webshop_url, snelstart_url, shop, administration)


@asynccontextmanager
async def console_with_vendors(database_url: str) -> AsyncIterator[World]:
    async with (
        vendors() as (shop, bookkeeping),
        running_console(database_url, shop=shop, bookkeeping=bookkeeping) as world,
    ):
        yield world


async def apply(world: World, document: dict[str, Any]) -> httpx.Response:
    return await world.client.post("/api/profiles", json=document, timeout=30)
