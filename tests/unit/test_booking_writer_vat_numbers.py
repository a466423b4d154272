"""VAT numbers of EU businesses before a booking: form always, VIES when the profile asks for it."""

from typing import Any

import pytest

from booking_writer_cases import administration
from booking_writer_desk import CUSTOMER, Desk, written
from factories import sales_order, stored_profile
from sconnect.contracts import BuyerAddress, LinePrice, OrderLine, ResolvedCustomer, SalesOrder
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable

NUMBER = "BE0123456749"
OTHER = "BE0428759497"
LEDGERS = {"revenue": {"eu_business": 8170}}
BELGIAN = CUSTOMER.model_copy(update={"vat_number": NUMBER, "country_code": "BE"})


def to_belgium(vat_number: str | None = NUMBER) -> SalesOrder:
    address = BuyerAddress(company="Voorbeeld BV", country_code="BE", vat_number=vat_number)
    order = sales_order(
        total="50.00",
        vat_amounts=(),
        lines=(OrderLine(kind="article", prices=(LinePrice(net="50.00", gross="50.00", rate="0.00"),)),),
        tax_strategy="reverse_charged_vat",
        shipping_country="BE",
    )
    buyer = order.buyer.model_copy(update={"invoice": address, "delivery": address})
    return order.model_copy(update={"buyer": buyer})


def with_vies(*, check: bool = True, customer: ResolvedCustomer = BELGIAN, **order: Any) -> dict[str, Any]:
    profile = stored_profile(
        administration_id=administration().id, bookings={"check_vies": check, "ledgers": LEDGERS}
    )
    return {"order": to_belgium(**order), "customer": customer, "profile": profile}


async def test_a_number_that_vies_knows_is_booked_and_told() -> None:
    desk = Desk()
    assert written(await desk.run(**with_vies())).vat_number_check == "vies"
    assert desk.register.asked == [NUMBER]


async def test_without_the_setting_nothing_is_asked_and_that_is_told() -> None:
    desk = Desk()
    assert written(await desk.run(**with_vies(check=False))).vat_number_check == "form"
    assert desk.register.asked == []


async def test_an_order_with_dutch_vat_needs_no_number() -> None:
    desk = Desk()
    profile = stored_profile(administration_id=administration().id, bookings={"check_vies": True})
    assert written(await desk.run(profile=profile)).vat_number_check is None
    assert desk.register.asked == []


async def test_a_number_that_vies_does_not_know_waits_for_a_person() -> None:
    desk = Desk()
    desk.register.unknown = {NUMBER}
    reason = await desk.refused(**with_vies())
    assert (reason.code, reason.variant) == (ReasonCode.INVALID_VAT_NUMBER, "vies")
    assert NUMBER not in str(reason.details)
    assert (desk.books.posts, desk.state()) == (0, None)


async def test_the_number_of_the_order_is_asked_too_when_it_differs_from_the_cards() -> None:
    desk = Desk()
    desk.register.unknown = {OTHER}
    reason = await desk.refused(**with_vies(vat_number=OTHER))
    assert reason.variant == "vies"
    assert desk.register.asked == [NUMBER, OTHER]


async def test_an_outage_of_vies_waits_and_books_nothing_unchecked() -> None:
    desk = Desk()
    away = Reason(
        code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="vies", details={"country": "BE", "error": "x"}
    )
    desk.register.failures.append(UpstreamUnavailable(away))
    with pytest.raises(UpstreamUnavailable):
        await desk.run(**with_vies())
    assert (desk.books.posts, desk.state()) == (0, None)
    assert written(await desk.run(**with_vies())).vat_number_check == "vies"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wrong", ["BE0123456700", "BE12", "XX123456789"])
async def test_a_number_without_the_right_form_on_the_card_is_refused_without_asking(
    wrong: str, check: bool
) -> None:
    desk = Desk()
    card = BELGIAN.model_copy(update={"vat_number": wrong})
    reason = await desk.refused(**with_vies(check=check, customer=card))
    assert (reason.code, reason.variant) == (ReasonCode.INVALID_VAT_NUMBER, "on_card")
    assert (desk.register.asked, desk.books.posts) == ([], 0)


async def test_what_was_checked_is_told_again_the_same() -> None:
    desk = Desk()
    first = written(await desk.run(**with_vies()))
    assert written(await desk.run(**with_vies())).vat_number_check == first.vat_number_check == "vies"
