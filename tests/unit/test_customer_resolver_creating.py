"""A customer is made once: with what SnelStart takes, and whatever happens on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from customer_resolver.domain.cards import CardField
from customer_resolver.ports import CardRefused
from customer_resolver_cases import World, address, claim, customer_in, decision, order, relation
from sconnect.contracts import CustomerOrigin
from sconnect.errors import (
    ConcurrentChange,
    Reason,
    ReasonCode,
    RejectedError,
    UpstreamUnavailable,
)

JAN = relation(10412, emails=("jan@example.nl",), vat_number="NL000099998B57", country_code="NL")


@pytest.fixture
def world() -> World:
    return World()


async def reason_of(world: World, *arguments: Any, **fields: Any) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        await world.customer_of(*arguments, **fields)
    return caught.value


class TestNewCustomer:
    async def test_gets_a_card_with_the_next_number_after_one_delta(self, world: World) -> None:
        world.directory.add(relation(10412))
        await world.customer_of(order(email="jan@example.nl"))
        (made,) = [each for each in world.directory.everything if each.emails]
        assert (made.number, made.name, made.postcode) == (10413, "Jan Voorbeeld", "1234AB")
        assert world.directory.calls == ["administration_id", "all", "delta", "create"]

    async def test_is_known_to_the_next_order_at_once(self, world: World) -> None:
        first = await world.customer_of(order("1001"))
        second = await world.customer_of(order("1002"))
        assert (first.origin, first.explanation) == (CustomerOrigin.CREATED, "new.email_unknown")
        assert (second.origin, second.number) == (CustomerOrigin.MATCHED, first.number)
        assert world.created() == 1

    async def test_marks_how_fresh_the_mirror_was(self, world: World) -> None:
        await world.customer_of(order("1001"))
        assert (await world.mirror.freshness("administration-1")).card_made_on == world.clock.now()

    async def test_marks_nothing_when_it_took_too_long(self, world: World) -> None:
        world.directory.before_create = lambda: world.clock.advance(timedelta(minutes=2))
        await world.customer_of(order("1001"))
        assert (await world.mirror.freshness("administration-1")).card_made_on is None

    async def test_is_not_made_when_the_bookkeeper_just_was_first(self, world: World) -> None:
        await world.customer_of(order("1001", email="piet@example.nl"))
        world.directory.add(JAN)
        assert (await world.customer_of(order("1002"))).number == 10412
        assert world.created() == 1

    async def test_what_snelstart_refuses_is_left_out_and_said(self, world: World) -> None:
        world.directory.refuses = {CardField.PHONE, CardField.ADDRESS}
        invoice = address(phone="+31600000001", bank_account="NL00")
        customer = await world.customer_of(order(invoice=invoice))
        assert customer.explanation == "new.email_unknown,without.iban,without.address,without.phone"

    async def test_an_email_that_snelstart_refuses_still_makes_one_customer(self, world: World) -> None:
        world.directory.refuses = {CardField.EMAIL}
        first = await world.customer_of(order("1001"))
        second = await world.customer_of(order("1002"))
        assert first.explanation == "new.email_unknown,without.email"
        assert (second.number, second.explanation) == (first.number, "remembered")
        assert world.created() == 2  # one request was refused

    async def test_a_refused_card_is_for_a_person_and_can_be_tried_again(self, world: World) -> None:
        world.directory.refuses = set(CardField)
        world.directory.before_create = _refuse_everything
        error = await reason_of(world, order())
        assert error.reason.text_key == "CUSTOMER_REFUSED"
        assert error.reason.details == {"code": "REL-0007", "message": "Naam is verplicht"}
        world.directory.refuses, world.directory.before_create = set(), lambda: None
        corrected = order(revision=2, invoice=address(name="Jan Verbeterd"))
        await world.customer_of(corrected)
        assert [each.name for each in world.directory.everything] == ["Jan Verbeterd"]

    async def test_a_number_taken_meanwhile_is_passed_over(self, world: World) -> None:
        world.directory.add(relation(10412))
        world.directory.before_create = lambda: _take_number(world, 10413)
        customer = await world.customer_of(order())
        assert (customer.number, customer.origin) == (10414, CustomerOrigin.CREATED)
        assert len(world.directory.everything) == 3

    async def test_numbers_that_are_taken_again_and_again_end_with_a_person(self, world: World) -> None:
        world.directory.before_create = lambda: _take_next_number(world)
        error = await reason_of(world, order())
        assert error.reason.details["code"] == "REL-0008"

    @pytest.mark.parametrize(
        ("name", "company", "expected"),
        [
            ("", "", "jan@example.nl"),
            (None, None, "jan@example.nl"),
            ("😀", "", "😀"),
            ("V" * 300, "", "V" * 50),
            (
                "Jan",
                "Voorbeeld Houtbewerking en Meubelmakerij Utrecht-Oost BV",
                "Voorbeeld Houtbewerking en Meubelmakerij",
            ),
            ("\x00\x07", "   ", "jan@example.nl"),
        ],
    )
    async def test_whatever_the_name_is_a_card_comes_of_it(
        self, world: World, name: str | None, company: str | None, expected: str
    ) -> None:
        await world.customer_of(order(invoice=address(name=name, company=company)))
        assert [each.name for each in world.directory.everything] == [expected]


def _refuse_everything() -> None:
    raise CardRefused(code="REL-0007", message="Naam is verplicht")


def _take_number(world: World, number: int) -> None:
    world.directory.before_create = lambda: None
    world.directory.add(relation(number, name="Iemand Anders"))


def _take_next_number(world: World) -> None:
    highest = max([0, *(each.number for each in world.directory.everything)])
    world.directory.add(relation(highest + 1, name="Iemand Anders"))


class TestLostAnswers:
    async def test_a_card_whose_answer_was_lost_is_found_again(self, world: World) -> None:
        world.directory.lose_answers = 1
        with pytest.raises(UpstreamUnavailable) as caught:
            await world.customer_of(order())
        assert caught.value.outcome_unknown
        customer = await world.customer_of(order())
        assert (customer.origin, customer.explanation) == (CustomerOrigin.CREATED, "made_for_this_order")
        assert (len(world.directory.everything), world.created()) == (1, 1)

    async def test_also_when_no_read_shows_it(self, world: World) -> None:
        """A card made on a decision cannot be recognised by e-mail: its reserved number finds it."""
        world.directory.lose_answers = 1
        by_hand = {"replay": 1, "amendment": decision("create_customer")}
        nobody = order(email=None)
        with pytest.raises(UpstreamUnavailable):
            await world.customer_of(nobody, **by_hand)
        customer = await world.customer_of(nobody, **by_hand)
        assert customer.origin is CustomerOrigin.CREATED
        assert (len(world.directory.everything), world.created()) == (1, 2)

    async def test_a_code_taken_by_someone_else_is_not_taken_for_ours(self, world: World) -> None:
        """The first request never arrived, and the bookkeeper took the number before the second."""
        world.directory.before_create = _drop_the_request
        by_hand = {"replay": 1, "amendment": decision("create_customer")}
        nobody = order(email=None)
        with pytest.raises(UpstreamUnavailable):
            await world.customer_of(nobody, **by_hand)
        world.directory.before_create = lambda: None
        world.directory.add(relation(1, name="Jan Voorbeeld", postcode="9999ZZ"))
        customer = await world.customer_of(nobody, **by_hand)
        assert (customer.number, len(world.directory.everything)) == (2, 2)

    async def test_another_order_waits_for_the_outcome_and_then_makes_its_own(self, world: World) -> None:
        world.directory.before_create = _drop_the_request
        with pytest.raises(UpstreamUnavailable):
            await world.customer_of(order("1001", invoice=address(name="J. Voorbeeld")))
        world.directory.before_create = lambda: None
        with pytest.raises(ConcurrentChange):
            await world.customer_of(order("1002"))
        world.clock.advance(timedelta(seconds=151))
        second = await world.customer_of(order("1002"))
        first = await world.customer_of(order("1001"))
        assert (second.number, second.origin) == (2, CustomerOrigin.CREATED)
        assert (first.number, first.origin) == (2, CustomerOrigin.MATCHED)
        assert [each.name for each in world.directory.everything] == ["Jan Voorbeeld"]

    async def test_another_order_that_takes_over_finds_the_card_that_was_made(self, world: World) -> None:
        world.directory.lose_answers = 1
        with pytest.raises(UpstreamUnavailable):
            await world.customer_of(order("1001"))
        world.clock.advance(timedelta(seconds=151))
        world.directory.hide_from_deltas = True
        second = await world.customer_of(order("1002"))
        first = await world.customer_of(order("1001"))
        assert (second.number, second.origin) == (1, CustomerOrigin.MATCHED)
        assert (first.number, first.origin) == (1, CustomerOrigin.CREATED)
        assert world.created() == 1

    async def test_a_definite_failure_frees_the_buyer_at_once(self, world: World) -> None:
        world.directory.before_create = _unreachable
        with pytest.raises(UpstreamUnavailable):
            await world.customer_of(order("1001"))
        world.directory.before_create = lambda: None
        assert (await world.customer_of(order("1002"))).origin is CustomerOrigin.CREATED

    async def test_a_crash_before_the_answer_was_kept(self, world: World) -> None:
        first = await world.customer_of(order())
        world.resolutions.forget_everything()
        again = customer_in(await world.another_worker()(claim(order())))
        assert (again.origin, again.number) == (CustomerOrigin.CREATED, first.number)
        assert world.created() == 1

    @pytest.mark.parametrize("fields", [{}, {"replay": 1, "amendment": decision("create_customer")}])
    async def test_a_crash_between_the_request_and_its_answer(
        self, world: World, fields: dict[str, Any]
    ) -> None:
        world.directory.die_after_create = True
        with pytest.raises(asyncio.CancelledError):
            await world.customer_of(order(), **fields)
        world.directory.die_after_create = False
        customer = customer_in(await world.another_worker()(claim(order(), **fields)))
        assert customer.origin is CustomerOrigin.CREATED
        assert len(world.directory.everything) == 1


def _drop_the_request() -> None:
    reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="timeout")
    raise UpstreamUnavailable(reason, outcome_unknown=True)


def _unreachable() -> None:
    raise UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="no_connection"))


async def test_reverse_charge_without_a_number_makes_no_card(world: World) -> None:
    invoice = address(company="Voorbeeld BVBA", country_code="BE", vat_number=" ")
    error = await reason_of(world, order(invoice=invoice, tax_strategy="reverse_charged_vat"))
    assert error.reason.text_key == "MISSING_VAT_NUMBER"
    assert world.created() == 0


async def test_reverse_charge_with_a_good_number_makes_one_that_carries_it(world: World) -> None:
    invoice = address(company="Voorbeeld BVBA", country_code="BE", vat_number="0123.456.749")
    customer = await world.customer_of(order(invoice=invoice, tax_strategy="reverse_charged_vat"))
    assert (customer.vat_number, customer.country_code) == ("BE0123456749", "BE")
