"""An order together with everything that its booking depends on."""

from dataclasses import dataclass
from datetime import date

from booking_writer.domain.order import BookableOrder, BookedCustomer
from booking_writer.domain.rules import Administration, BookingRules


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    order: BookableOrder
    customer: BookedCustomer
    rules: BookingRules
    administration: Administration

    @property
    def invoice_date(self) -> date:
        """The date of the invoice and of its booking; the VAT falls in its period."""
        if self.rules.dated_by_status and self.order.status_changed_on is not None:
            return self.order.status_changed_on
        return self.order.placed_on

    @property
    def supplied_on(self) -> date:
        """The date whose VAT rates hold: a credit follows its original, when the shop still knows that."""
        original = self.order.credited_placed_on if self.order.is_credit else None
        return original or self.invoice_date
