"""One order as a file: everything that its page tells, and nothing that a spreadsheet would compute."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from console.adapters.web.order_documents import OrderTrailDocument
from console.adapters.web.pages.trail_export import trail_csv
from console.adapters.web.pages.words import Words
from console.domain.standing import OrderRow, OrderStatus, Standing
from console.handlers.orders import OrderTrail
from fakes_console import OrderStory
from sconnect.contracts import CardChange, LinePrice, Message, OrderLine, VatAmount, VendorCall

STORY = OrderStory()
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POSTED = VendorCall(
    vendor="snelstart",
    method="POST",
    path="/v2/verkoopboekingen",
    status=201,
    outcome="success",
    began_at=AT,
    duration_ms=180,
)
LINE = OrderLine(
    kind="article",
    description='=HYPERLINK("https://elders.example.nl")',
    prices=(LinePrice(net="56.20", gross="68.00", rate="21.00"),),
)


def story() -> list[Message]:
    received, resolved = STORY.received(), STORY.resolved()
    vat = (VatAmount(rate="21.00", amount="11.80"),)
    order = received.order.model_copy(update={"lines": (LINE,), "vat_amounts": vat})
    change = CardChange(field="phone", old="0101234567", new="+31600000001")
    customer = resolved.customer.model_copy(update={"changes": (change,)})
    return [
        received.model_copy(update={"order": order}),
        resolved.model_copy(update={"customer": customer}),
        STORY.booked().model_copy(update={"calls": (POSTED,)}),
    ]


def exported(messages: list[Message], language: str = "nl") -> list[list[str]]:
    standing = Standing(
        order_number="1001",
        status=OrderStatus.BOOKED,
        version=(1, 0),
        heard=(1, 0),
        replays=0,
        ordered_on=date(2026, 3, 2),
        updated_at=AT,
    )
    row = OrderRow(profile=STORY.profile, order_uuid=STORY.uuid, standing=standing)
    document = OrderTrailDocument.of_trail(OrderTrail(row=row, messages=messages), language)
    written = trail_csv(document, Words(language)).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(written), delimiter=";" if language == "nl" else ","))


def test_everything_from_shop_to_booking_is_in_the_file() -> None:
    heading, *rows = exported(story())
    assert heading == ["Onderdeel", "Wanneer", "Wat", "Grootboek", "Btw", "Bedrag"]
    assert [row[0] for row in rows] == (
        ["Uit de webshop"] * 3 + ["Klant in SnelStart"] * 3 + ["Boeking in SnelStart"] * 3
        + ["Wat er gebeurde"] * 4
    )  # fmt: skip
    assert ["Boeking in SnelStart", "2026-03-02", "A", "8100", "hoog", "56,20"] in rows
    assert ["Klant in SnelStart", "", "telefoon: 0101234567 → +31600000001", "", "", ""] in rows
    assert rows[-1][2] == "SnelStart: POST /v2/verkoopboekingen (201, gelukt)"


def test_an_english_reader_gets_points_for_decimals() -> None:
    _, *rows = exported(story(), "en")
    assert ["Booking in SnelStart", "2026-03-02", "A", "8100", "high", "56.20"] in rows


def test_nothing_in_it_is_computed() -> None:
    _, *rows = exported(story())
    assert rows[0][2] == '\'=HYPERLINK("https://elders.example.nl")'


@pytest.mark.parametrize(("told", "written"), [("-70.12", "-70,12"), ("=1+1", "'=1+1"), ("veel", "veel")])
def test_an_amount_is_a_number_only_when_it_is_one(told: str, written: str) -> None:
    received = STORY.received()
    order = received.order.model_copy(update={"total": told})
    _, *rows = exported([received.model_copy(update={"order": order})])
    (total,) = [row for row in rows if row[2] == "Totaal"]
    assert total[5] == written


def test_an_order_that_is_not_booked_has_what_there_is() -> None:
    _, *rows = exported([STORY.dead_lettered()])
    assert [row[0] for row in rows] == ["Wat er gebeurde"]
