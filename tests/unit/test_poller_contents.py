"""The fingerprint of what is booked of an order."""

from datetime import date
from typing import Any

import pytest

from factories import sales_order
from poller.domain.contents import contents_print, differ
from sconnect.contracts import (
    Buyer,
    BuyerAddress,
    CreditedOrder,
    LinePrice,
    OrderLine,
    PaymentMethod,
    VatAmount,
)


def print_of(**changes: Any) -> str:
    return contents_print(sales_order(**changes).model_dump(mode="json"))


LINE = sales_order().lines[0]
BUYER = sales_order().buyer


@pytest.mark.parametrize(
    "changes",
    [
        {"total": "68.01"},
        {"currency": "GBP"},
        {"prices_include_vat": False},
        {"tax_region": "BE"},
        {"tax_strategy": "reverse_charged_vat"},
        {"shipping_country": "BE"},
        {"placed_on": date(2026, 3, 3)},
        {"vat_amounts": (VatAmount(rate="21.00", amount="11.81"),)},
        {"lines": (LINE,)},
        {"lines": (LINE.model_copy(update={"description": "Houten boot"}), *sales_order().lines[1:])},
        {"buyer": BUYER.model_copy(update={"email": "sanne@voorbeeld.example.nl"})},
        {"buyer": BUYER.model_copy(update={"invoice": BuyerAddress(name="Sanne Voorbeeld")})},
        {"buyer": BUYER.model_copy(update={"delivery": None})},
        {"credits": CreditedOrder(number="1000")},
    ],
)
def test_what_is_booked_counts(changes: dict[str, Any]):
    assert differ(print_of(), print_of(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 2, "status_changed_on": date(2026, 3, 9)},
        {"internal_comment": "ingepakt"},
        {"reference": "ABC"},
        {"payment_status": "refunded", "payment": PaymentMethod(gateway="basic", method="cash")},
        {"revision": 2},
        {"is_credit": True},
        {"buyer": BUYER.model_copy(update={"account_id": "5e6f"})},
    ],
)
def test_what_changes_while_an_order_is_handled_does_not_count(changes: dict[str, Any]):
    assert not differ(print_of(), print_of(**changes))


def test_of_a_credit_order_only_the_number_of_the_original_counts():
    found = CreditedOrder(number="1000", uuid="0c6f", placed_on=date(2026, 1, 1))
    assert print_of(credits=found) == print_of(credits=CreditedOrder(number="1000"))


@pytest.mark.parametrize(("before", "now"), [("68.00", "68.000000"), ("68.00", "68"), ("68.00", "68.0")])
def test_one_amount_in_several_forms_is_no_change(before: str, now: str):
    assert print_of(total=before) == print_of(total=now)


@pytest.mark.parametrize(
    ("one", "other"), [("68.00", "-68.00"), ("6.80", "68.0"), ("0.10", "0.01"), ("x", "y")]
)
def test_other_amounts_are_a_change(one: str, other: str):
    assert print_of(total=one) != print_of(total=other)


def test_zero_has_no_sign():
    line = OrderLine(kind="shipping", prices=(LinePrice(net="0.00", gross="0", rate="21.00"),))
    mirrored = OrderLine(kind="shipping", prices=(LinePrice(net="-0.00", gross="-0", rate="21.0"),))
    assert print_of(lines=(line,)) == print_of(lines=(mirrored,))


def test_an_article_number_is_no_amount():
    with_zero, without = (LINE.model_copy(update={"sku": sku}) for sku in ("1.0", "1"))
    assert print_of(lines=(with_zero,)) != print_of(lines=(without,))


def test_a_buyer_without_anything_has_a_fingerprint_too():
    assert print_of(buyer=Buyer()).startswith("1:")


def test_fingerprints_of_different_versions_are_not_compared():
    assert not differ("1:aaa", "2:bbb")
    assert differ("2:aaa", "2:bbb")
