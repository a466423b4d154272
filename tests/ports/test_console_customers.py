"""One suite for the customers that a person names by number: SnelStart's own, and in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from console.ports import Bookkeeping, KnownCustomer
from console_vendors import both_vendors
from console_world import some_bookkeeping, vendors
from factories import profile
from sconnect.errors import MisconfiguredError
from sconnect.profiles import Profile, read_profile
from simulators.snelstart.driver import AdministrationDriver

SANNE = KnownCustomer(
    number=10412,
    name="Sanne Voorbeeld",
    street="Kerkstraat 12",
    city="1234AB Teststad",
    email="sanne.voorbeeld@example.nl",
    bookable=True,
)
NO_LONGER = KnownCustomer(number=10413, name="Jan de Proef", street="", city="", email="", bookable=False)
SUPPLIER = KnownCustomer(number=10414, name="Voorbeeld Papier", street="", city="", email="", bookable=False)


@dataclass(frozen=True)
class World:
    books: Bookkeeping
    profile: Profile


def fill(administration: AdministrationDriver) -> None:
    country = administration.rows("/landen")[0]["id"]
    address = {"straat": SANNE.street, "postcode": "1234AB", "plaats": "Teststad", "land": {"id": country}}
    administration.add_customer(
        relatiecode=SANNE.number, naam=SANNE.name, email=SANNE.email, vestigingsAdres=address
    )
    administration.add_customer(relatiecode=NO_LONGER.number, naam=NO_LONGER.name, nonactief=True)
    administration.add_customer(relatiecode=SUPPLIER.number, naam=SUPPLIER.name, relatiesoort=["Leverancier"])


@pytest_asyncio.fixture(params=["memory", "snelstart"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        fake = some_bookkeeping()
        fake.customers = {each.number: each for each in (SANNE, NO_LONGER, SUPPLIER)}
        yield World(fake, profile())
        return
    with both_vendors() as both:
        fill(both.administration)
        async with vendors() as (_, bookkeeping):
            yield World(bookkeeping, read_profile(both.document(), {}, allow_local_apis=True))


async def test_a_number_tells_whose_card_it_is(world: World) -> None:
    assert await world.books.customer(world.profile, SANNE.number) == SANNE


async def test_nobody_has_a_number_that_was_never_given(world: World) -> None:
    assert await world.books.customer(world.profile, 99_999) is None


@pytest.mark.parametrize("card", [NO_LONGER, SUPPLIER])
async def test_no_order_is_booked_on_a_card_out_of_use_or_of_a_supplier(
    world: World, card: KnownCustomer
) -> None:
    assert await world.books.customer(world.profile, card.number) == card


async def test_a_wrong_key_is_said_and_is_not_nobody() -> None:
    with both_vendors() as both:
        document = both.document()
        document["bookkeeping"]["connection_key"] = "a-key-that-opens-nothing"
        async with vendors() as (_, bookkeeping):
            with pytest.raises(MisconfiguredError):
                await bookkeeping.customer(read_profile(document, {}, allow_local_apis=True), SANNE.number)
