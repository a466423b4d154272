"""Contracts and profiles in the terms of the domain."""

from datetime import date
from decimal import Decimal

import pytest

from booking_writer.domain.order import BookedCustomer, OrderedLine, OrderedPrice, PrintedVat
from booking_writer.handlers.translation import bookable_order, booked_customer, booking_rules, fingerprints
from booking_writer_desk import CUSTOMER
from factories import profile, sales_order
from sconnect.contracts import BuyerAddress, CreditedOrder, SalesOrder
from sconnect.ledgers import LedgerColumn, LineKind


def test_an_order_keeps_its_amounts_as_the_texts_they_came_as() -> None:
    order = bookable_order(sales_order())

    assert order.total == "68.00"
    assert order.vat_amounts == (PrintedVat(rate="21.00", amount="11.80"),)
    assert order.lines[0] == OrderedLine(
        kind="article",
        description="Houten trein",
        sku="TREIN",
        prices=(OrderedPrice(net="50.000000", gross="60.50", rate="21.00"),),
    )
    assert (order.payment_method, order.destination_country) == ("mollie/ideal", "NL")
    assert not order.is_credit


def with_countries(*, delivery: str | None, shipping: str | None, invoice: str | None) -> SalesOrder:
    buyer = sales_order().buyer.model_copy(
        update={
            "invoice": BuyerAddress(country_code=invoice, vat_number="BE0123456749"),
            "delivery": None if delivery is None else BuyerAddress(country_code=delivery),
        }
    )
    return sales_order(buyer=buyer, shipping_country=shipping)


@pytest.mark.parametrize(
    ("order", "destination"),
    [
        (with_countries(delivery="DE", shipping="FR", invoice="BE"), "DE"),
        (with_countries(delivery=None, shipping="FR", invoice="BE"), "FR"),
        (with_countries(delivery=None, shipping=None, invoice="BE"), "BE"),
        (with_countries(delivery=None, shipping=None, invoice=None), None),
    ],
)
def test_the_goods_go_where_they_are_delivered(order: SalesOrder, destination: str | None) -> None:
    assert bookable_order(order).destination_country == destination
    assert bookable_order(order).vat_number == "BE0123456749"


def test_an_order_that_credits_another_is_a_credit() -> None:
    original = CreditedOrder(number="1001", placed_on=date(2018, 12, 1))
    order = bookable_order(sales_order(credits=original))

    assert (order.is_credit, order.credited_number) == (True, "1001")
    assert order.credited_placed_on == date(2018, 12, 1)
    assert bookable_order(sales_order(is_credit=True)).is_credit


def test_the_reference_goes_along_for_the_description() -> None:
    assert bookable_order(sales_order(reference="AK-7")).reference == "AK-7"


def test_the_ledgers_of_the_one_stop_shop_are_columns_like_the_others() -> None:
    rules = booking_rules(profile(bookings={"ledgers": {"revenue": {"oss": {"SR": 8177, "RRL": 8179}}}}))

    numbers = rules.ledgers.numbers[LineKind.REVENUE]
    assert (numbers[LedgerColumn.OSS_SR], numbers[LedgerColumn.OSS_RRL]) == (8177, 8179)


def test_a_customer_is_the_card_in_the_books() -> None:
    assert booked_customer(CUSTOMER) == BookedCustomer(
        relation_id=CUSTOMER.relation_id, number=10412, vat_number=None, country_code="NL"
    )


def test_a_profile_without_wishes_has_the_rules_of_the_file_format() -> None:
    rules = booking_rules(profile())

    assert rules.home_country == "NL"
    assert rules.description == "Mijnwebwinkel order {order_number}"
    assert rules.rounding_tolerance == Decimal("0.05")
    assert rules.mark_unread
    assert not rules.book_zero_totals
    assert not rules.dated_by_status
    assert (rules.payment_term_days, rules.cost_centre, rules.gift_card_description) == (None, None, None)
    assert rules.ledgers.numbers[LineKind.REVENUE] == {LedgerColumn.NL_HIGH: 8100, LedgerColumn.NL_LOW: 8110}
    assert (rules.ledgers.rounding, rules.ledgers.gift_cards, rules.ledgers.deposits) == (8990, None, None)


def test_every_wish_of_a_profile_reaches_the_rules() -> None:
    books = {
        "kind": "revenue",
        "sku": "BOEK-*",
        "country": "BE",
        "payment_method": "mollie/ideal",
        "nl_low": 8111,
    }
    rules = booking_rules(
        profile(
            bookings={
                "mark_unread": False,
                "invoice_number": "MW-{order_number}",
                "invoice_date": "status",
                "description": "Order {order_number}",
                "payment_term_days": 14,
                "cost_centre": 2,
                "zero_total": "book",
                "rounding_tolerance": "0.10",
                "gift_card_skus": ["GIFT"],
                "gift_card_description_pattern": "(?i)cadeaubon",
                "deposit_skus": ["STATIE"],
                "ledgers": {"gift_cards": 1760, "deposits": 1765, "refinements": [books]},
            },
        )
    )

    assert not rules.mark_unread
    assert (rules.invoice_number, rules.description) == ("MW-{order_number}", "Order {order_number}")
    assert (rules.dated_by_status, rules.book_zero_totals) == (True, True)
    assert (rules.payment_term_days, rules.cost_centre) == (14, 2)
    assert rules.rounding_tolerance == Decimal("0.10")
    assert rules.gift_card_skus == {"gift"}
    assert rules.deposit_skus == {"statie"}
    assert rules.gift_card_description is not None
    assert rules.gift_card_description.search("Een CADEAUBON van 25 euro")
    assert (rules.ledgers.gift_cards, rules.ledgers.deposits) == (1760, 1765)
    (refinement,) = rules.ledgers.refinements
    assert (refinement.kind, refinement.numbers) == (LineKind.REVENUE, {LedgerColumn.NL_LOW: 8111})
    assert (refinement.sku, refinement.country, refinement.payment_method) == ("BOEK-*", "BE", "mollie/ideal")


def test_two_orders_differ_in_the_fields_whose_fingerprints_differ() -> None:
    before = fingerprints(bookable_order(sales_order()))
    now = fingerprints(
        bookable_order(sales_order(total="70.00", tax_region="BE", internal_comment="bel terug"))
    )

    assert {name for name in before if before[name] != now[name]} == {"total", "tax_region"}
    assert before == fingerprints(bookable_order(sales_order()))
