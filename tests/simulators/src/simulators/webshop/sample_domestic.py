"""Sample orders that are booked with Dutch VAT at 21 and 9 %."""

from collections.abc import Mapping
from typing import Final

from simulators.webshop.amounts import CENT, adjusted
from simulators.webshop.sample_buyers import BRAM, CHLOE, COUNTER, FLEUR, GARDENERS, GERMAN, NOOR, TEUN, YUSUF
from simulators.webshop.sample_catalogue import (
    APRON,
    BLANKET,
    CHEESE,
    GLOVES,
    HERBAL_TEA,
    JAM,
    LANTERN,
    PLANT_LABELS,
    POTTING_SOIL,
    SEED_BOOK,
    TWINE,
    TWINE_LARGE,
    TWINE_MEDIUM,
    WATERING_CAN,
)
from simulators.webshop.sample_lines import (
    article,
    custom,
    discount_amount,
    discount_percentage,
    order_price,
    payment_costs,
    payment_costs_spread,
    shipping,
    shipping_spread,
)
from simulators.webshop.sample_order import (
    ADVANCE,
    CASH,
    STATUS_COLLECTED,
    STATUS_NEW,
    STATUS_SHIPPED,
    Build,
    Kind,
    Order,
    Slot,
    credit,
    credited_lines,
    paid,
)
from simulators.webshop.shop_details import OFFLINE_LOCATION_ID

LONG_DESCRIPTION: Final = "Terracotta pot &eacute;n schotel &lt;Ø 30 cm&gt; “handgedraaid” 🪴 – " + ", ".join(
    f"glazuur nr. {number}" for number in range(1, 20)
)


def single_rate_single_tax_object(slot: Slot) -> Order:
    return paid(slot, BRAM, [article(LANTERN)])


def multi_rate_shipping_payment_costs(slot: Slot) -> Order:
    goods = [article(HERBAL_TEA, 2), article(JAM), article(GLOVES), shipping("5.95")]
    return paid(slot, NOOR, [*goods, payment_costs_spread("0.50", goods)])


def percentage_discount_two_rates(slot: Slot) -> Order:
    goods = [article(SEED_BOOK, 2), article(APRON)]
    lines = [*goods, discount_percentage("OOGST10", 10, goods), shipping("5.95")]
    return paid(slot, YUSUF, lines, discountcode="OOGST10")


def fixed_discount_single_rate(slot: Slot) -> Order:
    goods = [article(BLANKET), article(WATERING_CAN)]
    lines = [*goods, discount_amount("TIENTJE", "10.00", goods), shipping("0.00")]
    return paid(slot, FLEUR, lines, discountcode="TIENTJE")


def fixed_discount_two_rates(slot: Slot) -> Order:
    goods = [article(CHEESE, 2), article(GLOVES, 2)]
    lines = [*goods, discount_amount("VIJFJE", "5.00", goods), shipping("5.95"), payment_costs("0.45")]
    return paid(slot, TEUN, lines, discountcode="VIJFJE")


def credit_order_partial(slot: Slot) -> Order:
    original = slot.earlier["multi_rate_shipping_payment_costs"]
    return credit(slot, original, NOOR, [article(HERBAL_TEA, -1)])


def credit_order_full_with_discount(slot: Slot) -> Order:
    original = slot.earlier["percentage_discount_two_rates"]
    lines = credited_lines(original)
    return credit(slot, original, YUSUF, lines, discountcode=original["discountcode"])


def credit_order_positive_signs(slot: Slot) -> Order:
    original = slot.earlier["fixed_discount_two_rates"]
    order = credit(slot, original, TEUN, [article(CHEESE)])
    return {**order, "comments": {"customer": "", "internal": "Retour aan de balie"}}


def pos_no_email(slot: Slot) -> Order:
    order = paid(
        slot,
        COUNTER,
        [article(GLOVES)],
        offline_location_id=OFFLINE_LOCATION_ID,
        payment=CASH,
        shipping=[{"country": []}],
    )
    del order["debtor"]["address"]["delivery"]
    return order


def unpaid_bank_transfer(slot: Slot) -> Order:
    lines = [article(BLANKET), shipping("5.95")]
    return paid(slot, FLEUR, lines, status=STATUS_NEW, payment_status="pending", payment=ADVANCE)


def b2c_germany_dutch_vat(slot: Slot) -> Order:
    return paid(slot, GERMAN, [article(JAM, 4), shipping("13.95")])


def plain_high_rate(slot: Slot) -> Order:
    return paid(slot, BRAM, [article(WATERING_CAN, 2), shipping("5.95")], status=STATUS_SHIPPED)


def plain_low_rate(slot: Slot) -> Order:
    return paid(slot, NOOR, [article(SEED_BOOK), article(CHEESE, 3), shipping("5.95", "9")])


def plain_two_rates(slot: Slot) -> Order:
    return paid(slot, BRAM, [article(APRON), article(JAM, 3), shipping("5.95")])


def collected_in_the_shop(slot: Slot) -> Order:
    return paid(slot, TEUN, [article(HERBAL_TEA, 6), article(GLOVES)], status=STATUS_COLLECTED)


def archived_order(slot: Slot) -> Order:
    return paid(slot, YUSUF, [article(LANTERN), shipping("0.00")], status=STATUS_SHIPPED, archived=True)


def action_price_option(slot: Slot) -> Order:
    return paid(slot, NOOR, [article(BLANKET, 2, action="39.95"), shipping("5.95")])


def product_discount_code(slot: Slot) -> Order:
    return paid(slot, YUSUF, [article(APRON, action="25.20"), shipping("5.95")], discountcode="SCHORT20")


def custom_line(slot: Slot) -> Order:
    lines = [article(LANTERN), custom("Graveren van een naam", "7.50"), shipping("5.95")]
    return paid(slot, FLEUR, lines)


def shipping_spread_over_rates(slot: Slot) -> Order:
    goods = [article(CHEESE, 2), article(APRON)]
    lines = [*goods, shipping_spread("6.95", goods)]
    return paid(slot, BRAM, [*lines, payment_costs_spread("1.00", lines)])


def tax_rows_a_cent_off(slot: Slot) -> Order:
    order = paid(slot, TEUN, [article(CHEESE), article(APRON), shipping("5.95")])
    low, high = order["price"]["tax"]
    low["amount"] = adjusted(low["amount"], lambda amount: amount + CENT)
    high["amount"] = adjusted(high["amount"], lambda amount: amount - CENT)
    return order


def delivery_elsewhere(slot: Slot) -> Order:
    return paid(slot, BRAM, [article(BLANKET), shipping("5.95")], debtor=BRAM.debtor(delivery=FLEUR))


def unusual_text(slot: Slot) -> Order:
    lines = [{**article(LANTERN), "description": LONG_DESCRIPTION}, shipping("5.95")]
    comments = {"customer": "Graag bij de buren 🙂 & niet bellen <svp>", "internal": ""}
    return paid(slot, CHLOE, lines, comments=comments)


def net_priced_business(slot: Slot) -> Order:
    lines = [article(POTTING_SOIL, 10), article(PLANT_LABELS)]
    return paid(
        slot,
        GARDENERS,
        lines,
        taxed="exclude",
        business_model="B2B",
        reference="INK-0042",
        price=order_price(lines, net_priced=True),
    )


def net_priced_rounding(slot: Slot) -> Order:
    lines = [article(TWINE), article(TWINE_MEDIUM), article(TWINE_LARGE)]
    price = {"tax": {"amount": "1.27", "rate": "21.00"}, "total": "7.33"}
    return paid(slot, GARDENERS, lines, taxed="exclude", business_model="B2B", price=price)


def _domestic(build: Build, shows: str, *, needs: str | None = None) -> Kind:
    return Kind(shows=shows, domestic=True, build=build, needs=needs)


DOMESTIC_KINDS: Final[Mapping[str, Kind]] = {
    "single_rate_single_tax_object": _domestic(
        single_rate_single_tax_object, "One article at 21 %; the VAT is one object instead of a list."
    ),
    "multi_rate_shipping_payment_costs": _domestic(
        multi_rate_shipping_payment_costs,
        "9 and 21 %, shipping at one rate, payment costs spread over both.",
    ),
    "percentage_discount_two_rates": _domestic(
        percentage_discount_two_rates,
        "10 % off the articles: one discount line with a price per rate.",
    ),
    "fixed_discount_single_rate": _domestic(
        fixed_discount_single_rate, "10.00 off at one rate, and free shipping as a line of 0.00."
    ),
    "fixed_discount_two_rates": _domestic(
        fixed_discount_two_rates,
        "5.00 off spread over two rates, with shipping and payment costs.",
    ),
    "plain_high_rate": _domestic(plain_high_rate, "Two articles and shipping at 21 %, shipped."),
    "plain_low_rate": _domestic(plain_low_rate, "A book and food at 9 %, with shipping at 9 %."),
    "plain_two_rates": _domestic(plain_two_rates, "Articles at 21 and 9 %, shipping at 21 %."),
    "collected_in_the_shop": _domestic(collected_in_the_shop, "Paid and collected: no shipping line."),
    "archived_order": _domestic(archived_order, "An order that the shop keeper has put in the archive."),
    "action_price_option": _domestic(
        action_price_option, "An action price: an option with a negative price, already inside the line."
    ),
    "product_discount_code": _domestic(
        product_discount_code,
        "A code for one article, inside its line: there is no discount line.",
    ),
    "custom_line": _domestic(custom_line, "A line of free text next to an article."),
    "shipping_spread_over_rates": _domestic(
        shipping_spread_over_rates, "Shipping and payment costs both spread over two rates."
    ),
    "tax_rows_a_cent_off": _domestic(
        tax_rows_a_cent_off, "VAT a cent too high at 9 % and a cent too low at 21 %; the total is exact."
    ),
    "delivery_elsewhere": _domestic(delivery_elsewhere, "Delivered to someone else than the buyer."),
    "unusual_text": _domestic(
        unusual_text, "Accents, an emoji, HTML entities, and a description of more than 250 characters."
    ),
    "net_priced_business": _domestic(
        net_priced_business, "A Dutch business in a shop with prices without VAT, with a reference."
    ),
    "net_priced_rounding": _domestic(
        net_priced_rounding, "Prices without VAT: the lines add up to 7.32, the total is 7.33."
    ),
    "b2c_germany_dutch_vat": _domestic(
        b2c_germany_dutch_vat,
        "Delivered in Germany with Dutch VAT; the e-mail has capitals and spaces.",
    ),
    "unpaid_bank_transfer": _domestic(unpaid_bank_transfer, "Placed and not paid yet: status 1."),
    "pos_no_email": _domestic(
        pos_no_email, "Sold at the counter: no e-mail address, no delivery address, no shipping country."
    ),
    "credit_order_partial": _domestic(
        credit_order_partial,
        "One piece of an earlier order credited: its own number, negative amounts, no payment.",
        needs="multi_rate_shipping_payment_costs",
    ),
    "credit_order_full_with_discount": _domestic(
        credit_order_full_with_discount,
        "An earlier order credited in full: its discount line turns positive.",
        needs="percentage_discount_two_rates",
    ),
    "credit_order_positive_signs": _domestic(
        credit_order_positive_signs,
        "A credit order whose amounts are written positive.",
        needs="fixed_discount_two_rates",
    ),
}
