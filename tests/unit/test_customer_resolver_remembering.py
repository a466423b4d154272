"""A decision of a person is used again for the buyer's next order, and dropped when it has become wrong."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from customer_resolver.domain.buyers import Address, Buyer, VatNumber
from customer_resolver.domain.memory import contradicts, memory_keys
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.domain.same import is_renamed
from customer_resolver.handlers.telling import ForgetLink, LinkTeller
from customer_resolver.ports import Forgotten
from customer_resolver_cases import NOW, PROFILE, World, address, decision, order, relation
from factories import stored_profile
from sconnect.contracts import (
    Buyer as WireBuyer,
)
from sconnect.contracts import (
    CustomerLinkForgotten,
    CustomerLinkRemembered,
    CustomerOrigin,
    ForgetLinkRequested,
    SalesOrder,
)
from sconnect.contracts.build import new_message
from sconnect.errors import RejectedError
from sconnect.messaging import Delivery
from sconnect.messaging.memory import RecordingPublisher

PETER = relation(
    10412,
    name="P. Jansen",
    emails=("peter@example.nl",),
    address=RelationAddress(street="Kade 1", postcode="1234AB", country_code="NL"),
)
SMART = stored_profile(customers={"recognition": "smart"})
USE_PETER = {"profile": SMART, "replay": 1, "amendment": decision("use_customer", "10412")}


@pytest.fixture
def world() -> World:
    world = World()
    world.directory.add(PETER)
    return world


def of_kim(number: str, **changes: Any) -> SalesOrder:
    """Kim shares Peter's door: smart recognition asks a person."""
    invoice = address(name="Kim Jansen", street="Kade", house_number="1", **changes.pop("invoice", {}))
    return order(number, **{"email": "kim@example.nl", "invoice": invoice, **changes})


async def reason_of(world: World, *arguments: Any, **fields: Any) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        await world.customer_of(*arguments, **fields)
    return caught.value


class TestUsedAgain:
    async def test_the_next_order_gets_the_same_customer(self, world: World) -> None:
        error = await reason_of(world, of_kim("1001"), profile=SMART)
        assert error.suggestions[0]["customer_number"] == "10412"
        assert (await world.customer_of(of_kim("1001"), **USE_PETER)).origin is CustomerOrigin.DECIDED
        again = await world.customer_of(of_kim("1002"), profile=SMART)
        assert (again.number, again.origin, again.explanation) == (
            10412,
            CustomerOrigin.REMEMBERED,
            "remembered",
        )

    async def test_it_costs_no_call(self, world: World) -> None:
        await world.customer_of(of_kim("1001"), **USE_PETER)
        world.directory.calls.clear()
        await world.customer_of(of_kim("1002"), profile=SMART)
        assert world.directory.calls == []

    @pytest.mark.parametrize("way", ["email", "customer_code", "customer_code_or_email_and_postcode"])
    async def test_whatever_the_profile_recognises_by(self, world: World, way: str) -> None:
        profile = stored_profile(customers={"recognition": way, "policy": "manual"})
        await world.customer_of(of_kim("1001"), **{**USE_PETER, "profile": profile})
        assert (await world.customer_of(of_kim("1002"), profile=profile)).number == 10412

    @pytest.mark.parametrize(
        ("changes", "is_known"),
        [
            ({"email": "KIM@example.nl ", "invoice": {"postcode": "9999ZZ"}}, True),
            ({"email": "kim.nieuw@example.nl"}, True),
            ({"email": None}, True),
            ({"email": "kim@example.nl", "invoice": {"name": "Bo de Wit", "postcode": "9999ZZ"}}, False),
        ],
    )
    async def test_by_name_with_email_or_by_name_with_door_but_not_by_email_alone(
        self, world: World, changes: dict[str, Any], is_known: bool
    ) -> None:
        profile = stored_profile(customers={"policy": "manual"})
        await world.customer_of(of_kim("1001"), **{**USE_PETER, "profile": profile})
        invoice = {**address(name="Kim Jansen", street="Kade", house_number="1").model_dump()}
        later = order("1002", **{**changes, "invoice": address(**{**invoice, **changes.get("invoice", {})})})
        if is_known:
            assert (await world.customer_of(later, profile=profile)).origin is CustomerOrigin.REMEMBERED
        else:
            assert (await reason_of(world, later, profile=profile)).reason.code == "MANUAL_POLICY"

    async def test_the_shop_account_is_enough(self, world: World) -> None:
        first, later = of_kim("1001"), order("1002", email="heel@anders.example.nl")
        first = first.model_copy(update={"buyer": first.buyer.model_copy(update={"account_id": "account-7"})})
        buyer = WireBuyer(email="heel@anders.example.nl", account_id="account-7", invoice=later.buyer.invoice)
        await world.customer_of(first, **USE_PETER)
        customer = await world.customer_of(later.model_copy(update={"buyer": buyer}), profile=SMART)
        assert (customer.number, customer.origin) == (10412, CustomerOrigin.REMEMBERED)

    async def test_a_later_decision_overrules(self, world: World) -> None:
        world.directory.add(relation(77, name="Kim Jansen"))
        await world.customer_of(of_kim("1001"), **USE_PETER)
        await world.customer_of(
            of_kim("1002"), profile=SMART, replay=1, amendment=decision("use_customer", "77")
        )
        assert (await world.customer_of(of_kim("1003"), profile=SMART)).number == 77

    async def test_a_card_made_for_a_code_is_found_by_the_next_order(self, world: World) -> None:
        profile = stored_profile(customers={"recognition": "customer_code"})
        first = await world.customer_of(of_kim("1001", reference="99999"), profile=profile)
        again = await world.customer_of(of_kim("1002", reference="99999"), profile=profile)
        assert first.origin is CustomerOrigin.CREATED
        assert (again.number, again.origin) == (first.number, CustomerOrigin.REMEMBERED)


class TestTurnedDown:
    async def test_who_was_passed_over_is_never_linked_or_suggested_first(self, world: World) -> None:
        create = {
            "profile": SMART,
            "replay": 1,
            "amendment": decision("create_customer", at=world.clock.now()),
        }
        made = await world.customer_of(of_kim("1001"), **create)
        assert made.origin is CustomerOrigin.CREATED
        (link,) = await world.memory.untold()
        assert link.link.turned_down == {PETER.relation_id}


class TestDropped:
    @pytest.mark.parametrize(
        ("now", "why"),
        [
            (replace(PETER, active=False), Forgotten.CUSTOMER_INACTIVE),
            (replace(PETER, name="Bakkerij Anders BV"), Forgotten.CUSTOMER_RENAMED),
        ],
    )
    async def test_when_the_customer_is_no_more_what_it_was(
        self, world: World, now: Relation, why: Forgotten
    ) -> None:
        await world.customer_of(of_kim("1001"), **USE_PETER)
        world.clock.advance(timedelta(minutes=10))
        world.directory.add(now)
        with pytest.raises(RejectedError):
            await world.customer_of(
                of_kim("1002"), profile=stored_profile(customers={"recognition": "email", "policy": "manual"})
            )
        assert [news.forgotten for news in await world.memory.untold()] == [why]

    async def test_a_preview_forgets_nothing(self, world: World) -> None:
        await world.customer_of(of_kim("1001"), **USE_PETER)
        world.clock.advance(timedelta(minutes=10))
        world.directory.add(replace(PETER, active=False))
        with pytest.raises(RejectedError):
            await world.resolve.foresee(SMART, of_kim("1002"))
        assert [news.forgotten for news in await world.memory.untold()] == [None]

    @pytest.mark.parametrize(
        ("then", "now", "expected"),
        [
            ("P. Jansen", "Peter Jansen", False),
            ("P. Jansen", "Peter Janssen", False),
            ("Bakkerij Jansen", "Bakkerij Jansen B.V.", False),
            ("P. Jansen", "P. de Vries", True),
            ("Bakkerij Jansen B.V.", "Bouwbedrijf Pietersen B.V.", True),
        ],
    )
    def test_another_spelling_is_no_other_name(self, then: str, now: str, expected: bool) -> None:
        assert is_renamed(then, now) is expected


class TestGuards:
    THEN = Buyer(email="inkoop@bakkerij.example.nl", company="Bakkerij Jansen B.V.", is_business=True)

    def test_another_legal_entity_of_the_same_name_is_not_meant(self) -> None:
        holding = replace(self.THEN, company="Bakkerij Jansen Holding B.V.")
        assert memory_keys(self.THEN, "a")[-1:] == memory_keys(holding, "a")[-1:]
        assert contradicts(self.THEN, holding, PETER)
        assert not contradicts(self.THEN, self.THEN, PETER)

    def test_another_vat_number_is_not_meant(self) -> None:
        card = replace(PETER, vat_number="BE0123456749")
        other = VatNumber(number="BE0403170701", country_code="BE", valid=True)
        same = VatNumber(number="BE0123456749", country_code="BE", valid=True)
        assert contradicts(self.THEN, replace(self.THEN, vat_number=other), card)
        assert not contradicts(self.THEN, replace(self.THEN, vat_number=same), card)
        assert not contradicts(self.THEN, replace(self.THEN, vat_number=other), PETER)

    @pytest.mark.parametrize(
        "buyer",
        [
            Buyer(email="kim@example.nl"),
            Buyer(email="info@bakkerij.example.nl"),
            Buyer(email="2xyz@verkopen.bol.com", person="Kim Jansen"),
            Buyer(email=None, person="Kim Jansen"),
            Buyer(email=None, address=Address(postcode="1234AB", house_number="1")),
        ],
    )
    def test_nobody_is_known_by_an_address_alone(self, buyer: Buyer) -> None:
        assert memory_keys(buyer, "administration-1") == ()


class TestTelling:
    async def test_the_console_hears_what_is_remembered_and_forgotten(self, world: World) -> None:
        publisher = RecordingPublisher()
        teller = LinkTeller(memory=world.memory, publisher=publisher, clock=world.clock, interval_seconds=1)
        await world.customer_of(of_kim("1001"), **USE_PETER)
        await teller.tell()
        await teller.tell()
        (told,) = publisher.events
        assert isinstance(told, CustomerLinkRemembered)
        assert (told.profile, told.customer_number, told.buyer, told.decided_by) == (
            PROFILE,
            10412,
            "Kim Jansen",
            "boekhouder",
        )
        wish = new_message(
            ForgetLinkRequested,
            profile=PROFILE,
            occurred_at=NOW,
            correlation_id=told.link_id,
            id_parts=(told.link_id,),
            link_id=told.link_id,
            requested_by="boekhouder",
        )
        for _ in range(2):
            await ForgetLink(world.memory)(wish, Delivery(queue="q", body=b"", message_id="1"))
        await teller.tell()
        _, forgotten = publisher.events
        assert isinstance(forgotten, CustomerLinkForgotten)
        assert (forgotten.link_id, forgotten.why, forgotten.forgotten_by) == (
            told.link_id,
            "by_hand",
            "boekhouder",
        )
        with pytest.raises(RejectedError):
            await world.customer_of(of_kim("1002"), profile=SMART)
