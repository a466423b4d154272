"""The VAT numbers of EU businesses: always their form, and VIES when the profile asks for it."""

from typing import Protocol

from booking_writer.domain.order import BookedCustomer
from booking_writer.domain.refusal import refuse
from sconnect.contracts import SalesOrder
from sconnect.errors import ReasonCode
from sconnect.ledgers import REVERSE_CHARGED
from sconnect.profiles import Profile
from sconnect.vat_numbers import EuVatNumber, read_eu_vat_number

FORM_ONLY = "form"
IN_VIES = "vies"


class VatRegister(Protocol):
    async def is_registered(self, number: EuVatNumber) -> bool:
        """UpstreamUnavailable or RateLimited while there is no answer."""


class VatNumbers:
    """Judges the numbers that a reverse-charged booking rests on; reads only."""

    def __init__(self, register: VatRegister) -> None:
        self._register = register

    async def check(self, profile: Profile, order: SalesOrder, customer: BookedCustomer) -> str | None:
        """How the numbers were checked: "form" or "vies"; None for an order that needs none.

        RejectedError INVALID_VAT_NUMBER for the first that is not right: that of the card, which the books
        go by, then that of the order, which the buyer's invoice shows.
        """
        if order.tax_strategy.strip() != REVERSE_CHARGED:
            return None
        numbers = _numbers(order, customer)
        for number in numbers:
            if not number.is_valid:
                refuse(ReasonCode.INVALID_VAT_NUMBER, "on_card", customer_number=customer.number)
        if not profile.bookings.check_vies:
            return FORM_ONLY
        for number in numbers:
            if not await self._register.is_registered(number):
                refuse(ReasonCode.INVALID_VAT_NUMBER, "vies", customer_number=customer.number)
        return IN_VIES


def _numbers(order: SalesOrder, customer: BookedCustomer) -> tuple[EuVatNumber, ...]:
    """Each number once; a card without one was refused by the composition."""
    invoice = order.buyer.invoice
    found = (
        read_eu_vat_number(customer.vat_number, customer.country_code),
        read_eu_vat_number(invoice.vat_number, invoice.country_code),
    )
    return tuple(dict.fromkeys(number for number in found if number is not None))
