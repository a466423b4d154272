"""Random orders, booked through the adapter in the SnelStart simulator: not one booking is refused."""

import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from booking_outcomes import booking_of
from booking_writer.adapters.snelstart_bookkeeping import SnelstartBookkeeping
from booking_writer.domain.case import Case
from booking_writer.domain.rules import Administration
from order_noise import make_noisy_sale
from order_strategies import MARKETS, RandomPick, Sale, make_sale
from sconnect.clock import SystemClock
from sconnect.errors import SConnectError
from sconnect.snelstart import Credentials, SnelstartSession
from simulators.snelstart import create_app

BASE = "http://snelstart.test"
FIRST_SEED = int(os.environ.get("RANDOM_ORDERS_SEED", "1"))
UNLIMITED = {"per_minute": 10**9, "per_hour": 10**9, "concurrent": 10**6}
ADMINISTRATION = {
    "subscription_key": "subscription-key-of-the-tests",
    "connection_key": "koppelsleutel-of-the-tests",
    "foreign_vat": True,
    "limits": UNLIMITED,
    "fiscal_year": 2020,  # orders of 2018 too
}
CARDS = {
    "NL": None,
    "CH": None,
    "BE": None,
    "DE": None,
    "FR": None,
    "HU": None,
    "BE business": "BE0123456749",
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(lambda: datetime(2026, 3, 3, 9, tzinfo=UTC))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as opened:
        made = await opened.put("/_control/administrations/tuin", json=ADMINISTRATION)
        assert made.is_success, made.text
        yield opened


@pytest.fixture
def bookkeeping(client: httpx.AsyncClient) -> SnelstartBookkeeping:
    credentials = Credentials(
        token_url=f"{BASE}/b2b/token",
        api_url=f"{BASE}/v2",
        subscription_key=str(ADMINISTRATION["subscription_key"]),
        connection_key=str(ADMINISTRATION["connection_key"]),
    )
    session = SnelstartSession(client, SystemClock(), credentials, total_timeout_seconds=20)
    return SnelstartBookkeeping(session, SystemClock())


async def load_customers(client: httpx.AsyncClient, bookkeeping: SnelstartBookkeeping) -> dict[str, str]:
    """The relation id of a card in each country."""
    countries = {country.code: country.id for country in await bookkeeping._directory.countries()}
    ids = {}
    for name, vat_number in CARDS.items():
        card = {
            "naam": f"{name} Voorbeeld",
            "relatiesoort": ["Klant"],
            "vestigingsAdres": {"land": {"id": countries[name[:2]]}},
            **({"btwNummer": vat_number} if vat_number else {}),
        }
        loaded = await client.post("/_control/administrations/tuin/relations", json=card)
        assert loaded.is_success, loaded.text
        ids[name] = loaded.json()["ids"][0]
    return ids


def placed(sale: Sale, number: int, customers: dict[str, str], books: Administration) -> Case:
    """The sale with a number of its own, the card of its market, and the administration as it was read."""
    card = "BE business" if sale.market == "eu_business" else sale.case.customer.country_code
    return replace(
        sale.case,
        order=replace(sale.order, number=sale.order.number and str(number)),
        customer=replace(sale.case.customer, relation_id=customers[card or "NL"]),
        administration=books,
    )


async def count_refusals(
    client: httpx.AsyncClient, bookkeeping: SnelstartBookkeeping, orders_count: int
) -> tuple[Counter[str], Counter[str]]:
    """What became of the orders by kind of shop, and what SnelStart refused of them, by its reason."""
    books = await bookkeeping.administration()
    customers = await load_customers(client, bookkeeping)
    booked: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for count in range(orders_count):
        pick = RandomPick(FIRST_SEED + count)
        made = make_noisy_sale(pick) if count % 2 else make_sale(pick)
        booking = booking_of(placed(made, count, customers, books))
        if booking is None:
            booked["waits or is skipped"] += 1
            continue
        booked[made.market] += 1
        try:
            await bookkeeping.post_booking(booking)
        except SConnectError as refusal:
            refused[f"{made.market}, seed {FIRST_SEED + count}: {refusal}"] += 1
    return booked, refused


@pytest.mark.parametrize(
    "orders_count",
    [2_000, pytest.param(100_000, marks=pytest.mark.long)],
)
async def test_snelstart_refuses_no_composed_booking(
    client: httpx.AsyncClient,
    bookkeeping: SnelstartBookkeeping,
    orders_count: int,
    request: pytest.FixtureRequest,
) -> None:
    booked, refused = await count_refusals(client, bookkeeping, orders_count)
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(booked.items()))
    request.config.get_terminal_writer().line(
        f"\n{orders_count} random orders ({outcomes}): {refused.total()} refused by SnelStart"
    )

    assert refused == Counter()
    assert booked.keys() >= MARKETS.keys()
