"""From the contracts and the profile to the terms of the domain."""

import re
from dataclasses import asdict

from booking_writer.domain.order import BookableOrder, BookedCustomer, OrderedLine, OrderedPrice, PrintedVat
from booking_writer.domain.rules import BookingRules
from sconnect.contracts import OrderLine, ResolvedCustomer, SalesOrder
from sconnect.ids import content_hash
from sconnect.profiles import Ledgers, Profile, ledger_mapping


def bookable_order(order: SalesOrder) -> BookableOrder:
    credited = order.credits
    payment = order.payment
    return BookableOrder(
        number=order.number,
        placed_on=order.placed_on,
        status_changed_on=order.status_changed_on,
        prices_include_vat=order.prices_include_vat,
        currency=order.currency,
        total=order.total,
        vat_amounts=tuple(PrintedVat(rate=row.rate, amount=row.amount) for row in order.vat_amounts),
        lines=tuple(_line(line) for line in order.lines),
        tax_region=order.tax_region,
        tax_strategy=order.tax_strategy,
        is_credit=order.is_credit or credited is not None,
        credited_number=None if credited is None else credited.number,
        credited_placed_on=None if credited is None else credited.placed_on,
        destination_country=_destination_country(order),
        payment_method=None if payment is None else f"{payment.gateway or ''}/{payment.method or ''}",
        vat_number=order.buyer.invoice.vat_number,
        reference=order.reference,
    )


def _line(line: OrderLine) -> OrderedLine:
    return OrderedLine(
        kind=line.kind,
        description=line.description,
        sku=line.sku,
        prices=tuple(
            OrderedPrice(net=price.net, gross=price.gross, rate=price.rate) for price in line.prices
        ),
    )


def _destination_country(order: SalesOrder) -> str | None:
    delivery = order.buyer.delivery
    delivered_to = None if delivery is None else delivery.country_code
    return delivered_to or order.shipping_country or order.buyer.invoice.country_code


def booked_customer(customer: ResolvedCustomer) -> BookedCustomer:
    return BookedCustomer(
        relation_id=customer.relation_id,
        number=customer.number,
        vat_number=customer.vat_number,
        country_code=customer.country_code,
    )


def booking_rules(profile: Profile) -> BookingRules:
    bookings = profile.bookings
    pattern = bookings.gift_card_description_pattern
    return BookingRules(
        home_country=profile.shop.home_country,
        small_business_scheme=profile.shop.small_business_scheme,
        ledgers=ledger_mapping(bookings.ledgers or Ledgers()),
        invoice_number=bookings.invoice_number,
        description=bookings.description,
        dated_by_status=bookings.invoice_date == "status",
        payment_term_days=bookings.payment_term_days,
        cost_centre=bookings.cost_centre,
        mark_unread=bookings.mark_unread,
        book_zero_totals=bookings.zero_total == "book",
        rounding_tolerance=bookings.rounding_tolerance,
        gift_card_skus=frozenset(sku.casefold() for sku in bookings.gift_card_skus),
        gift_card_description=None if pattern is None else re.compile(pattern),
        deposit_skus=frozenset(sku.casefold() for sku in bookings.deposit_skus),
    )


def fingerprints(order: BookableOrder) -> dict[str, str]:
    """A hash per field of the order: two orders differ in the fields whose hashes differ."""
    return {name: content_hash({name: value}) for name, value in asdict(order).items()}
