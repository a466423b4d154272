"""Whatever a buyer typed, every recognition decides: a customer, a card or a reason, never an exception."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_resolver.domain.recognition import Recognition
from customer_resolver.domain.relations import RelationAddress
from customer_resolver_cases import World, address, order, relation
from factories import stored_profile
from sconnect.contracts import Buyer as WireBuyer
from sconnect.contracts import BuyerAddress, CustomerOrigin, SalesOrder
from sconnect.errors import RejectedError

ODD = (
    {"name": "", "company": None},
    {"name": "😀👨‍👩‍👧", "company": "🍞"},
    {"name": "V" * 300, "company": "Voorbeeld Houtbewerking " * 13},
    {"name": "\x00\x1f ,;--'\"", "company": "B.V."},
    {"name": "van der", "company": "& Zn."},
    {"postcode": "SW1A 1AA", "country_code": "GB"},
    {"postcode": "B-1000", "country_code": "BE", "house_number": "12 bus 3"},
    {"postcode": "1000-001", "country_code": "PT"},
    {"postcode": "", "street": "", "house_number": "", "city": "", "country_code": ""},
    {"postcode": "X" * 400, "street": "Straat 1 2 3 4", "house_number": "999999999999999999999"},
    {"phone": "bel maar niet", "vat_number": "NLNLNL", "bank_account": "geen"},
    {"phone": "+" * 500, "vat_number": "0" * 500, "bank_account": "NL" * 500},
    {"country_code": "⁂⁂"},
)
EMAILS = ("jan@example.nl", None, "jan@", "😀@example.nl", "jan@example.nl;x@example.nl")


def administration() -> World:
    """Two cards with one e-mail address, one with nothing on it, one with nonsense, a supplier."""
    world = World()
    for card in (
        relation(1, name="Jan Voorbeeld", emails=("jan@example.nl",)),
        relation(2, name="J. Voorbeeld", emails=("jan@example.nl",)),
        relation(3, name=""),
        relation(
            4,
            name="😀" * 25,
            emails=("😀@example.nl",),
            phones=("geen", "0" * 300),
            address=RelationAddress(street="1", postcode="???", country_code="NL"),
            vat_number="X",
            iban="Y",
        ),
    ):
        world.directory.add(card)
    return world


async def decided(world: World, sales_order: SalesOrder, way: str, **customers: Any) -> str:
    profile = stored_profile(customers={"recognition": way, **customers})
    try:
        return (await world.customer_of(sales_order, profile=profile)).origin.value
    except RejectedError as error:
        return error.reason.code.value


@pytest.mark.parametrize(
    ("way", "policy"), [*((way, "add_and_update") for way in Recognition), ("smart", "manual")]
)
async def test_every_odd_order_is_decided(way: str, policy: str) -> None:
    world = administration()
    for number, (odd, email) in enumerate((odd, email) for odd in ODD for email in EMAILS):
        sales_order = order(str(1000 + number), email=email, reference="0012", invoice=address(**odd))
        assert await decided(world, sales_order, way, policy=policy) != ""


TEXTS = st.none() | st.text(max_size=60)


@given(
    buyer=st.builds(
        WireBuyer,
        account_id=TEXTS,
        email=TEXTS,
        invoice=st.builds(BuyerAddress, **dict.fromkeys(BuyerAddress.model_fields, TEXTS)),
        delivery=st.none() | st.builds(BuyerAddress, **dict.fromkeys(BuyerAddress.model_fields, TEXTS)),
    ),
    way=st.sampled_from(list(Recognition)),
    reference=TEXTS,
)
@settings(max_examples=40, deadline=None)
def test_so_is_every_order_that_anybody_can_type(
    buyer: WireBuyer, way: Recognition, reference: str | None
) -> None:
    sales_order = order(reference=reference).model_copy(update={"buyer": buyer})
    assert asyncio.run(decided(administration(), sales_order, way, policy="add_and_update")) != ""


@pytest.mark.parametrize(
    "name",
    [
        {"company": "Voorbeeld Houtbewerking en Meubelmakerij Utrecht-Oost en Omstreken B.V."},
        {"company": "Voorbeeld Houtbewerking " * 13},
        {"name": "Wilhelmina Johanna Catharina Maria van der Oudenrijn-Zwanenburg"},
        {"name": "Maximiliaan " * 25},
        {"name": "Chloë 😀 d'Ångström"},
    ],
)
async def test_a_buyer_whose_name_was_cut_is_recognised_by_the_next_order(name: dict[str, str]) -> None:
    world = World()
    smart = stored_profile(customers={"recognition": "smart"})
    invoice = address(phone="0612345678", **name)
    first = await world.customer_of(order("1001", invoice=invoice), profile=smart)
    again = await world.customer_of(order("1002", invoice=invoice), profile=smart)
    assert (again.number, again.origin) == (first.number, CustomerOrigin.MATCHED)
