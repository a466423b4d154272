"""A preview tells which customer an order would get, and makes, claims and remembers nothing."""

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from customer_resolver.handlers.previewing import PreviewCustomer
from customer_resolver_cases import NOW, PROFILE, World, address, order, relation
from factories import stored_profile
from sconnect.contracts import (
    CreditedOrder,
    CustomerOrigin,
    Mode,
    PreviewCustomerFound,
    PreviewHeldBack,
    PreviewOrderRead,
    PreviewTicket,
    SalesOrder,
    WireReason,
)
from sconnect.contracts.build import new_message
from sconnect.errors import MisconfiguredError, ReasonCode, RejectedError
from sconnect.profiles import StoredProfile

HELD_BACK = PreviewHeldBack(outcome="waiting", reason=WireReason(code="STATUS_NOT_YET"))


async def preview(
    world: World, sales_order: SalesOrder, profile: StoredProfile | None = None
) -> PreviewCustomerFound:
    read = new_message(
        PreviewOrderRead,
        profile=PROFILE,
        occurred_at=NOW,
        correlation_id="preview-1",
        id_parts=("preview-1", sales_order.uuid),
        mode=Mode.PREVIEW,
        ticket=PreviewTicket(preview_id="preview-1", expires_at=NOW + timedelta(seconds=60)),
        order=sales_order,
        held_back=HELD_BACK,
    )
    work = PreviewCustomer(world.resolve, world.clock)
    (found,) = [message async for message in work(read, profile or stored_profile(enabled=False))]
    assert isinstance(found, PreviewCustomerFound)
    return found


def traces(world: World) -> Any:
    """All that a live order would leave behind, apart from the mirror."""
    kept = (vars(world.claims), vars(world.resolutions), world.directory.everything)
    return copy.deepcopy(kept, {id(world.clock): 0})


async def test_a_known_customer_is_named_with_what_agreed() -> None:
    world = World()
    world.directory.add(relation(7, name="Jan Voorbeeld", emails=("jan@example.nl",)))
    found = await preview(world, order())
    assert (found.customer.number, found.customer.origin) == (7, CustomerOrigin.MATCHED)
    assert (found.customer.name, found.customer.explanation) == (
        "Jan Voorbeeld",
        "email.equal,surname.equal,first_name.equal",
    )
    assert found.customer.new_card is None
    assert found.mode is Mode.PREVIEW
    assert (found.held_back, found.order) == (HELD_BACK, order())


async def test_for_a_new_buyer_the_card_is_shown_and_not_made() -> None:
    world = World()
    before = traces(world)
    found = await preview(world, order(invoice=address(phone="+31600000001", vat_number="NL123")))
    card = found.customer.new_card
    assert card is not None
    assert (card.name, card.email, card.street, card.city) == (
        "Jan Voorbeeld",
        "jan@example.nl",
        "Voorbeeldstraat 12",
        "Utrecht",
    )
    assert (found.customer.number, found.customer.relation_id) == (None, None)
    assert found.customer.country_code == "NL"
    assert found.customer.explanation == "new.email_unknown,without.vat_number"
    assert traces(world) == before


async def test_the_card_is_the_one_that_the_order_then_gets() -> None:
    world = World()
    foreseen = (await preview(world, order())).customer
    customer = await world.customer_of(order())
    (made,) = world.directory.everything
    assert (foreseen.name, foreseen.origin, foreseen.explanation) == (
        made.name,
        customer.origin,
        customer.explanation,
    )
    assert (foreseen.vat_number, foreseen.country_code) == (customer.vat_number, customer.country_code)


async def test_what_would_be_changed_on_the_card_is_foreseen_and_not_changed() -> None:
    world = World()
    profile = stored_profile(customers={"policy": "add_and_update"})
    world.directory.add(relation(7, name="Jan Voorbeeld", emails=("jan@example.nl",)))
    before = traces(world)
    placed = order(invoice=address(phone="+31612345678"))
    foreseen = (await preview(world, placed, profile)).customer.explanation.split(",")
    assert traces(world) == before
    changes = (await world.customer_of(placed, profile=profile)).changes
    assert changes
    assert [word for word in foreseen if word.startswith("would_update.")] == [
        f"would_update.{change.field}" for change in changes
    ]


async def test_what_a_person_would_have_to_decide_is_refused_as_it_would_be() -> None:
    world = World()
    for number in (7, 8):
        world.directory.add(relation(number, emails=("jan@example.nl",)))
    with pytest.raises(RejectedError) as refusal:
        await preview(world, order())
    assert refusal.value.reason.code is ReasonCode.AMBIGUOUS_CUSTOMER
    assert [each["customer_number"] for each in refusal.value.suggestions] == ["7", "8"]
    with pytest.raises(RejectedError):
        await preview(world, order(email=None))


async def test_a_missing_collective_debtor_is_told_as_the_profile_s_mistake() -> None:
    profile = stored_profile(customers={"collective_debtor": {"for": "always", "number": 99}})
    with pytest.raises(MisconfiguredError):
        await preview(World(), order(), profile)


async def test_a_credit_order_goes_to_the_customer_of_its_original() -> None:
    world = World()
    world.directory.add(relation(7, emails=("jan@example.nl",)))
    original = order("1001")
    await world.customer_of(original)
    of_original = CreditedOrder(number="1001", uuid=original.uuid)
    credit = order("1002", email="anders@example.nl", credits=of_original)
    assert (await preview(world, credit)).customer.origin is CustomerOrigin.CREDITED_ORDER


async def test_many_new_buyers_cost_one_look_at_the_administration() -> None:
    world = World()
    await preview(world, order("1001"))
    calls = world.directory.calls.count("delta")
    for number in range(1002, 1012):
        await preview(world, order(str(number), email=f"koper{number}@example.nl"))
    assert world.directory.calls.count("delta") == calls
    world.clock.advance(timedelta(seconds=31))
    await preview(world, order("1020", email="nieuw@example.nl"))
    assert world.directory.calls.count("delta") == calls + 1


async def test_the_profile_s_policy_counts() -> None:
    profile = stored_profile(customers={"policy": "manual"})
    with pytest.raises(RejectedError) as refusal:
        await preview(World(), order(), replace(profile, version=9))
    assert refusal.value.reason.code is ReasonCode.MANUAL_POLICY
