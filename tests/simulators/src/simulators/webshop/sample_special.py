"""Sample orders that are not booked as domestic ones: other VAT, nothing to book, or something wrong."""

from collections.abc import Mapping
from typing import Final

from simulators.webshop.amounts import adjusted
from simulators.webshop.sample_buyers import (
    BELGIAN,
    BELGIAN_COMPANY,
    BRAM,
    GERMAN,
    GERMAN_COMPANY,
    NOOR,
    SWISS,
)
from simulators.webshop.sample_catalogue import (
    APRON,
    BELGIAN_BOOK,
    BELGIAN_RAKE,
    BLANKET,
    CHEESE,
    COURSE,
    ENGLISH_SHEARS,
    GERMAN_SPADE,
    GERMAN_TEA,
    GIFT_CARD,
    GLOVES,
    JAM,
    LANTERN,
    PLANT_LABELS,
    POTTING_SOIL,
    SAMPLE_BAG,
    SEED_BOOK,
    WATERING_CAN,
)
from simulators.webshop.sample_lines import (
    article,
    discount_percentage,
    order_price,
    payment_costs_spread,
    shipping,
    shipping_spread,
)
from simulators.webshop.sample_order import (
    BANCONTACT,
    PAYPAL,
    Build,
    Kind,
    Order,
    Slot,
    credit,
    paid,
    shipped_to,
    unpaid,
)


def b2b_reverse_charge_be(slot: Slot) -> Order:
    lines = [article(PLANT_LABELS, 3, charged="0"), article(POTTING_SOIL, 5, charged="0")]
    return paid(
        slot,
        BELGIAN_COMPANY,
        lines,
        taxed="exclude",
        business_model="B2B",
        reference="AK-2207",
        tax_region="BE",
        tax_strategy="reverse_charged_vat",
        payment=BANCONTACT,
    )


def reverse_charge_without_vat_number(slot: Slot) -> Order:
    return paid(
        slot,
        GERMAN_COMPANY,
        [article(POTTING_SOIL, 8, charged="0")],
        taxed="exclude",
        business_model="B2B",
        tax_strategy="reverse_charged_vat",
    )


def non_eu_zero_percent_ch(slot: Slot) -> Order:
    lines = [article(LANTERN, charged="0"), shipping("18.00", "0", catalogue_rate="21")]
    return paid(slot, SWISS, lines, tax_region="CH", tax_strategy="zero_percent", payment=PAYPAL)


def oss_belgium_6_and_21(slot: Slot) -> Order:
    goods = [article(BELGIAN_BOOK, 2), article(BELGIAN_RAKE)]
    lines = [*goods, shipping_spread("7.50", goods)]
    return paid(slot, BELGIAN, lines, tax_region="BE", payment=BANCONTACT)


def oss_germany_19_and_7(slot: Slot) -> Order:
    goods = [article(GERMAN_TEA, 2), article(GERMAN_SPADE), shipping("8.33", "19")]
    lines = [*goods, payment_costs_spread("0.90", goods)]
    return paid(slot, GERMAN, lines, tax_region="DE", payment=PAYPAL)


def domestic_zero_rate_mixed(slot: Slot) -> Order:
    return paid(slot, NOOR, [article(COURSE), article(SEED_BOOK)])


def gift_card_sold(slot: Slot) -> Order:
    return paid(slot, BRAM, [article(GIFT_CARD, 2), article(JAM)])


def zero_total(slot: Slot) -> Order:
    goods = [article(SAMPLE_BAG)]
    lines = [*goods, discount_percentage("GRATIS", 100, goods)]
    return unpaid(paid(slot, BRAM, lines, discountcode="GRATIS", payment_status="unknown"))


def test_order(slot: Slot) -> Order:
    return paid(slot, NOOR, [article(LANTERN)], number=f"T-{slot.number}")


def foreign_currency_gbp(slot: Slot) -> Order:
    lines = [article(ENGLISH_SHEARS), shipping("6.95")]
    return paid(slot, NOOR, lines, currency="GBP", locale="en_GB")


def doubled_tax(slot: Slot) -> Order:
    order = paid(slot, BRAM, [article(APRON), shipping("5.95")], payment=PAYPAL)
    order["price"]["tax"]["amount"] = adjusted(order["price"]["tax"]["amount"], lambda amount: amount * 2)
    return order


def total_does_not_add_up(slot: Slot) -> Order:
    lines = [article(WATERING_CAN), article(JAM, 2)]
    price = order_price(lines)
    total = adjusted(price["total"], lambda amount: amount + 1)
    return paid(slot, NOOR, lines, price={**price, "total": total})


def unknown_line_type(slot: Slot) -> Order:
    lines = [article(BLANKET), {**shipping("2.50"), "type": "insurance", "description": "Verzekerde zending"}]
    return paid(slot, BRAM, lines)


def tax_region_outside_eu(slot: Slot) -> Order:
    lines = [article(GLOVES, 2), shipping("14.95")]
    return paid(slot, SWISS, lines, tax_region="CH")


def credit_order_mixed_signs(slot: Slot) -> Order:
    original = slot.earlier["oss_belgium_6_and_21"]
    order = credit(slot, original, BELGIAN, [article(BELGIAN_BOOK, -1)], tax_region="BE")
    order["price"]["total"] = adjusted(order["price"]["total"], lambda amount: -amount)
    return order


def older_order_without_tax_region(slot: Slot) -> Order:
    order = paid(slot, BELGIAN, [article(CHEESE)], shipping=[shipped_to("BE")])
    return {name: value for name, value in order.items() if name != "tax_region"}


def _special(build: Build, shows: str, *, needs: str | None = None) -> Kind:
    return Kind(shows=shows, domestic=False, build=build, needs=needs)


SPECIAL_KINDS: Final[Mapping[str, Kind]] = {
    "b2b_reverse_charge_be": _special(
        b2b_reverse_charge_be, "A Belgian business with a VAT number: 0 %, reverse charged."
    ),
    "reverse_charge_without_vat_number": _special(
        reverse_charge_without_vat_number, "A German business without a VAT number: 0 %, reverse charged."
    ),
    "non_eu_zero_percent_ch": _special(
        non_eu_zero_percent_ch, "Export to Switzerland: 0 %, net amounts with 6 decimals."
    ),
    "oss_belgium_6_and_21": _special(
        oss_belgium_6_and_21, "Belgian VAT at 6 and 21 %, shipping spread over both rates."
    ),
    "oss_germany_19_and_7": _special(
        oss_germany_19_and_7, "German VAT at 19 and 7 %, payment costs spread over both rates."
    ),
    "domestic_zero_rate_mixed": _special(
        domestic_zero_rate_mixed, "A line at 0 % inside the Netherlands, without a tax strategy."
    ),
    "gift_card_sold": _special(gift_card_sold, "Two gift cards at 0 % next to an article at 9 %."),
    "zero_total": _special(zero_total, "A total of 0.00: no payment, no VAT."),
    "test_order": _special(test_order, "A test order: its number is not all digits."),
    "foreign_currency_gbp": _special(foreign_currency_gbp, "Placed when the shop sold in pounds."),
    "doubled_tax": _special(doubled_tax, "The VAT of the order is twice what the lines say."),
    "total_does_not_add_up": _special(total_does_not_add_up, "The total is 1.00 more than the lines."),
    "unknown_line_type": _special(unknown_line_type, "A line of a type that the documents do not know."),
    "tax_region_outside_eu": _special(
        tax_region_outside_eu, "A tax region outside the EU with VAT above 0 %."
    ),
    "credit_order_mixed_signs": _special(
        credit_order_mixed_signs,
        "A credit order with negative lines and a positive total.",
        needs="oss_belgium_6_and_21",
    ),
    "older_order_without_tax_region": _special(
        older_order_without_tax_region, "No tax region, as before 2021, and delivered in Belgium."
    ),
}
