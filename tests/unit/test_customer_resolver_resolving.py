"""An order gets its customer: what is asked of SnelStart, and what is answered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from customer_resolver.domain.relations import RelationRole
from customer_resolver_cases import World, address, claim, decision, order, relation
from factories import stored_profile
from sconnect.contracts import CreditedOrder, CustomerOrigin, SalesOrderCustomerResolved
from sconnect.errors import MisconfiguredError, RejectedError, UnreadableMessage
from sconnect.profiles import StoredProfile

JAN = relation(10412, emails=("jan@example.nl",), vat_number="NL000099998B57", country_code="NL")


@pytest.fixture
def world() -> World:
    return World()


async def reason_of(world: World, *arguments: Any, **fields: Any) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        await world.customer_of(*arguments, **fields)
    return caught.value


class TestKnownCustomer:
    async def test_is_linked_with_what_agreed(self, world: World) -> None:
        world.directory.add(JAN)
        customer = await world.customer_of(order(email=" JAN@Example.nl "))
        assert (customer.relation_id, customer.number) == (JAN.relation_id, 10412)
        assert (customer.origin, customer.explanation) == (CustomerOrigin.MATCHED, "email.equal")
        assert (customer.vat_number, customer.country_code) == ("NL000099998B57", "NL")

    async def test_costs_no_call(self, world: World) -> None:
        world.directory.add(JAN)
        await world.customer_of(order("1001"))
        world.directory.calls.clear()
        await world.customer_of(order("1002"))
        assert world.directory.calls == []

    async def test_costs_one_delta_when_the_mirror_is_old(self, world: World) -> None:
        world.directory.add(JAN)
        await world.customer_of(order("1001"))
        world.directory.calls.clear()
        world.clock.advance(timedelta(seconds=301))
        await world.customer_of(order("1002"))
        await world.customer_of(order("1003"))
        assert world.directory.calls == ["delta"]

    async def test_the_message_carries_order_and_identity_on(self, world: World) -> None:
        world.directory.add(JAN)
        first, again = claim(order()), claim(order())
        (message,) = await world.resolve(first)
        (repeat,) = await world.resolve(again)
        assert isinstance(message, SalesOrderCustomerResolved)
        assert message.order == order()
        assert (message.profile, message.correlation_id) == (
            first.message.profile,
            first.message.correlation_id,
        )
        assert repeat.id == message.id


class TestCustomersThatChange:
    async def test_one_made_inactive_is_for_a_person(self, world: World) -> None:
        first = await world.customer_of(order("1001"))
        (made,) = world.directory.everything
        world.clock.advance(timedelta(minutes=10))
        world.directory.add(replace(made, active=False))
        error = await reason_of(world, order("1002"))
        assert error.reason.text_key == "NO_CERTAIN_MATCH"
        assert error.reason.details["why"] == "manual.inactive"
        assert error.suggestions[0]["customer_number"] == str(first.number)

    async def test_one_whose_email_the_bookkeeper_changed_is_not_linked(self, world: World) -> None:
        first = await world.customer_of(order("1001"))
        (made,) = world.directory.everything
        world.clock.advance(timedelta(minutes=10))
        world.directory.add(replace(made, emails=("ander@example.nl",)))
        assert (await world.customer_of(order("1002"))).number == first.number + 1

    async def test_two_with_one_email_are_for_a_person(self, world: World) -> None:
        world.directory.add(JAN)
        world.directory.add(relation(10500, emails=("jan@example.nl",)))
        error = await reason_of(world, order())
        assert error.reason.text_key == "AMBIGUOUS_CUSTOMER"
        assert [suggestion["customer_number"] for suggestion in error.suggestions] == [
            "10412",
            "10500",
        ]

    async def test_a_supplier_with_the_email_is_no_customer(self, world: World) -> None:
        world.directory.add(relation(10412, emails=("jan@example.nl",), role=RelationRole.OTHER))
        assert (await world.customer_of(order())).origin is CustomerOrigin.CREATED

    async def test_a_replay_reads_the_card_again(self, world: World) -> None:
        world.directory.add(replace(JAN, vat_number=None))
        assert (await world.customer_of(order())).vat_number is None
        world.directory.add(JAN)
        assert (await world.customer_of(order(), replay=1)).vat_number == "NL000099998B57"


class TestDecisions:
    @pytest.fixture
    def manual(self) -> StoredProfile:
        return stored_profile(customers={"policy": "manual"})

    async def test_a_named_customer_is_used_also_when_it_is_brand_new(
        self, world: World, manual: StoredProfile
    ) -> None:
        await reason_of(world, order(), profile=manual)
        world.directory.add(relation(77))
        customer = await world.customer_of(
            order(), profile=manual, replay=1, amendment=decision("use_customer", "77")
        )
        assert (customer.number, customer.origin) == (77, CustomerOrigin.DECIDED)

    @pytest.mark.parametrize("number", ["78", "abc", "", "-1", "99999999999999999999", "²"])
    async def test_a_named_customer_that_is_not_there(self, world: World, number: str) -> None:
        error = await reason_of(world, order(), replay=1, amendment=decision("use_customer", number))
        assert error.reason.text_key == "CUSTOMER_REFUSED.number_unknown"

    async def test_create_makes_one_card_for_all_orders_of_the_buyer(
        self, world: World, manual: StoredProfile
    ) -> None:
        create = {"profile": manual, "replay": 1, "amendment": decision("create_customer")}
        first = await world.customer_of(order("1001"), **create)
        second = await world.customer_of(order("1002"), **create)
        assert (second.number, world.created()) == (first.number, 1)
        assert (first.explanation, second.explanation) == ("decided", "remembered")

    async def test_create_makes_a_card_beside_an_older_one(self, world: World) -> None:
        first = await world.customer_of(order("1001"))
        world.clock.advance(timedelta(minutes=1))
        later = decision("create_customer", at=world.clock.now())
        second = await world.customer_of(order("1002"), replay=1, amendment=later)
        assert (second.number, second.origin) == (first.number + 1, CustomerOrigin.CREATED)

    async def test_create_without_any_name_is_refused(self, world: World) -> None:
        nobody = order(email=None, invoice=address(name=None))
        error = await reason_of(world, nobody, replay=1, amendment=decision("create_customer"))
        assert error.reason.text_key == "CUSTOMER_REFUSED.nameless"

    async def test_a_decision_about_a_ledger_is_none_about_the_customer(self, world: World) -> None:
        world.directory.add(JAN)
        amendment = decision("use_ledger", "8100")
        assert (await world.customer_of(order(), replay=1, amendment=amendment)).number == 10412


class TestCreditOrders:
    @pytest.mark.parametrize("by_uuid", [True, False])
    async def test_the_customer_of_the_original(self, world: World, by_uuid: bool) -> None:
        original = order("1001")
        first = await world.customer_of(original)
        credits_ = CreditedOrder(number="1001", uuid=original.uuid if by_uuid else None)
        credit = order("1002", email="ander@example.nl", is_credit=True, credits=credits_)
        customer = await world.customer_of(credit)
        assert (customer.number, customer.origin) == (first.number, CustomerOrigin.CREDITED_ORDER)

    async def test_an_original_we_never_saw_does_not_hold_it(self, world: World) -> None:
        world.directory.add(JAN)
        credit = order("1002", is_credit=True, credits=CreditedOrder(number="999", uuid="unknown"))
        assert (await world.customer_of(credit)).origin is CustomerOrigin.MATCHED

    async def test_an_original_of_another_administration_does_not_count(self, world: World) -> None:
        await world.customer_of(order("1001"))
        elsewhere = World(clock=world.clock, resolutions=world.resolutions)
        elsewhere.directory._administration_id = "administration-2"
        moved = stored_profile(version=2, administration_id="administration-2")
        elsewhere.directory.add(relation(55, emails=("jan@example.nl",)))
        credit = order("1002", is_credit=True, credits=CreditedOrder(number="1001"))
        customer = await elsewhere.customer_of(credit, profile=moved)
        assert (customer.number, customer.origin) == (55, CustomerOrigin.MATCHED)


class TestCollectiveDebtor:
    @pytest.fixture
    def collecting(self) -> StoredProfile:
        return stored_profile(customers={"collective_debtor": {"for": "no_email", "number": 10000}})

    async def test_takes_the_order_without_an_email(self, world: World, collecting: StoredProfile) -> None:
        world.directory.add(relation(10000))
        customer = await world.customer_of(order(email="geen"), profile=collecting)
        assert (customer.number, customer.origin) == (10000, CustomerOrigin.COLLECTIVE)

    async def test_one_that_does_not_exist_pauses_the_profile_until_it_does(
        self, world: World, collecting: StoredProfile
    ) -> None:
        with pytest.raises(MisconfiguredError) as caught:
            await world.customer_of(order(email=None), profile=collecting)
        assert caught.value.reason.text_key == "PROFILE_PAUSED.collective_debtor"
        world.directory.add(relation(10000))
        customer = await world.customer_of(order(email=None), profile=collecting)
        assert customer.number == 10000


class TestVersions:
    async def test_one_version_keeps_its_answer(self, world: World) -> None:
        world.directory.add(JAN)
        first = await world.customer_of(order())
        world.directory.add(relation(10500, emails=("jan@example.nl",)))
        world.clock.advance(timedelta(hours=1))
        assert await world.customer_of(order()) == first
        assert (await reason_of(world, order(revision=2))).reason.text_key == "AMBIGUOUS_CUSTOMER"

    async def test_an_answer_of_another_administration_is_not_kept(self, world: World) -> None:
        world.directory.add(JAN)
        await world.customer_of(order())
        moved = stored_profile(version=2, administration_id="administration-2")
        world.directory._administration_id = "administration-2"
        world.directory.remove(JAN.relation_id)
        world.directory.add(relation(55, emails=("jan@example.nl",)))
        assert (await world.customer_of(order(), profile=moved)).number == 55


class TestAdministration:
    async def test_a_key_that_opens_another_one_is_noticed(self, world: World) -> None:
        world.directory._administration_id = "administration-2"
        with pytest.raises(MisconfiguredError) as caught:
            await world.customer_of(order())
        assert caught.value.reason.text_key == "PROFILE_PAUSED.other_administration"

    async def test_is_asked_once_per_version_of_the_profile(self, world: World) -> None:
        world.directory.add(JAN)
        for number, version in (("1001", 1), ("1002", 1), ("1003", 2)):
            await world.customer_of(order(number), profile=stored_profile(version=version))
        assert world.directory.calls.count("administration_id") == 2


async def test_a_message_of_another_kind_is_set_aside(world: World) -> None:
    (resolved,) = await world.resolve(claim(order()))
    with pytest.raises(UnreadableMessage):
        await world.resolve(replace(claim(order()), message=resolved))
