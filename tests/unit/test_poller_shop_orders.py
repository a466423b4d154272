"""From an order of the shop to the contract, in every shape that the shop may give it."""

import json
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poller.adapters.shop_orders import read_document, read_order
from poller.domain.orders import Unreadable, key_without_uuid
from poller.ports import Sighting
from sconnect.contracts import (
    BuyerAddress,
    CreditedOrder,
    LinePrice,
    OrderLine,
    PaymentMethod,
    SalesOrder,
    VatAmount,
)
from sconnect.webshop import parse
from simulators.webshop.samples import numbered_samples, plain_order

NESTED = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
"""Anything that JSON can hold."""


def sighting_of(raw: Any) -> Sighting:
    return read_order(parse(json.dumps(raw).encode()))


def order_of(raw: Any) -> SalesOrder:
    order = sighting_of(raw).order
    assert order is not None
    return order


def unreadable_of(raw: Any) -> Unreadable:
    found = sighting_of(raw).found
    assert isinstance(found, Unreadable)
    return found


PLAIN: dict[str, Any] = plain_order(1001)
ADDRESS = PLAIN["debtor"]["address"]["invoice"]


def test_an_ordinary_order():
    order = order_of(
        PLAIN
        | {
            "date": "2026-03-02",
            "time": "09:10:00",
            "status_changed_date": "2026-03-03",
            "reference": "MOS &amp; 1",
            "discountcode": "LENTE10",
            "comments": {"customer": "Snel graag", "internal": "klant 10412"},
        }
    )
    assert (order.uuid, order.number, order.revision) == (PLAIN["uuid"], "1001", 1)
    assert (order.placed_on, order.placed_at) == (date(2026, 3, 2), time(9, 10))
    assert (order.status, order.status_changed_on) == (int(PLAIN["status"]), date(2026, 3, 3))
    assert (order.currency, order.total) == ("EUR", PLAIN["price"]["total"])
    assert (order.reference, order.discount_code) == ("MOS & 1", "LENTE10")
    assert order.internal_comment == "klant 10412"
    assert (order.is_credit, order.credits) == (False, None)
    assert (order.business_model, order.tax_region, order.tax_strategy) == ("B2C", "NL", "")
    assert order.shipping_country == "NL"


def test_amounts_are_the_text_they_came_as():
    price = b'{"tax": {"amount": 0.830000, "rate": 9.00}, "total": 47.450000}'
    raw = parse(json.dumps(PLAIN | {"price": "HERE"}).encode().replace(b'"HERE"', price))
    order = read_order(raw).order
    assert order is not None
    assert (order.total, order.vat_amounts) == ("47.450000", (VatAmount(rate="9.00", amount="0.830000"),))


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        ({"amount": "11.80", "rate": "21.00"}, (VatAmount(rate="21.00", amount="11.80"),)),
        ([{"amount": "11.80", "rate": "21.00"}], (VatAmount(rate="21.00", amount="11.80"),)),
        (
            [{"amount": "0.83", "rate": "9.00"}, {"amount": "6.50", "rate": "21.00"}],
            (VatAmount(rate="9.00", amount="0.83"), VatAmount(rate="21.00", amount="6.50")),
        ),
        ([], ()),
        (None, ()),
        ([{"amount": "1.00", "rate": ""}], (VatAmount(rate=None, amount="1.00"),)),
    ],
)
def test_vat_is_a_list_an_object_or_nothing(tax: Any, expected: tuple[VatAmount, ...]):
    assert order_of(PLAIN | {"price": {"tax": tax, "total": "68.00"}}).vat_amounts == expected


def test_a_line_has_one_price_per_rate():
    high = {"amount": "0.652972", "amount_including_tax": "0.79", "rate": "21.00"}
    low = {"amount": "0.192571", "amount_including_tax": "0.21", "rate": "9.00"}
    articles = [{"id": 1, "sku": "", "options": []}, {"id": 2, "sku": "TREIN"}]
    lines = [
        {
            "type": "article",
            "quantity": 2,
            "description": "Trein &euro;",
            "price": high,
            "articles": articles,
        },
        {"type": "payment", "quantity": "1", "price": [low, high]},
        {"type": "nieuw", "price": []},
    ]
    high_price, low_price = (
        LinePrice(net=price["amount"], gross=price["amount_including_tax"], rate=price["rate"])
        for price in (high, low)
    )
    assert order_of(PLAIN | {"orderlines": lines}).lines == (
        OrderLine(kind="article", description="Trein €", quantity="2", sku="TREIN", prices=(high_price,)),
        OrderLine(kind="payment", quantity="1", prices=(low_price, high_price)),
        OrderLine(kind="nieuw"),
    )


def test_a_single_line_may_come_bare():
    line = {"type": "custom", "quantity": 1, "price": {"amount": "1.00"}}
    assert len(order_of(PLAIN | {"orderlines": line}).lines) == 1


@pytest.mark.parametrize("value", [None, "", [], 0, "0", {}])
def test_an_order_that_credits_nothing(value: Any):
    assert order_of(PLAIN | {"credited_order_number": value}).credits is None


@pytest.mark.parametrize("value", [28, "28"])
def test_an_order_that_credits_another(value: Any):
    assert order_of(PLAIN | {"credited_order_number": value}).credits == CreditedOrder(number="28")


@pytest.mark.parametrize("name", ["credited_order_number", "payment", "comments", "price", "orderlines"])
def test_a_part_may_be_absent(name: str):
    assert order_of({key: value for key, value in PLAIN.items() if key != name}).number == "1001"


def test_empty_objects_come_as_lists():
    raw = PLAIN | {
        "payment": [],
        "comments": [],
        "partner": [],
        "shipping": [{"country": []}],
        "debtor": {"address": {"invoice": ADDRESS, "delivery": []}},
    }
    order = order_of(raw)
    assert (order.payment, order.internal_comment, order.shipping_country) == (None, None, None)
    assert (order.buyer.email, order.buyer.delivery) == (None, None)


def test_a_payment_object_with_a_status():
    payment = {"gateway_name": "mollie", "method_name": "ideal", "status": {"id": 1, "text": "Ok"}}
    assert order_of(PLAIN | {"payment": payment}).payment == PaymentMethod(gateway="mollie", method="ideal")


def test_an_address_is_read_without_the_deprecated_copies():
    invoice = {
        "id": 7,
        "gender": "V",
        "name": "Truus &#39;t Voorbeeld",
        "company": "Voorbeeld BV",
        "phone": "+31600000002",
        "street": "Kerkstraat",
        "number": 12,
        "zipcode": "1234AB",
        "city": "Teststad",
        "country": "Nederland",
        "country_code": "NL",
        "taxnumber": "NL000099998B57",
        "bankaccount": "",
    }
    debtor = {"name": "Iemand Anders", "email": " truus@example.nl ", "address": {"invoice": invoice}}
    buyer = order_of(PLAIN | {"debtor": debtor}).buyer
    assert buyer.email == "truus@example.nl"
    assert buyer.invoice == BuyerAddress(
        name="Truus 't Voorbeeld",
        company="Voorbeeld BV",
        street="Kerkstraat",
        house_number="12",
        postcode="1234AB",
        city="Teststad",
        country_code="NL",
        phone="+31600000002",
        gender="V",
        vat_number="NL000099998B57",
    )


@pytest.mark.parametrize(
    ("taxed", "with_vat"), [("include", True), ("exclude", False), ("", True), (None, True)]
)
def test_prices_include_vat_unless_the_shop_says_not(taxed: str | None, with_vat: bool):
    assert order_of(PLAIN | {"taxed": taxed}).prices_include_vat is with_vat


def test_a_status_or_a_time_that_is_none_is_left_out():
    order = order_of(PLAIN | {"status": "betaald", "time": "straks", "status_changed_date": "0000-00-00"})
    assert (order.status, order.placed_at, order.status_changed_on) == (None, None, None)


def test_a_time_is_never_converted():
    raw = PLAIN | {"date": "2026-03-02T23:30:00+00:00", "time": "23:30:00+00:00"}
    assert (order_of(raw).placed_on, order_of(raw).placed_at) == (date(2026, 3, 2), time(23, 30))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": None}, "number"),
        ({"number": ""}, "number"),
        ({"number": []}, "number"),
        ({"number": "9" * 16}, "number"),
        ({"number": "T" * 65}, "number"),
        ({"uuid": None}, "uuid"),
        ({"uuid": []}, "uuid"),
        ({"uuid": "0" * 65}, "uuid"),
        ({"date": None}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": []}, "date"),
    ],
)
def test_what_can_be_no_order_names_the_field(changes: dict[str, Any], field: str):
    assert unreadable_of(PLAIN | changes).field == field


@pytest.mark.parametrize("raw", [None, [], {}, "order", 7, True])
def test_what_is_no_object_is_unreadable(raw: Any):
    found = unreadable_of(raw)
    assert (found.field, found.number) == ("order", "")


def test_an_unreadable_order_is_known_by_its_uuid_else_by_its_number_else_by_its_text():
    assert unreadable_of(PLAIN | {"date": None}).key == PLAIN["uuid"]
    assert unreadable_of(PLAIN | {"uuid": None}).key == key_without_uuid("1001")
    assert unreadable_of("one").key == unreadable_of("one").key != unreadable_of("other").key


def test_what_was_kept_is_read_as_it_was_first():
    first = sighting_of(PLAIN | {"unknown": {"of": "a later version"}})
    assert read_document(first.document) == first
    assert "a later version" in first.document


@pytest.mark.parametrize("sample", numbered_samples(date(2026, 3, 9)), ids=lambda sample: sample.kind)
def test_every_kind_of_order_is_read_whole(sample: Any):
    order = order_of(sample.order)
    assert order.number == sample.order["number"]
    assert order.total == sample.order["price"]["total"]
    assert len(order.lines) == len(sample.order["orderlines"])


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(PLAIN)), NESTED) | NESTED, st.booleans())
def test_nothing_that_json_can_hold_is_an_error(changes: Any, whole: bool):
    raw = PLAIN | changes if whole and isinstance(changes, dict) else changes
    sighting = sighting_of(raw)
    assert read_document(sighting.document) == sighting
    if sighting.order is not None:
        assert 0 < len(sighting.order.uuid) <= 64
        assert 0 < len(sighting.order.number) <= 64
        assert sighting.order.model_dump_json()
