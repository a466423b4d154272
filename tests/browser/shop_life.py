"""A month of an invented shop, told to a console: what its pages show in tests and pictures."""

from datetime import timedelta

from console_world import World
from factories import profile_document
from fakes_console import NOON, OrderStory, paused, run_finished
from sconnect.clock import dutch_date
from sconnect.contracts import (
    BuyerAddress,
    CardChange,
    LinePrice,
    Message,
    OrderLine,
    VatAmount,
    VendorCall,
    WrittenLine,
)

SHOP = "voorbeeldwinkel"
PEOPLE = (
    "Sanne Voorbeeld",
    "Jan de Proef",
    "Zoë Testers",
    "Piet van den Voorbeelde",
    "Fatima el Proefi",
    "Noor Bedacht",
)
DAYS = 30
# The order of which a picture is taken adds up.
IN_THE_PICTURE = 1002
NEW_PHONE = (CardChange(field="phone", old="0101234567", new="+31600000001"),)
LINES = (
    OrderLine(
        kind="article",
        description="Houten trein",
        quantity="1",
        sku="TREIN",
        prices=(LinePrice(net="50.00", gross="60.50", rate="21.00"),),
    ),
    OrderLine(
        kind="shipping",
        description="Verzendkosten",
        quantity="1",
        prices=(LinePrice(net="6.20", gross="7.50", rate="21.00"),),
    ),
)
BOOKED_LINES = (
    WrittenLine(
        ledger_number=8100,
        ledger_name="Omzet hoog",
        amount="50.00",
        vat_rate_band="high",
        description="Houten trein",
    ),
    WrittenLine(
        ledger_number=8300,
        ledger_name="Verzendkosten hoog",
        amount="6.20",
        vat_rate_band="high",
        description="Verzendkosten",
    ),
)


def called(vendor: str, method: str, path: str, status: int) -> dict[str, object]:
    """For an event that tells of one call."""
    call = VendorCall(
        vendor=vendor,
        method=method,
        path=path,
        status=status,
        outcome="success",
        began_at=NOON,
        duration_ms=184,
    )
    return {"calls": (call,)}


READ = called("webshop", "GET", "/v1/orders", 200)
LOOKED = called("snelstart", "GET", "/v2/relaties", 200)
POSTED = called("snelstart", "POST", "/v2/verkoopboekingen", 201)


def buyer(name: str, **more: str) -> BuyerAddress:
    return BuyerAddress(
        name=name,
        street="Kerkstraat",
        house_number="12 a",
        postcode="1234AB",
        city="Teststad",
        country_code="NL",
        phone="+31600000001",
        **more,
    )


async def live_a_month(world: World) -> None:
    """A profile, and orders of the last month in every state that there is."""
    await world.client.post("/api/profiles", json=profile_document())
    number = 1001
    for back in reversed(range(DAYS)):
        for _ in range(1 + (back * 7) % 5):
            await _tell_order(world, number, back)
            number += 1
    await world.read_model.record(run_finished("run-1", profile=SHOP))


async def pause(world: World) -> None:
    told = paused("booking-writer", at=1)
    await world.read_model.record(told.model_copy(update={"profile": SHOP, "id": "pause"}))


async def _tell_order(world: World, number: int, back: int) -> None:
    story = OrderStory(number=str(number), profile=SHOP)
    someone = story.order().buyer.model_copy(update={"invoice": buyer(PEOPLE[number % len(PEOPLE)])})
    total = "68.00" if number == IN_THE_PICTURE else f"{18 + (number * 37) % 210}.{number % 100:02d}"
    contents = {
        "placed_on": dutch_date(NOON) - timedelta(days=back),
        "buyer": someone,
        "total": total,
        "lines": LINES,
        "vat_amounts": (VatAmount(rate="21.00", amount="11.80"),),
    }
    received, resolved = story.received(), story.resolved()
    told: list[Message] = [
        received.model_copy(update={**READ, "order": received.order.model_copy(update=contents)}),
        resolved.model_copy(
            update={
                **LOOKED,
                "order": resolved.order.model_copy(update=contents),
                "customer": resolved.customer.model_copy(update={"changes": NEW_PHONE}),
            }
        ),
    ]
    match number % 23:
        case 5:
            letter = story.dead_lettered()
            reason = letter.reason.model_copy(update={"details": {"customers": "2"}})
            told[1:] = [letter.model_copy(update={"reason": reason})]
        case 11:
            told.append(story.waiting(attempt=3))
        case 17:
            told.append(story.skipped())
        case _:
            booking = {**POSTED, "total": total, "lines": BOOKED_LINES}
            told.append(story.booked().model_copy(update=booking))
    for message in told:
        await world.read_model.record(message)
