"""A whole poller in memory: a shop, a profile, its memory, and what it publishes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from factories import stored_profile
from fakes_poller import FakeLeases, FakeProfiles, FakeShop, FakeShops, RawOrder, fake_memory
from poller.app import Poller, build_poller
from poller.handlers.importing import Memory
from poller.handlers.polling import PollingLimits
from poller.ports import ProfileLeases
from sconnect.clock import ManualClock, SystemClock
from sconnect.contracts import (
    Amendment,
    ImportRequested,
    ImportRunFinished,
    Message,
    OrderKey,
    OrderReplayRequested,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.messaging import Delivery
from sconnect.messaging.memory import RecordingPublisher
from simulators.webshop.samples import plain_order

# In the afternoon, so that the look-back of the night is past when a test polls again on the same day.
START = datetime(2026, 3, 9, 14, tzinfo=UTC)
PROFILE = "voorbeeldwinkel"
NEW, SHIPPED, PAID, CREDIT = 1, 2, 3, 10
DELIVERY = Delivery(queue="poller", body=b"", message_id="")

M = TypeVar("M", bound=Message)


def order(number: int | str, **changes: Any) -> RawOrder:
    """A paid order placed on the day the tests start, whose status did not change since."""
    moment = {"date": "2026-03-09", "time": "10:00:00"}
    changed = {"status_changed_date": "2026-03-09", "status_changed_time": "10:00:00"}
    return plain_order(number, **({"status": PAID} | moment | changed | changes))


def uuid_of(number: int | str) -> str:
    uuid: str = plain_order(number)["uuid"]
    return uuid


@dataclass
class PollerWorld:
    """`other()` is a second poller beside this one: same shop, same memory, same broker."""

    shop: FakeShop = field(default_factory=FakeShop)
    memory: Memory = field(default_factory=fake_memory)
    leases: ProfileLeases = field(default_factory=FakeLeases)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    profiles: FakeProfiles = field(default_factory=lambda: FakeProfiles.of(stored_profile()))
    other_shops: dict[str, FakeShop] = field(default_factory=dict)
    poller: Poller = field(init=False)

    def __post_init__(self) -> None:
        self.poller = build_poller(
            profiles=self.profiles,
            memory=self.memory,
            profile_leases=self.leases,
            sources=FakeShops({PROFILE: self.shop} | self.other_shops),
            publisher=self.publisher,
            clock=self.clock,
            limits=PollingLimits(),
        )

    def other(self) -> "PollerWorld":
        return PollerWorld(
            shop=self.shop,
            memory=self.memory,
            leases=self.leases,
            publisher=self.publisher,
            clock=self.clock,
            profiles=self.profiles,
        )

    def set_profile(self, *, version: int = 2, **changes: Any) -> None:
        self.profiles.stored[PROFILE] = stored_profile(version=version, **changes)

    async def poll(self, *, after: timedelta = timedelta()) -> None:
        """One round of polling, with all that it starts."""
        self.clock.advance(after)
        await self.poller.polling.round()
        await self.poller.polling.until_idle()

    async def request_run(self, run_id: str = "run-by-hand", *, profile: str = PROFILE) -> None:
        command = new_message(
            ImportRequested,
            profile=profile,
            occurred_at=self.clock.now(),
            correlation_id=run_id,
            id_parts=(run_id,),
            run_id=run_id,
            requested_by="beheer",
        )
        await self.poller.requests(command, DELIVERY)

    async def replay(self, number: int | str, replay: int, **changes: Any) -> None:
        await self.poller.replays(self.replay_command(number, replay, **changes), DELIVERY)

    def replay_command(
        self,
        number: int | str,
        replay: int,
        *,
        uuid: str | None = None,
        revision: int = 1,
        amendment: Amendment | None = None,
        profile: str = PROFILE,
    ) -> OrderReplayRequested:
        key = OrderKey(uuid=uuid or uuid_of(number), number=str(number), revision=revision)
        return new_message(
            OrderReplayRequested,
            profile=profile,
            occurred_at=self.clock.now(),
            correlation_id=correlation_id_of(profile, key.uuid),
            id_parts=(key.uuid,),
            replay=replay,
            amendment=amendment,
            order=key,
            requested_by="beheer",
        )

    def told(self, contract: type[M]) -> list[M]:
        return [message for message in self.publisher.events if isinstance(message, contract)]

    def told_of_orders(self) -> list[tuple[str, str]]:
        """Every message about an order: its number and the middle of its type."""
        about = [message for message in self.publisher.events if hasattr(message, "order")]
        return [(message.order.number, message.type.split(".")[1]) for message in about]

    async def finished_run(self, profile: str) -> ImportRunFinished:
        """The first run of this profile, once it is finished."""
        async with asyncio.timeout(10):
            while not any(run.profile == profile for run in self.told(ImportRunFinished)):
                await SystemClock().sleep(0.01)
        return self.last_run()

    def last_run(self) -> ImportRunFinished:
        return self.told(ImportRunFinished)[-1]

    def forget_what_was_told(self) -> None:
        self.publisher.events.clear()

    async def states_of(self, *numbers: int | str) -> Mapping[str, str]:
        keys = {uuid_of(number): str(number) for number in numbers}
        found = await self.memory.orders.find(PROFILE, list(keys))
        return {keys[key]: seen.state.value for key, seen in found.items()}
