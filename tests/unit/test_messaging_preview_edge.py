"""A preview is handled once: what follows is published, and whatever goes wrong is told to who waits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from factories import profile, sales_order, stored_profile
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Message,
    Mode,
    PreviewOrderRead,
    PreviewOrdersFound,
    PreviewRequested,
    PreviewSelection,
    PreviewTicket,
    SalesBookingPreviewed,
    SalesOrderReceived,
    encode,
)
from sconnect.contracts.build import new_message
from sconnect.errors import (
    MisconfiguredError,
    Reason,
    ReasonCode,
    RejectedError,
    UpstreamUnavailable,
)
from sconnect.messaging import Delivery, PreviewEdge
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.preview_edge import ANSWER_MARGIN_SECONDS
from sconnect.messaging.trouble import BROKER_UNAVAILABLE
from sconnect.profiles import StoredProfile
from sconnect.stage import PreviewStage
from sconnect.stage.previews import PreviewWork, previewed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAGE: Final = "customer-resolver"
AMBIGUOUS = RejectedError(
    Reason(code=ReasonCode.AMBIGUOUS_CUSTOMER, details={"customers": "2"}),
    suggestions=({"customer_number": "7"},),
)
KEY_REFUSED = MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant="connection_key"))
AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="snelstart"))


def failing(error: Exception) -> PreviewWork:
    async def work(_message: Message, _profile: StoredProfile) -> AsyncIterator[Message]:
        if error:
            raise error
        yield _message

    return work


class Profiles:
    """The one profile, switched off."""

    async def get(self, name: str) -> StoredProfile | None:
        stored = stored_profile(enabled=False)
        return stored if stored.profile.name == name else None


class Bench:
    def __init__(self, work: PreviewWork) -> None:
        self.publisher = RecordingPublisher()
        self.clock = ManualClock(NOON)
        stage = PreviewStage(stage=STAGE, work=work, profiles=Profiles(), clock=self.clock)
        self.edge = PreviewEdge(
            handler=stage.handle,
            tell_failure=stage.tell_failure,
            publisher=self.publisher,
            clock=self.clock,
        )

    async def deliver(self, message: Message) -> None:
        await self.edge(Delivery(queue="previews", body=encode(message), message_id=message.id))

    @property
    def answer(self) -> SalesBookingPreviewed:
        (message,) = self.publisher.events
        assert isinstance(message, SalesBookingPreviewed)
        return message


def read(*, profile: str = "voorbeeldwinkel", **ticket: object) -> PreviewOrderRead:
    fields = {"preview_id": "preview-1", "expires_at": NOON + timedelta(seconds=60)} | ticket
    return new_message(
        PreviewOrderRead,
        profile=profile,
        occurred_at=NOON,
        correlation_id="preview-1",
        id_parts=("preview-1",),
        mode=Mode.PREVIEW,
        ticket=PreviewTicket.model_validate(fields),
        order=sales_order(),
    )


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (AMBIGUOUS, "dead_lettered", "AMBIGUOUS_CUSTOMER"),
        (KEY_REFUSED, "waiting", "PROFILE_PAUSED"),
        (AWAY, "not_previewed", "UPSTREAM_UNAVAILABLE"),
        (KeyError("a bug"), "dead_lettered", "UNEXPECTED"),
    ],
)
async def test_every_failure_becomes_an_answer_and_nothing_else(
    error: Exception, outcome: str, code: str
) -> None:
    bench = Bench(failing(error))
    await bench.deliver(read())
    answer = bench.answer
    assert (answer.outcome, answer.stage, answer.preview_id) == (outcome, STAGE, "preview-1")
    assert answer.reason is not None
    assert answer.reason.code == code
    assert answer.received == sales_order()
    assert answer.mode is Mode.PREVIEW
    assert (bench.publisher.waiting, bench.publisher.dead_letters) == ([], [])


async def test_a_refusal_keeps_its_suggestions() -> None:
    bench = Bench(failing(AMBIGUOUS))
    await bench.deliver(read())
    assert bench.answer.suggestions == ({"customer_number": "7"},)


async def test_a_failure_to_read_any_order_is_told_of_the_preview_as_a_whole() -> None:
    bench = Bench(failing(AWAY))
    ticket = read().ticket
    request = new_message(
        PreviewRequested,
        profile="voorbeeldwinkel",
        occurred_at=NOON,
        correlation_id="preview-1",
        id_parts=("preview-1",),
        mode=Mode.PREVIEW,
        ticket=ticket,
        selection=PreviewSelection(last=3, orders_max=100),
        requested_by="beheer",
    )
    await bench.deliver(request)
    (found,) = bench.publisher.events
    assert isinstance(found, PreviewOrdersFound)
    assert found.failure is not None
    assert found.failure.variant == "snelstart"


async def test_work_that_takes_too_long_is_broken_off_and_told() -> None:
    async def endless(_message: Message, _profile: StoredProfile) -> AsyncIterator[Message]:
        await asyncio.Event().wait()
        yield _message

    bench = Bench(endless)
    await bench.deliver(read(expires_at=NOON + timedelta(seconds=ANSWER_MARGIN_SECONDS)))
    assert bench.answer.outcome == "not_previewed"
    assert bench.answer.reason is not None
    assert bench.answer.reason.variant == "preview"


async def test_what_expired_is_dropped_without_work() -> None:
    bench = Bench(failing(AssertionError("not to be worked on")))
    await bench.deliver(read(expires_at=NOON))
    assert bench.publisher.events == []


async def test_a_broker_that_is_away_is_tried_until_nobody_waits_any_more() -> None:
    bench = Bench(failing(AMBIGUOUS))
    bench.publisher.failures = [UpstreamUnavailable(BROKER_UNAVAILABLE)] * 3
    await bench.deliver(read())
    assert bench.answer.outcome == "dead_lettered"
    bench.publisher.failures = [UpstreamUnavailable(BROKER_UNAVAILABLE)] * 1000
    bench.publisher.events.clear()
    await bench.deliver(read())
    assert bench.publisher.events == []
    assert bench.clock.now() >= NOON + timedelta(seconds=60)


async def test_messages_of_another_kind_are_dropped() -> None:
    bench = Bench(failing(AssertionError("not to be worked on")))
    live = new_message(
        SalesOrderReceived,
        profile="voorbeeldwinkel",
        occurred_at=NOON,
        correlation_id="1001",
        id_parts=("1001",),
        order=sales_order(),
    )
    await bench.deliver(live)
    await bench.edge(Delivery(queue="previews", body=b"{", message_id=""))
    assert bench.publisher.events == []


async def test_the_proposed_ledgers_take_the_place_of_the_profile_s_own() -> None:
    seen: list[StoredProfile] = []

    async def look(message: Message, profile: StoredProfile) -> AsyncIterator[Message]:
        seen.append(profile)
        assert isinstance(message, PreviewOrderRead)
        yield previewed(message, bench.clock, stage=STAGE, outcome="booked")

    bench = Bench(look)
    await bench.deliver(read(ledgers={"revenue": {"nl_high": 8123, "oss": {"SR": 8150}}, "rounding": 8990}))
    ledgers = seen[0].profile.bookings.ledgers
    assert ledgers is not None
    assert (ledgers.revenue.nl_high, ledgers.revenue.oss, ledgers.shipping.nl_high) == (
        8123,
        {"SR": 8150},
        None,
    )
    assert seen[0].profile.shop == profile().shop
    assert bench.answer.outcome == "booked"


async def test_ledgers_that_are_none_and_a_profile_that_is_gone_are_told() -> None:
    bench = Bench(failing(AssertionError("not to be worked on")))
    await bench.deliver(read(ledgers={"revenue": {"nl_high": "a"}}))
    assert bench.answer.reason is not None
    assert bench.answer.reason.details["field"] == "ledgers.revenue.nl_high"
    bench.publisher.events.clear()
    await bench.deliver(read(profile="verdwenen"))
    assert bench.answer.reason is not None
    assert bench.answer.reason.variant == "profile_unknown"
