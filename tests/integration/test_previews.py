"""Previews through all services on a real RabbitMQ: exact, in time, and without a trace."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import pytest_asyncio

from preview_world import NAME, Product, Vendors, product, vendors
from sconnect.messaging.topology import queues
from servers.containers import ContainerBroker
from simulators.webshop.samples import plain_order
from stack.broker import PrivateBroker

TODAY = "2026-03-10"
OSS = {"SR": 8177, "RRL": 8179}
LEDGERS = {
    "revenue": {"nl_other": 8120, "eu_business": 8170, "export": 8160, "oss": OSS},
    "shipping": {"eu_business": 8307, "export": 8306, "oss": {"SR": 8187, "RRL": 8189}},
    "gift_cards": 1760,
    "deposits": 1765,
}
BOOKINGS = {"ledgers": LEDGERS, "gift_card_skus": ["GIFT"], "deposit_skus": ["STATIE"]}
SAME_ADDRESS = "chloe@example.nl"


pytestmark = pytest.mark.asyncio(loop_scope="module")

Shared = tuple[Product, dict[str, str]]


@pytest.fixture
def world() -> Iterator[Vendors]:
    """Two customers share the address of the buyer with the unusual name, and one is known."""
    with vendors() as world:
        add_customers(world)
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(
    tmp_path_factory: pytest.TempPathFactory, rabbitmq_node: ContainerBroker | PrivateBroker
) -> AsyncIterator[Product]:
    """The whole product, for the tests that leave it as it was but for the profile and the faults."""
    with vendors() as world:
        add_customers(world)
        home = tmp_path_factory.mktemp("product")
        async with product(home, rabbitmq_node.add_vhost("previews"), world) as run:
            yield run
    rabbitmq_node.delete_vhost("previews")


@pytest_asyncio.fixture(loop_scope="module")
async def shared(everything: Product) -> Shared:
    """The product with its profile, switched off, and the numbers of the shop's orders by kind."""
    everything.vendors.shop.control("DELETE", "/faults")
    everything.vendors.administration.control("DELETE", "/faults")
    await everything.save_profile(bookings=BOOKINGS)
    return everything, by_kind(everything.vendors)


def add_customers(world: Vendors) -> None:
    world.administration.open(foreign_vat=True)
    for name in ("Chloë Voorbeeld", "Gezin Voorbeeld"):
        world.administration.add_customer(naam=name, email=SAME_ADDRESS)
    world.administration.add_customer(naam="Noor van Voorbeeld", email="noor@example.nl")


def by_kind(world: Vendors) -> dict[str, str]:
    """The number of each kind of sample order."""
    return {sample["kind"]: str(sample["number"]) for sample in world.shop.add_samples(TODAY)}


def outcomes(preview: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {order["order_number"]: (order["outcome"], order["reason_code"]) for order in preview["orders"]}


async def test_every_kind_of_order_is_foreseen_as_it_is_then_imported_and_nothing_changes_before(
    tmp_path: Path, rabbitmq_vhost_url: str, world: Vendors
) -> None:
    numbers = by_kind(world)
    async with product(tmp_path, rabbitmq_vhost_url, world) as run:
        await run.save_profile(bookings=BOOKINGS)
        untouched = run.tables()
        preview = await run.preview(last=100)
        assert run.tables() == untouched
        assert world.writes() == []
        await no_copies_are_left(rabbitmq_vhost_url)

        foreseen = {order["order_number"]: order for order in preview["orders"]}
        assert preview["state"] == "finished"
        assert len(foreseen) == preview["orders_found"] == len(numbers) - 1  # the shop lists no test orders
        told = outcomes(preview)
        assert told[numbers["plain_two_rates"]] == ("booked", None)
        assert told[numbers["unusual_text"]] == ("dead_lettered", "AMBIGUOUS_CUSTOMER")
        assert told[numbers["domestic_zero_rate_mixed"]] == ("dead_lettered", "ZERO_RATE_UNMAPPED")
        assert told[numbers["oss_belgium_6_and_21"]] == ("booked", None)
        assert told[numbers["zero_total"]] == ("skipped", "ZERO_TOTAL")
        assert told[numbers["unpaid_bank_transfer"]] == ("waiting", "STATUS_NOT_YET")

        await run.save_profile(bookings=BOOKINGS, enabled=True)
        await run.poll()
        imported = await run.until_at_rest(len(foreseen))
        assert {number: order["outcome"] for number, order in foreseen.items()} == {
            number: order["status"] for number, order in imported.items()
        }
        for number, order in imported.items():
            assert foreseen[number]["reason_code"] == order["reason_code"], number
            if order["status"] == "booked":
                trail = (await run.client.get(f"/api/profiles/{NAME}/orders/{number}")).json()
                assert booking_of(foreseen[number]["booking"]) == booking_of(trail["booking"]), number
                # A card that the preview would have made serves later orders of its buyer too.
                known = foreseen[number]["customer"]["number"]
                assert known in {None, trail["customer"]["number"]}, number

        again = await run.preview(order=numbers["plain_two_rates"])
        assert outcomes(again) == {numbers["plain_two_rates"]: ("already_booked", None)}


def booking_of(booking: dict[str, Any]) -> tuple[Any, ...]:
    lines = [
        (line["ledger_number"], line["amount"], line["vat_rate_band"], line["description"])
        for line in booking["lines"]
    ]
    rows = [(row["category"], row["amount"]) for row in booking["vat_rows"]]
    return booking["invoice_number"], booking["invoice_date"], booking["total"], lines, rows


async def no_copies_are_left(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        counts = {}
        for queue in queues():
            declared = await channel.declare_queue(queue.name, passive=True)
            counts[queue.name] = declared.declaration_result.message_count
    assert {name for name, count in counts.items() if count} == set()


async def test_the_lines_carry_the_names_of_their_ledgers_and_the_card_that_would_be_made(
    shared: Shared,
) -> None:
    run, numbers = shared
    (order,) = (await run.preview(order=numbers["plain_high_rate"]))["orders"]
    ledgers = run.vendors.administration.command("GET", "/ledgers")
    names = {row["nummer"]: row["omschrijving"] for row in ledgers}
    lines = order["booking"]["lines"]
    assert lines
    assert all(line["ledger_name"] == names[line["ledger_number"]] for line in lines)
    assert order["customer"]["number"] is None
    assert order["customer"]["new_card"]["email"].endswith("@example.nl")
    assert order["received"]["number"] == numbers["plain_high_rate"]


async def test_a_held_back_order_shows_what_becomes_of_it_afterwards(shared: Shared) -> None:
    run, numbers = shared
    (order,) = (await run.preview(order=numbers["unpaid_bank_transfer"]))["orders"]
    assert (order["outcome"], order["afterwards"]["outcome"]) == ("waiting", "booked")
    assert "status" in order["reason"]
    assert order["booking"]["total"]


async def test_proposed_ledgers_are_tried_and_the_profile_s_own_stay(shared: Shared) -> None:
    run, numbers = shared
    number = numbers["plain_high_rate"]
    (own,) = (await run.preview(order=number))["orders"]
    proposal = {"revenue": {"nl_high": 8100}}
    (tried,) = (await run.preview(order=number, ledgers=proposal))["orders"]
    assert own["outcome"] == "booked"
    assert (tried["outcome"], tried["reason_code"]) == ("dead_lettered", "LEDGER_UNMAPPED")
    assert tried["customer"] == own["customer"]
    assert (await run.preview(order=number))["orders"] == [own]


async def test_an_order_that_the_shop_does_not_have_and_days_without_orders(shared: Shared) -> None:
    run, _ = shared
    (missing,) = (await run.preview(order="987654"))["orders"]
    assert missing["outcome"] == "not_found"
    assert "987654" in missing["reason"]
    empty = await run.preview(**{"from": "2020-01-01", "to": "2020-01-31"})
    assert (empty["state"], empty["orders_found"], empty["orders"]) == ("finished", 0, [])


async def test_too_many_orders_are_refused_with_the_number_that_is_allowed(shared: Shared) -> None:
    run, _ = shared
    run.vendors.shop.add(*(plain_order(number, date="2031-01-01") for number in range(9001, 9102)))
    refused = await run.preview(**{"from": "2031-01-01", "to": "2031-01-01"})
    assert (refused["state"], refused["failure_code"]) == ("failed", "TOO_MANY_ORDERS")
    assert refused["orders"] == []
    assert "100" in refused["failure"]


async def test_a_shop_that_is_away_is_told_at_once_and_is_no_empty_shop(shared: Shared) -> None:
    run, numbers = shared
    run.vendors.shop.add_fault("status", path="/v1/orders", status=503, times=0)
    preview = await run.preview(order=numbers["plain_high_rate"])
    assert (preview["state"], preview["failure_code"]) == ("failed", "UPSTREAM_UNAVAILABLE")
    assert preview["failure"].startswith("Not possible right now")


async def test_an_administration_that_is_away_is_told_at_once(shared: Shared) -> None:
    run, numbers = shared
    await run.save_profile(bookings=BOOKINGS)  # so that nobody remembers which administration it is
    run.vendors.administration.add_fault("status", path="/v2/companyInfo", status=503, times=0)
    (order,) = (await run.preview(order=numbers["plain_high_rate"]))["orders"]
    assert (order["outcome"], order["reason_code"]) == ("not_previewed", "UPSTREAM_UNAVAILABLE")
    assert order["reason"].startswith("Not possible right now")


async def test_a_refused_key_is_told_and_pauses_nothing(shared: Shared) -> None:
    run, _ = shared
    await run.save_profile(bookings=BOOKINGS, shop={"token": "another-token"})
    untouched = run.tables()
    preview = await run.preview(last=3)
    assert (preview["state"], preview["failure_code"]) == ("failed", "PROFILE_PAUSED")
    assert "shop.token" in preview["failure"]
    assert run.tables() == untouched


@pytest.mark.parametrize(("stage", "seconds"), [("poller", 3), ("booking_writer", 10)])
async def test_a_service_that_is_down_is_named_in_time(
    tmp_path: Path, rabbitmq_vhost_url: str, world: Vendors, stage: str, seconds: int
) -> None:
    world.shop.add_samples(TODAY, kinds=["plain_high_rate"])
    async with product(tmp_path, rabbitmq_vhost_url, world, down=(stage,), answer_seconds_max=seconds) as run:
        await run.save_profile(bookings=BOOKINGS)
        preview = await run.preview(order="1001")
    sentences = [preview["failure"], *(order["reason"] for order in preview["orders"])]
    assert any(sentence and f"({stage.replace('_', '-')})" in sentence for sentence in sentences)
    assert all(order["outcome"] == "not_previewed" for order in preview["orders"])
