"""What the services answer a console: previews, and what is remembered of customers."""

import asyncio
from pathlib import Path
from typing import Any

from console_world import World
from fakes_console import NOON
from sconnect.clock import SystemClock
from sconnect.contracts import (
    CustomerLinkForgotten,
    CustomerLinkRemembered,
    Message,
    OrderKey,
    PreviewOrdersFound,
    PreviewRequested,
    SalesBookingPreviewed,
)
from sconnect.contracts.build import new_message

NAME = "voorbeeldwinkel"
EXAMPLES = Path(__file__).parents[1] / "docs" / "contracts" / "examples"
BOOKED = SalesBookingPreviewed.model_validate_json(
    (EXAMPLES / "sales-booking.previewed.v1@1.json").read_bytes()
)


async def requested(world: World) -> PreviewRequested:
    """What the console asked of the poller, as soon as it did."""
    async with asyncio.timeout(20):
        while not world.publisher.events:
            await SystemClock().sleep(0.02)
    request = world.publisher.events[-1]
    assert isinstance(request, PreviewRequested)
    return request


async def answer(world: World, *answers: SalesBookingPreviewed, **found: Any) -> None:
    """Let the services answer the preview that was asked last."""
    request = await requested(world)
    about = {"preview_id": request.ticket.preview_id}
    orders = tuple(each.order for each in answers)
    told = new_message(
        PreviewOrdersFound,
        profile=NAME,
        occurred_at=request.occurred_at,
        correlation_id=request.correlation_id,
        id_parts=(request.id,),
        mode=request.mode,
        **{"orders": orders} | about | found,
    )
    for message in (told, *(each.model_copy(update=about) for each in answers)):
        await world.desks.previews.note(message)


def previewed(number: str, outcome: str, **fields: Any) -> SalesBookingPreviewed:
    key = OrderKey(uuid=f"uuid-{number}", number=number)
    empty = {"reason": None, "booking": None, "customer": None}
    return BOOKED.model_copy(update={"order": key, "outcome": outcome, **empty, **fields})


def remembered(link_id: str = "link-1", decided_by: str | None = "boekhouder") -> Message:
    return new_message(
        CustomerLinkRemembered,
        profile=NAME,
        occurred_at=NOON,
        correlation_id=link_id,
        id_parts=(link_id,),
        link_id=link_id,
        relation_id="relation-1",
        customer_number=10412,
        customer_name="P. Voorbeeld",
        buyer="Kim Voorbeeld",
        order_number="1001",
        decided_by=decided_by,
        decided_at=NOON,
    )


def forgotten(link_id: str = "link-1") -> Message:
    return new_message(
        CustomerLinkForgotten,
        profile=NAME,
        occurred_at=NOON,
        correlation_id=link_id,
        id_parts=(link_id,),
        link_id=link_id,
        why="by_hand",
        forgotten_by="boekhouder",
    )
