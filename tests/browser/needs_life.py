"""Orders that wait for a person, told to a console: what the pages about them show in tests and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from browser.shop_life import SHOP, buyer
from console_world import World
from factories import profile_document
from fakes_console import OrderStory
from sconnect.contracts import Message, OrderDeadLettered, SalesOrderReceived, WireReason, decode, encode

RESOLVER, WRITER = "customer-resolver", "booking-writer"
JAN, JANNEKE = (
    {
        "customer_number": "10412",
        "name": "Jan de Proef",
        "street": "Kerkstraat 12",
        "postcode": "1234AB",
        "city": "Teststad",
        "email": "jan@example.nl",
        "agreed": "surname.equal,email.equal,address.without_addition",
    },
    {
        "customer_number": "10977",
        "name": "J. de Proef",
        "city": "Voorbeeldhuizen",
        "email": "info@example.nl",
        "agreed": "surname.equal,first_name.initial",
        "differs": "email.differs,address.differs",
    },
)
LEDGER = {"field": "bookings.ledgers.revenue.nl_low", "kind": "revenue", "treatment": "nl_low"}


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An order that waits, and what is told about why."""

    number: int
    code: str = "AMBIGUOUS_CUSTOMER"
    details: Mapping[str, str] | None = None
    stage: str = RESOLVER
    name: str = "Jan de Proef"
    suggestions: tuple[Mapping[str, str], ...] = (JAN, JANNEKE)
    total: str = "36.45"

    @property
    def story(self) -> OrderStory:
        return OrderStory(number=str(self.number), profile=SHOP, total=self.total)


def ambiguous(number: int, **more: Any) -> Waiting:
    return Waiting(number=number, details={"customers": "2"}, **more)


def without_ledger(number: int, **more: Any) -> Waiting:
    details = {**LEDGER, "amount": "12.10"}
    return Waiting(
        number=number, code="LEDGER_UNMAPPED", details=details, stage=WRITER, suggestions=(), **more
    )


def not_adding_up(number: int, **more: Any) -> Waiting:
    details = {"total": "36.45", "sum": "35.45", "difference": "1.00", "tolerance": "0.05"}
    return Waiting(
        number=number, code="TOTAL_MISMATCH", details=details, stage=WRITER, suggestions=(), **more
    )


async def open_shop(world: World) -> None:
    """A profile that names no ledger for revenue at the low rate."""
    document = profile_document(name=SHOP)
    document["bookings"]["ledgers"]["revenue"].pop("nl_low", None)
    saved = await world.client.post("/api/profiles", json=document)
    saved.raise_for_status()


async def tell(world: World, *waiting: Waiting) -> None:
    for each in waiting:
        for message in messages(each):
            await world.read_model.record(message)


def messages(waiting: Waiting) -> list[Message]:
    story = waiting.story
    received = story.received(at=waiting.number % 1000)
    address = buyer(waiting.name)
    someone = received.order.buyer.model_copy(update={"invoice": address, "email": "jan@example.nl"})
    order = received.order.model_copy(update={"buyer": someone, "total": waiting.total})
    letter = story.dead_lettered(at=waiting.number % 1000 + 1, stage=waiting.stage, code=waiting.code)
    reason = WireReason(code=waiting.code, details=dict(waiting.details or {}))
    return [
        received.model_copy(update={"order": order}),
        letter.model_copy(
            update={
                "reason": reason,
                "suggestions": tuple(dict(each) for each in waiting.suggestions),
                "message": _with_order(letter, order),
            }
        ),
    ]


def _with_order(letter: OrderDeadLettered, order: Any) -> str:
    message = decode((letter.message or "").encode())
    return encode(message.model_copy(update={"order": order})).decode()


async def book(world: World, waiting: Waiting, *, customer: int = 10412) -> None:
    """What the services tell of an order that was offered again and booked."""
    at = 900 + waiting.number % 1000
    await world.read_model.record(waiting.story.resolved(at=at, replay=1, customer=customer))
    await world.read_model.record(waiting.story.booked(at=at + 1, replay=1))


def received_of(waiting: Waiting) -> SalesOrderReceived:
    message = messages(waiting)[0]
    assert isinstance(message, SalesOrderReceived)
    return message
