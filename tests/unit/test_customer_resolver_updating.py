"""A known customer's card is brought up to date: nothing erased, nothing changed twice, all of it told."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from customer_resolver.domain.buyers import Address, Buyer, Iban, VatNumber
from customer_resolver.domain.cards import CardField
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.domain.updates import plan_update
from customer_resolver_cases import World, address, claim, decision, order, relation
from factories import stored_profile
from sconnect.contracts import CardChange, ResolvedCustomer, SalesOrder
from sconnect.errors import ConcurrentChange, RejectedError, UpstreamUnavailable

COUNTRIES = frozenset({"NL", "BE"})
UPDATING = stored_profile(customers={"policy": "add_and_update"})
JAN = relation(
    10412,
    name="Jan Voorbeeld",
    emails=("jan@example.nl",),
    address=RelationAddress(
        street="Voorbeeldstraat 12", postcode="1234 AB", city="UTRECHT", country_code="NL"
    ),
)
BUYER = Buyer(
    email="jan@example.nl",
    person="Jan Voorbeeld",
    address=Address(
        street="Voorbeeldstraat", house_number="12", postcode="1234AB", city="Utrecht", country_code="NL"
    ),
)
MOVED = Address(street="Kade", house_number="7 b", postcode="2345BC", city="Leiden", country_code="NL")


def changed(buyer: Buyer, card: Relation) -> dict[str, tuple[str, str]]:
    plan = plan_update(buyer, card, COUNTRIES)
    return {change.field: (change.old, change.new) for change in plan.changes}


class TestPlan:
    def test_a_card_that_says_the_same_is_left_alone(self) -> None:
        assert plan_update(BUYER, JAN, COUNTRIES).changes == ()

    @pytest.mark.parametrize(
        "spelling",
        [
            {"person": "J. Voorbeeld"},
            {"person": "VOORBEELD, Jan"},
            {"email": "JAN@example.nl".lower()},
            {"phone": ""},
            {"address": replace(BUYER.address, street="Voorbeeldstr.", city="Utrecht-Stad")},
            {"address": Address(country_code="NL")},
            {"email": None},
            {"person": "", "company": ""},
        ],
    )
    def test_another_spelling_or_less_knowledge_changes_nothing(self, spelling: dict[str, Any]) -> None:
        assert changed(replace(BUYER, **spelling), JAN) == {}

    @pytest.mark.parametrize(
        ("buyer", "card", "expected"),
        [
            ({"phone": "0612345678"}, {}, {"phone": ("", "0612345678")}),
            ({"phone": "0612345678"}, {"phones": ("+31 6 12345678",)}, {}),
            ({"phone": "0612345678"}, {"phones": ("0300000001",)}, {"phone": ("0300000001", "0612345678")}),
            ({"email": "nieuw@example.nl"}, {}, {"email": ("jan@example.nl", "nieuw@example.nl")}),
            ({"email": "2xyz@verkopen.bol.com"}, {}, {}),
            (
                {"address": MOVED},
                {},
                {"address": ("Voorbeeldstraat 12, 1234 AB UTRECHT, NL", "Kade 7 b, 2345BC Leiden, NL")},
            ),
            ({}, {"name": "J. Voorbeeld"}, {"name": ("J. Voorbeeld", "Jan Voorbeeld")}),
            ({}, {"name": "Fam. Voorbeeld"}, {}),
        ],
    )
    def test_what_the_shop_knows_better_is_taken_over(
        self, buyer: dict[str, Any], card: dict[str, Any], expected: dict[str, tuple[str, str]]
    ) -> None:
        assert changed(replace(BUYER, **buyer), replace(JAN, **card)) == expected

    def test_numbers_are_filled_in_and_never_replaced(self) -> None:
        buyer = replace(
            BUYER,
            vat_number=VatNumber(number="NL000099998B57", country_code="NL", valid=True),
            iban=Iban(number="NL91ABNA0417164300", valid=True),
        )
        assert changed(buyer, JAN) == {
            "vat_number": ("", "NL000099998B57"),
            "iban": ("", "NL91ABNA0417164300"),
        }
        assert changed(buyer, replace(JAN, vat_number="111111111B01", iban="NL02ABNA0123456789")) == {}

    def test_a_vat_number_of_another_country_than_the_cards_is_not_sent(self) -> None:
        belgian = VatNumber(number="BE0123456749", country_code="BE", valid=True)
        abroad = replace(BUYER, vat_number=belgian, address=Address(country_code="BE"))
        assert changed(abroad, JAN) == {}

    @pytest.mark.parametrize(
        ("buyer", "card"),
        [
            ({"person": "Kim Voorbeeld"}, {}),
            ({"person": "Jan de Wit"}, {}),
            ({"company": "Voorbeeld BV"}, {}),
            ({}, {"name": "Bakkerij Voorbeeld B.V."}),
            ({"company": "Bakkerij Voorbeeld Holding B.V."}, {"name": "Bakkerij Voorbeeld B.V."}),
        ],
    )
    def test_a_card_of_another_name_is_left_alone_and_that_is_said(
        self, buyer: dict[str, Any], card: dict[str, Any]
    ) -> None:
        plan = plan_update(replace(BUYER, address=MOVED, **buyer), replace(JAN, **card), COUNTRIES)
        assert (plan.changes, plan.notes) == ((), ("not_updated.name",))


@pytest.fixture
def world() -> World:
    world = World()
    world.directory.add(JAN)
    return world


def with_phone(number: str = "1001", phone: str = "0612345678", **changes: Any) -> SalesOrder:
    return order(number, invoice=address(phone=phone), **changes)


async def updated(world: World, sales_order: SalesOrder, **fields: Any) -> ResolvedCustomer:
    return await world.customer_of(sales_order, **{"profile": UPDATING, **fields})


class TestUpdate:
    async def test_is_made_and_told(self, world: World) -> None:
        customer = await updated(world, with_phone())
        assert customer.changes == (CardChange(field="phone", old="", new="0612345678"),)
        assert world.directory.everything[0].phones == ("0612345678",)
        assert (customer.number, customer.origin) == (10412, "matched")

    async def test_an_equal_card_costs_no_call(self, world: World) -> None:
        await updated(world, with_phone("1001"))
        world.directory.calls.clear()
        assert (await updated(world, with_phone("1002"))).changes == ()
        assert world.directory.calls == []

    @pytest.mark.parametrize("policy", ["add", "manual"])
    async def test_only_under_its_policy(self, world: World, policy: str) -> None:
        await world.customer_of(with_phone(), profile=stored_profile(customers={"policy": policy}))
        assert "update" not in world.directory.calls

    async def test_the_same_version_tells_the_same_again(self, world: World) -> None:
        first = await updated(world, with_phone())
        assert await updated(world, with_phone()) == first
        assert world.directory.calls.count("update") == 1

    async def test_what_the_bookkeeper_changed_meanwhile_is_kept(self, world: World) -> None:
        await updated(world, order("1001"))
        world.directory.add(replace(JAN, iban="NL91ABNA0417164300", name="Jan P. Voorbeeld"))
        await updated(world, with_phone("1002"))
        (card,) = world.directory.everything
        assert (card.iban, card.name, card.phones) == (
            "NL91ABNA0417164300",
            "Jan P. Voorbeeld",
            ("0612345678",),
        )

    async def test_a_card_the_bookkeeper_brought_up_to_date_is_not_written(self, world: World) -> None:
        await updated(world, order("1001"))
        world.directory.add(replace(JAN, phones=("06 12345678",)))
        assert (await updated(world, with_phone("1002"))).changes == ()
        assert "update" not in world.directory.calls

    async def test_a_card_with_a_fax_number_is_left_alone_and_that_is_said(self, world: World) -> None:
        world.directory.with_fax = {JAN.relation_id}
        customer = await updated(world, with_phone())
        assert customer.explanation.endswith("not_updated.fax")
        assert "update" not in world.directory.calls

    async def test_the_collective_debtor_is_never_written(self, world: World) -> None:
        collecting = {"policy": "add_and_update", "collective_debtor": {"for": "always", "number": 10412}}
        await world.customer_of(with_phone(), profile=stored_profile(customers=collecting))
        assert "update" not in world.directory.calls

    async def test_a_customer_that_a_person_chose_is_written_like_any_other(self, world: World) -> None:
        chosen = {"replay": 1, "amendment": decision("use_customer", "10412")}
        anders = with_phone("1001", email="anders@example.nl")
        assert [each.field for each in (await updated(world, anders, **chosen)).changes] == ["email", "phone"]

    async def test_an_earlier_order_does_not_undo_a_later_one(self, world: World) -> None:
        await updated(world, with_phone("1002", "0687654321", placed_on=date(2026, 3, 3)))
        earlier = await updated(world, with_phone("1001", "0612345678"))
        assert earlier.explanation.endswith("not_updated.older_order")
        assert world.directory.everything[0].phones == ("0687654321",)


class TestTrouble:
    async def test_a_part_that_is_refused_is_left_out_and_said(self, world: World) -> None:
        world.directory.refuses = {CardField.PHONE}
        moved = address(phone="0612345678", street="Kade", house_number="7", postcode="2345BC")
        customer = await updated(world, order(invoice=moved))
        assert [change.field for change in customer.changes] == ["address"]
        assert customer.explanation.endswith("not_updated.phone")

    async def test_a_card_that_is_refused_does_not_hold_the_booking(self, world: World) -> None:
        world.directory.refuses = {CardField.PHONE}
        customer = await updated(world, with_phone())
        assert (customer.number, customer.changes) == (10412, ())
        assert customer.explanation.endswith("not_updated.phone")
        assert world.directory.everything[0].phones == ()

    async def test_an_answer_that_was_lost_is_told_as_if_it_had_come(self, world: World) -> None:
        world.directory.lose_answers = 1
        with pytest.raises(UpstreamUnavailable) as caught:
            await updated(world, with_phone())
        assert caught.value.outcome_unknown
        with pytest.raises(ConcurrentChange):
            await updated(world, with_phone())
        world.leases.held.clear()
        customer = await updated(world, with_phone())
        assert customer.changes == (CardChange(field="phone", old="", new="0612345678"),)
        assert world.directory.calls.count("update") == 1

    async def test_two_orders_of_one_customer_write_one_after_the_other(self, world: World) -> None:
        await updated(world, order("1000"))
        results = await asyncio.gather(
            updated(world, with_phone("1001", "0612345678")),
            world.another_worker()(claim(with_phone("1002", "0612345678"), profile=UPDATING)),
            return_exceptions=True,
        )
        assert not any(isinstance(each, RejectedError) for each in results)
        assert world.directory.calls.count("update") == 1
        assert world.leases.held == {}

    async def test_a_card_that_is_gone_is_not_linked_again(self, world: World) -> None:
        await updated(world, order("1000"))
        world.directory.add(replace(JAN, active=False))
        with pytest.raises(ConcurrentChange):
            await updated(world, with_phone("1001"))
        world.clock.advance(timedelta(minutes=10))
        with pytest.raises(RejectedError) as caught:
            await updated(world, with_phone("1001"))
        assert caught.value.reason.details["why"] == "manual.inactive"

    async def test_nothing_personal_is_logged(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.directory.refuses = {CardField.PHONE}
        moved = address(phone="0612345678", street="Kade", house_number="7", postcode="2345BC")
        await updated(world, order(invoice=moved))
        logged = capsys.readouterr().out
        assert "customer_updated" in logged
        for value in ("0612345678", "Kade", "2345BC", "Voorbeeld", "jan@"):
            assert value not in logged
