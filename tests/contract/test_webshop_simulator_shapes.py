"""The forms in which an order can leave the webshop simulator, switch by switch."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from simulators.clock import system_clock
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import plain_order, sample_kinds
from simulators.webshop.switches import ApiSwitches, ShapeSwitches, switch_names

README = Path(__file__).parents[1] / "simulators/README.md"

Shown: TypeAlias = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(create_app(system_clock)) as url:
        yield url


@pytest.fixture
def shop(base_url: str) -> Iterator[ShopDriver]:
    with ShopDriver(base_url) as driver:
        driver.control("POST", "/reset")
        yield driver


@pytest.fixture
def shown(shop: ShopDriver) -> Shown:
    """Return a function that shows a sample order of a shop with the switches given."""

    def show(kind: str, **options: Any) -> dict[str, Any]:
        shop.open(options=options)
        added = shop.add_samples("2026-03-10", kinds=[kind])
        (number,) = [sample["number"] for sample in added if sample["kind"] == kind]
        order: dict[str, Any] = shop.get(f"/v1/orders/{number}").raise_for_status().json()
        return order

    return show


class TestNumbers:
    def test_text_by_default(self, shown: Shown) -> None:
        order = shown("single_rate_single_tax_object")

        assert (order["number"], order["price"]["total"]) == ("1001", "89.00")
        assert order["orderlines"][0]["price"]["amount"] == "73.553719"

    def test_json_numbers(self, shown: Shown) -> None:
        order = shown("single_rate_single_tax_object", order_number="integer", amounts="number")

        assert (order["number"], order["price"]["total"], order["weight"]) == (1001, 89, 0)
        assert order["price"]["tax"] == {"amount": 15.45, "rate": 21}
        assert order["orderlines"][0]["price"] == {
            "amount": 73.553719,
            "amount_including_tax": 89,
            "rate": 21,
        }
        assert order["orderlines"][0]["articles"][0]["price"]["amount"] == 73.553719

    def test_text_from_an_order_that_was_stored_with_numbers(self, shop: ShopDriver) -> None:
        shop.open(options={"order_number": "text", "amounts": "text"})
        price = {"tax": [{"amount": 6.5, "rate": 21.0}], "total": 37.45}
        shop.add({**plain_order(27), "number": 27, "price": price})

        (order,) = shop.orders()

        assert order["number"] == "27"
        assert order["price"] == {"tax": [{"amount": "6.50", "rate": "21.00"}], "total": "37.45"}

    def test_six_decimals_in_the_order_price_as_in_the_contract(self, shown: Shown) -> None:
        order = shown("single_rate_single_tax_object", order_price_decimals=6)

        assert order["price"] == {"tax": {"amount": "15.450000", "rate": "21.00"}, "total": "89.000000"}


class TestListsAndObjects:
    def test_one_rate_is_an_object_and_two_are_a_list(self, shown: Shown) -> None:
        one = shown("single_rate_single_tax_object")["price"]["tax"]
        two = shown("multi_rate_shipping_payment_costs")["price"]["tax"]

        assert isinstance(one, dict)
        assert [row["rate"] for row in two] == ["9.00", "21.00"]

    def test_one_rate_as_a_list(self, shown: Shown) -> None:
        assert shown("single_rate_single_tax_object", tax_rows="list")["price"]["tax"] == [
            {"amount": "15.45", "rate": "21.00"}
        ]

    def test_no_rate_is_an_empty_list(self, shown: Shown) -> None:
        assert shown("zero_total")["price"]["tax"] == []

    def test_spread_costs_are_a_list_and_others_an_object(self, shown: Shown) -> None:
        order = shown("multi_rate_shipping_payment_costs")

        forms = {line["type"]: type(line["price"]) for line in order["orderlines"]}
        assert forms == {"article": dict, "shipping": dict, "payment": list}

    def test_discount_is_a_list_also_with_one_rate_unless_switched(self, shown: Shown) -> None:
        as_list = shown("fixed_discount_single_rate")["orderlines"][2]["price"]
        as_object = shown("fixed_discount_single_rate", line_prices="object")["orderlines"][2]["price"]

        assert as_list == [{"amount": "-8.264462", "amount_including_tax": "-10.00", "rate": "21.00"}]
        assert as_object == as_list[0]

    def test_every_line_price_a_list(self, shown: Shown) -> None:
        order = shown("multi_rate_shipping_payment_costs", line_prices="list")

        assert [len(line["price"]) for line in order["orderlines"]] == [1, 1, 1, 1, 2]


class TestEmptyFields:
    def test_absent_by_default(self, shown: Shown) -> None:
        order = shown("pos_no_email")

        assert "partner" not in order
        assert "delivery" not in order["debtor"]["address"]
        assert "payment" not in shown("zero_total")

    def test_empty_lists(self, shown: Shown) -> None:
        counter = shown("pos_no_email", empty_objects="list")
        free = shown("zero_total", empty_objects="list")

        assert (counter["partner"], counter["debtor"]["address"]["delivery"]) == ([], [])
        assert (free["payment"], free["partner"]) == ([], [])
        assert free["comments"] == {"customer": "", "internal": ""}

    def test_empty_shipping_country(self, shown: Shown) -> None:
        assert shown("pos_no_email")["shipping"] == [{"country": []}]
        assert shown("plain_high_rate")["shipping"] == [
            {"country": {"description": "Nederland", "isocode": "NL"}}
        ]
        assert shown("plain_high_rate", shipping_country="list")["shipping"] == [{"country": []}]

    @pytest.mark.parametrize(("form", "expected"), [("null", None), ("text", ""), ("list", [])])
    def test_no_credited_order(self, shown: Shown, form: str, expected: object) -> None:
        assert shown("plain_high_rate", no_credited_order=form)["credited_order_number"] == expected
        assert shown("credit_order_partial", no_credited_order=form)["credited_order_number"] == 1001

    def test_no_credited_order_absent(self, shown: Shown) -> None:
        assert "credited_order_number" not in shown("plain_high_rate", no_credited_order="absent")

    def test_weight(self, shown: Shown) -> None:
        assert shown("plain_high_rate")["weight"] == "0"
        assert shown("plain_high_rate", weight="empty")["weight"] == ""
        assert "weight" not in shown("plain_high_rate", weight="absent")

    def test_address_ids(self, shown: Shown) -> None:
        without = shown("plain_high_rate")["debtor"]["address"]
        given = shown("plain_high_rate", address_ids="uuid")["debtor"]["address"]

        assert "id" not in without["invoice"]
        assert len({address["id"] for address in given.values()}) == 2


class TestWrongAmounts:
    def test_tax_a_cent_off_both_ways_with_the_exact_total(self, shown: Shown) -> None:
        exact = shown("multi_rate_shipping_payment_costs")["price"]
        off = shown("multi_rate_shipping_payment_costs", tax_cents_off=1)["price"]

        changes = [
            Decimal(now["amount"]) - Decimal(before["amount"])
            for now, before in zip(off["tax"], exact["tax"], strict=True)
        ]
        assert changes == [Decimal("0.01"), Decimal("-0.01")]
        assert off["total"] == exact["total"]

    def test_single_tax_row_a_cent_off(self, shown: Shown) -> None:
        assert shown("single_rate_single_tax_object", tax_cents_off=-1)["price"]["tax"]["amount"] == "15.44"

    def test_total_a_cent_off(self, shown: Shown) -> None:
        assert shown("net_priced_business", total_cents_off=1)["price"]["total"] == "133.41"

    def test_tax_doubled(self, shown: Shown) -> None:
        price = shown("single_rate_single_tax_object", tax_doubled=True)["price"]

        assert price == {"tax": {"amount": "30.90", "rate": "21.00"}, "total": "89.00"}

    def test_an_order_overrules_its_shop(self, shop: ShopDriver) -> None:
        shop.open(options={"tax_rows": "list"})
        shop.add(
            plain_order(1001, _simulator={"tax_doubled": True}),
            plain_order(1002, _simulator={"tax_rows": "stored"}),
            plain_order(1003),
        )

        assert [order["price"]["tax"] for order in shop.orders()] == [
            [{"amount": "19.38", "rate": "21.00"}],
            {"amount": "9.69", "rate": "21.00"},
            [{"amount": "9.69", "rate": "21.00"}],
        ]


class TestLineTypes:
    def test_shipping_under_the_name_in_the_contracts_example(self, shown: Shown) -> None:
        order = shown("plain_high_rate", line_type_names={"shipping": "payment"})

        assert [line["type"] for line in order["orderlines"]] == ["article", "payment"]


class TestCreditOrders:
    def test_negative_by_default(self, shown: Shown) -> None:
        order = shown("credit_order_full_with_discount")

        assert order["price"]["total"] == "-70.12"
        assert [line["quantity"] for line in order["orderlines"]] == [-2, -1, 1, 1]
        assert order["orderlines"][2]["price"][0]["amount_including_tax"] == "3.98"
        assert "payment" not in order

    def test_links_both_ways(self, shop: ShopDriver, shown: Shown) -> None:
        credit = shown("credit_order_partial")

        original = shop.get(f"/v1/orders/{credit['credited_order_number']}").json()
        assert original["credit_order_numbers"] == [credit["number"]]

    def test_positive(self, shown: Shown) -> None:
        order = shown("credit_order_full_with_discount", credit_signs="positive")

        assert order["price"]["total"] == "70.12"
        assert [row["amount"] for row in order["price"]["tax"]] == ["2.96", "5.95"]
        assert [line["quantity"] for line in order["orderlines"]] == [2, 1, 1, 1]
        assert order["orderlines"][0]["price"]["amount"] == "36.513760"
        assert order["orderlines"][2]["price"][0]["amount_including_tax"] == "-3.98"

    def test_mixed(self, shown: Shown) -> None:
        order = shown("credit_order_partial", credit_signs="mixed")

        assert order["price"]["total"] == "4.75"
        assert order["orderlines"][0]["price"]["amount_including_tax"] == "-4.75"

    def test_ordinary_orders_keep_their_signs(self, shown: Shown) -> None:
        assert shown("plain_high_rate", credit_signs="positive") == shown("plain_high_rate")


class TestText:
    def test_accents_emoji_and_entities_survive(self, shown: Shown) -> None:
        order = shown("unusual_text")

        assert order["debtor"]["name"] == "Chloë D'Exemplé-Żółć 🌷"
        assert len(order["orderlines"][0]["description"]) > 250
        assert "&eacute;n schotel &lt;" in order["orderlines"][0]["description"]


def test_readme_names_every_switch() -> None:
    text = README.read_text()

    for name in switch_names(ApiSwitches) | switch_names(ShapeSwitches):
        assert f"`{name}`" in text


def test_what_the_switches_show_is_not_what_is_stored(shop: ShopDriver, shown: Shown) -> None:
    before = shown("multi_rate_shipping_payment_costs")
    shown("multi_rate_shipping_payment_costs", amounts="number", tax_cents_off=1, line_prices="list")

    shop.open()

    assert shop.get(f"/v1/orders/{before['number']}").json() == before


@pytest.mark.parametrize("kind", [name for name in sample_kinds() if name != "test_order"])
def test_every_sample_can_be_shown_in_the_oddest_form(shown: Shown, kind: str) -> None:
    order = shown(
        kind,
        order_number="integer",
        amounts="number",
        tax_rows="list",
        line_prices="list",
        empty_objects="list",
        shipping_country="list",
        no_credited_order="list",
        weight="empty",
        address_ids="uuid",
    )

    assert isinstance(order["number"], int)
    assert isinstance(order["price"]["total"], int | float)
    assert all(isinstance(line["price"], list) for line in order["orderlines"])
