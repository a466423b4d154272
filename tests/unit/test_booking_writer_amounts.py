"""Orders and the lines and VAT rows they become, to the cent."""

from dataclasses import replace

import pytest

from booking_writer.domain.order import BookableOrder
from booking_writer_cases import DOCUMENTED_EXAMPLE, amounts, booked, case, line, mirrored, order, vat

SHIPPING_AND_SPREAD_COSTS = order(
    total="36.05",
    vat_amounts=vat(("9.00", "1.43"), ("21.00", "3.24")),
    lines=(
        line("article", ("9.082568", "9.90", "9.00")),
        line("article", ("6.651376", "7.25", "9.00")),
        line("article", ("10.330579", "12.50", "21.00")),
        line("shipping", ("4.917355", "5.95", "21.00")),
        line("payment", ("0.198884", "0.22", "9.00"), ("0.192741", "0.23", "21.00")),
    ),
)

DISCOUNT_OVER_TWO_RATES = order(
    total="65.07",
    vat_amounts=vat(("9.00", "2.00"), ("21.00", "7.10")),
    lines=(
        line("article", ("24.633027", "26.85", "9.00")),
        line("article", ("33.016529", "39.95", "21.00")),
        line("discount", ("-2.463303", "-2.68", "9.00"), ("-3.301653", "-4.00", "21.00")),
        line("shipping", ("4.090909", "4.95", "21.00")),
    ),
)

FREE_SHIPPING = order(
    total="54.95",
    vat_amounts=vat(("21.00", "9.54")),
    lines=(
        line("article", ("49.545455", "59.95", "21.00")),
        line("discount", ("-4.132231", "-5.00", "21.00")),
        line("shipping", ("0.000000", "0.00", "")),
    ),
)

NET_PRICED = order(
    prices_include_vat=False,
    total="7.33",
    vat_amounts=vat(("21.00", "1.27")),
    lines=(
        line("article", ("1.02", "1.23", "21.00")),
        line("article", ("2.02", "2.44", "21.00")),
        line("article", ("3.02", "3.65", "21.00")),
    ),
)

NET_PRICED_AND_A_CENT_MORE = replace(NET_PRICED, total="7.34")

ROUNDED_OVER_BOTH_RATES = order(
    prices_include_vat=False,
    total="23.01",
    vat_amounts=vat(("9.00", "0.90"), ("21.00", "2.10")),
    lines=(line("article", ("10.004", "10.90", "9.00")), line("article", ("10.004", "12.10", "21.00"))),
)


DEPOSIT_PAID_WITH_A_GIFT_CARD = order(
    total="0.00",
    vat_amounts=(),
    lines=(
        line("custom", ("5.00", "5.00", "0.00"), sku="statie"),
        line("store_credit", ("-5.00", "-5.00", "0.00")),
    ),
)

GIFT_CARD_SOLD = order(
    total="93.00",
    lines=(
        line("article", ("56.198347", "68.00", "21.00")),
        line("article", ("25.00", "25.00", "0.00"), sku="GIFT"),
    ),
)

GIFT_CARD_PAYS_ALL = order(
    total="0.00",
    lines=(
        line("article", ("56.198347", "68.00", "21.00")),
        line("gift_card", ("-68.00", "-68.00", None)),
    ),
)

DEPOSIT = order(
    total="68.15",
    lines=(
        line("article", ("56.198347", "68.00", "21.00")),
        line("custom", ("0.15", "0.15", "0.00"), sku="STATIE"),
    ),
)

A_CENT_OFF = order(total="68.01")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(order(), {"8100 revenue": "56.20", "sales_high": "11.80"}, id="one rate"),
        pytest.param(
            DOCUMENTED_EXAMPLE,
            {
                "8100 revenue": "25.42",
                "8110 revenue": "8.94",
                "8310 payment_costs": "5.57",
                "8311 payment_costs": "0.19",
                "sales_high": "6.50",
                "sales_low": "0.83",
            },
            id="the API's documented example",
        ),
        pytest.param(
            SHIPPING_AND_SPREAD_COSTS,
            {
                "8100 revenue": "10.33",
                "8110 revenue": "15.74",
                "8300 shipping": "4.92",
                "8310 payment_costs": "0.19",
                "8311 payment_costs": "0.20",
                "sales_high": "3.24",
                "sales_low": "1.43",
            },
            id="shipping and spread payment costs",
        ),
        pytest.param(
            DISCOUNT_OVER_TWO_RATES,
            {
                "8100 revenue": "33.01",
                "8110 revenue": "24.63",
                "8300 shipping": "4.09",
                "8320 discount": "-3.30",
                "8321 discount": "-2.46",
                "sales_high": "7.10",
                "sales_low": "2.00",
            },
            id="discount over two rates",
        ),
        pytest.param(
            FREE_SHIPPING,
            {"8100 revenue": "49.54", "8320 discount": "-4.13", "sales_high": "9.54"},
            id="free shipping is no line",
        ),
        pytest.param(NET_PRICED, {"8100 revenue": "6.06", "sales_high": "1.27"}, id="net priced"),
        pytest.param(
            NET_PRICED_AND_A_CENT_MORE,
            {"8100 revenue": "6.06", "8990 rounding": "0.01", "sales_high": "1.27"},
            id="net priced: the net stands and leaves the difference",
        ),
        pytest.param(
            replace(NET_PRICED_AND_A_CENT_MORE, prices_include_vat=True),
            {"8100 revenue": "6.05", "8990 rounding": "0.02", "sales_high": "1.27"},
            id="gross priced: the gross stands and leaves the difference",
        ),
        pytest.param(
            ROUNDED_OVER_BOTH_RATES,
            {"8100 revenue": "10.00", "8110 revenue": "10.01", "sales_high": "2.10", "sales_low": "0.90"},
            id="the net rounded once over all rates",
        ),
        pytest.param(
            DEPOSIT_PAID_WITH_A_GIFT_CARD,
            {"1760 gift_card": "-5.00", "1765 deposit": "5.00"},
            id="a zero total of vouchers and deposits is booked",
        ),
        pytest.param(
            GIFT_CARD_SOLD,
            {"8100 revenue": "56.20", "1760 gift_card": "25.00", "sales_high": "11.80"},
            id="gift card sold",
        ),
        pytest.param(
            GIFT_CARD_PAYS_ALL,
            {"8100 revenue": "56.20", "1760 gift_card": "-68.00", "sales_high": "11.80"},
            id="gift card pays all",
        ),
        pytest.param(
            DEPOSIT, {"8100 revenue": "56.20", "1765 deposit": "0.15", "sales_high": "11.80"}, id="deposit"
        ),
        pytest.param(
            A_CENT_OFF,
            {"8100 revenue": "56.20", "8990 rounding": "0.01", "sales_high": "11.80"},
            id="a cent off gets a line of its own",
        ),
        pytest.param(
            mirrored(DISCOUNT_OVER_TWO_RATES),
            {
                "8100 revenue": "-33.01",
                "8110 revenue": "-24.63",
                "8300 shipping": "-4.09",
                "8320 discount": "3.30",
                "8321 discount": "2.46",
                "sales_high": "-7.10",
                "sales_low": "-2.00",
            },
            id="full credit mirrors",
        ),
        pytest.param(
            replace(order(), is_credit=True),
            {"8100 revenue": "-56.20", "sales_high": "-11.80"},
            id="a credit printed positive is flipped",
        ),
        pytest.param(
            order(total="-68.00", vat_amounts=vat(("21.00", "-11.80")), lines=mirrored(order()).lines),
            {"8100 revenue": "-56.20", "sales_high": "-11.80"},
            id="a negative order that is no credit is booked",
        ),
        pytest.param(
            order(vat_amounts=()),
            {"8100 revenue": "56.20", "sales_high": "11.80"},
            id="VAT from the lines",
        ),
        pytest.param(
            order(lines=(line("article", (None, "68.00", "21.00")),)),
            {"8100 revenue": "56.20", "sales_high": "11.80"},
            id="net missing",
        ),
        pytest.param(
            order(lines=(line("article", ("56.198347", None, "21.00")),)),
            {"8100 revenue": "56.20", "sales_high": "11.80"},
            id="gross missing",
        ),
        pytest.param(
            order(
                total="58.00",
                vat_amounts=vat(("21.00", "10.07")),
                lines=(*order().lines, line("custom", ("-8.264463", "-10.00", "21.00"))),
            ),
            {"8100 revenue": "56.20", "8320 discount": "-8.27", "sales_high": "10.07"},
            id="a negative custom line is a discount",
        ),
        pytest.param(
            order(
                total="46.50",
                vat_amounts=vat(("9.00", "0.80"), ("21.00", "6.40")),
                lines=(
                    line("article", ("34.710744", "42.00", "21.00")),
                    line("article", ("10.091743", "11.00", "9.00")),
                    line("discount", (None, "-6.50", "")),
                ),
            ),
            {
                "8100 revenue": "34.71",
                "8110 revenue": "10.09",
                "8320 discount": "-4.26",
                "8321 discount": "-1.24",
                "sales_high": "6.40",
                "sales_low": "0.80",
            },
            id="a discount without rate is shared out over the goods",
        ),
    ],
)
def test_amounts(given: BookableOrder, expected: dict[str, str]) -> None:
    assert amounts(booked(case(given))) == expected
