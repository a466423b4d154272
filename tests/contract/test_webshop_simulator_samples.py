"""The sample orders: exact to the cent, a series of numbers, nobody real."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from simulators.webshop.amounts import to_cents
from simulators.webshop.sample_lines import (
    Line,
    Product,
    article,
    entries,
    order_price,
    payment_costs_spread,
    shipping,
)
from simulators.webshop.samples import Sample, numbered_samples, sample_kinds, sample_orders
from simulators.webshop.shape import price_entries

TODAY = date(2026, 3, 10)

KINDS_OF_THE_DOCUMENTED_SAMPLES = {
    "single_rate_single_tax_object",
    "multi_rate_shipping_payment_costs",
    "percentage_discount_two_rates",
    "fixed_discount_single_rate",
    "b2b_reverse_charge_be",
    "non_eu_zero_percent_ch",
    "oss_belgium_6_and_21",
    "oss_germany_19_and_7",
    "credit_order_partial",
    "credit_order_full_with_discount",
    "zero_total",
    "test_order",
    "pos_no_email",
    "foreign_currency_gbp",
    "unpaid_bank_transfer",
    "domestic_zero_rate_mixed",
    "reverse_charge_without_vat_number",
    "b2c_germany_dutch_vat",
}

# What these show is an amount that does not fit the others.
WRONG_ON_PURPOSE = {
    "tax_rows_a_cent_off",
    "net_priced_rounding",
    "doubled_tax",
    "total_does_not_add_up",
    "credit_order_mixed_signs",
}


def by_kind() -> dict[str, Any]:
    """Return the order of each kind."""
    return {sample.kind: sample.order for sample in numbered_samples(TODAY)}


EXACT = [sample for sample in numbered_samples(TODAY) if sample.kind not in WRONG_ON_PURPOSE]


class TestAmounts:
    @pytest.mark.parametrize("sample", EXACT, ids=lambda sample: sample.kind)
    def test_lines_add_up_to_the_total(self, sample: Sample) -> None:
        price = sample.order["price"]

        gross = sum(Decimal(entry["amount_including_tax"]) for entry in entries(sample.order["orderlines"]))

        assert gross == Decimal(price["total"])

    @pytest.mark.parametrize("sample", EXACT, ids=lambda sample: sample.kind)
    def test_vat_rows_follow_from_the_lines(self, sample: Sample) -> None:
        grosses: dict[str, Decimal] = {}
        for entry in entries(sample.order["orderlines"]):
            gross = Decimal(entry["amount_including_tax"])
            grosses[entry["rate"]] = grosses.get(entry["rate"], Decimal(0)) + gross

        expected = {
            rate: to_cents(gross * Decimal(rate) / (100 + Decimal(rate))) for rate, gross in grosses.items()
        }

        rows = {row["rate"]: Decimal(row["amount"]) for row in price_entries(sample.order["price"]["tax"])}
        assert rows == (expected if Decimal(sample.order["price"]["total"]) else {})

    @pytest.mark.parametrize("sample", EXACT, ids=lambda sample: sample.kind)
    def test_gross_is_net_with_vat_to_the_cent(self, sample: Sample) -> None:
        for entry in entries(sample.order["orderlines"]):
            exact = Decimal(entry["amount"]) * (100 + Decimal(entry["rate"])) / 100
            assert to_cents(exact) == Decimal(entry["amount_including_tax"])

    @pytest.mark.parametrize("sample", numbered_samples(TODAY), ids=lambda sample: sample.kind)
    def test_article_lines_are_unit_times_quantity(self, sample: Sample) -> None:
        for line in sample.order["orderlines"]:
            if line["type"] == "article":
                (article,) = line["articles"]
                options = sum(Decimal(option["price"]["amount"]) for option in article["options"])
                unit = Decimal(article["price"]["amount"]) + options
                assert unit * line["quantity"] == Decimal(line["price"]["amount"])

    def test_full_credit_and_original_are_together_nothing(self) -> None:
        orders = by_kind()
        original, credit = orders["percentage_discount_two_rates"], orders["credit_order_full_with_discount"]

        assert Decimal(original["price"]["total"]) + Decimal(credit["price"]["total"]) == 0
        for row, credited_row in zip(original["price"]["tax"], credit["price"]["tax"], strict=True):
            assert Decimal(row["amount"]) + Decimal(credited_row["amount"]) == 0

    def test_net_priced_total_is_a_cent_more_than_its_lines(self) -> None:
        order = by_kind()["net_priced_rounding"]

        gross = sum(Decimal(entry["amount_including_tax"]) for entry in entries(order["orderlines"]))

        assert (gross, order["price"]["total"]) == (Decimal("7.32"), "7.33")


class TestVendorsExampleOrder:
    """The arithmetic gives the figures of the example order in the MyOnlineStore API contract."""

    def lines(self) -> list[Line]:
        """Return the goods and the shipping of that order."""
        return [
            article(Product(1, "A", "Article A", "30.00"), action="15.00"),
            article(Product(2, "B", "Article B", "8.95"), 2, action="4.95"),
            article(Product(3, "C", "Article C", "1.95"), 3),
            article(Product(4, "D", "Article D", "1.95", rate="9"), 5),
            shipping("5.95"),
        ]

    def test_lines(self) -> None:
        assert [line["price"] for line in self.lines()] == [
            {"amount": "12.396694", "amount_including_tax": "15.00", "rate": "21.00"},
            {"amount": "8.181818", "amount_including_tax": "9.90", "rate": "21.00"},
            {"amount": "4.834710", "amount_including_tax": "5.85", "rate": "21.00"},
            {"amount": "8.944950", "amount_including_tax": "9.75", "rate": "9.00"},
            {"amount": "4.917355", "amount_including_tax": "5.95", "rate": "21.00"},
        ]

    def test_action_price_is_a_negative_option(self) -> None:
        (sold,) = self.lines()[1]["articles"]

        assert sold["price"]["amount"] == "7.396694"
        assert sold["options"][0]["price"]["amount"] == "-3.305785"

    def test_payment_costs_spread_over_two_rates(self) -> None:
        assert payment_costs_spread("1.00", self.lines())["price"] == [
            {"amount": "0.192571", "amount_including_tax": "0.21", "rate": "9.00"},
            {"amount": "0.652972", "amount_including_tax": "0.79", "rate": "21.00"},
        ]

    def test_total(self) -> None:
        lines = self.lines()

        assert order_price([*lines, payment_costs_spread("1.00", lines)])["total"] == "47.45"


def test_costs_with_a_cent_left_over_are_refused() -> None:
    goods = [article(Product(1, "A", "Article A", "10.00", rate)) for rate in ("6", "9", "21")]

    with pytest.raises(ValueError, match="left-over cent"):
        payment_costs_spread("0.20", goods)


class TestSeries:
    def test_every_documented_kind_is_there(self) -> None:
        assert sample_kinds().keys() >= KINDS_OF_THE_DOCUMENTED_SAMPLES

    def test_every_kind_says_what_it_shows(self) -> None:
        sentences = [kind.shows for kind in sample_kinds().values()]

        assert all(sentence.endswith(".") for sentence in sentences)
        assert len(set(sentences)) == len(sentences)

    def test_domestic_kinds_have_dutch_vat_only(self) -> None:
        for name, order in by_kind().items():
            rates = {entry["rate"] for entry in entries(order["orderlines"])}
            dutch = order.get("tax_region") == "NL" and rates <= {"9.00", "21.00"}
            assert not sample_kinds()[name].domestic or (dutch and order["tax_strategy"] == ""), name

    def test_numbers_and_dates_ascend(self) -> None:
        orders = [order for order in sample_orders(TODAY, first_number=501) if order["number"].isdigit()]

        assert [int(order["number"]) for order in orders] == list(range(501, 501 + len(orders)))
        moments = [(order["date"], order["time"]) for order in orders]
        assert moments == sorted(set(moments))
        assert (moments[0][0], moments[-1][0]) == ("2026-03-01", "2026-03-10")

    def test_credit_orders_refer_to_earlier_orders(self) -> None:
        orders = {order["number"]: order for order in sample_orders(TODAY)}
        credit_orders = [order for order in orders.values() if order["credited_order_number"]]

        assert len(credit_orders) == 4
        for credit in credit_orders:
            original = orders[str(credit["credited_order_number"])]
            assert int(original["number"]) < int(credit["number"])
            assert original["credit_order_numbers"] == [credit["number"]]

    def test_asking_for_a_credit_order_brings_its_original(self) -> None:
        kinds = [sample.kind for sample in numbered_samples(TODAY, kinds=["credit_order_partial"])]

        assert kinds == ["multi_rate_shipping_payment_costs", "credit_order_partial"]

    def test_unknown_kind_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no_such_kind"):
            sample_orders(TODAY, ["no_such_kind"])

    def test_same_orders_at_every_run_and_others_in_every_shop(self) -> None:
        first, again = sample_orders(TODAY, shop="tuin"), sample_orders(TODAY, shop="tuin")
        other = sample_orders(TODAY, shop="keuken")

        assert first == again
        assert {order["uuid"] for order in first}.isdisjoint(order["uuid"] for order in other)

    def test_some_buyers_come_back(self) -> None:
        buyers = [order["debtor"].get("email") for order in sample_orders(TODAY)]

        assert len(set(buyers)) < len(buyers)

    def test_nobody_is_real_and_no_order_is_marked(self) -> None:
        text = json.dumps(sample_orders(TODAY))

        assert "_simulator" not in text
        for order in sample_orders(TODAY):
            email = order["debtor"].get("email", "x@example.nl").strip().lower()
            assert email.split("@")[1].split(".")[-2] == "example"
            assert order["debtor"]["phone"] in ("", *(f"+316000000{last:02d}" for last in range(100)))
