"""A world in which years go by in minutes: shops, the three services, the bookkeepers, and the weather."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from bench.in_memory.broker import MemoryBroker
from bench.in_memory.office import Office
from bench.in_memory.orders import AMBIGUOUS_EMAIL, FIRST_NUMBER, Plan, moments, plan_of, raw_order, total_of
from bench.in_memory.services import Desk, Probed, Services, SoakPoller, SoakResolver, SoakWriter
from bench.in_memory.tables import sizes
from bench.in_memory.vendors import SoakBookkeeping, SoakDirectory, SoakShop, Weather
from booking_writer_cases import administration
from factories import stored_profile
from fakes_poller import FakeProfiles
from sconnect.clock import SHOP_TIME_ZONE, ManualClock
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.messaging import Delivery
from sconnect.profiles import StoredProfile

START = datetime(2026, 1, 12, 9, tzinfo=UTC)
DAYS_BETWEEN_BURSTS = 23
SHOPS = 8
STATUS_PAID = 3
# The shop shows the last 60 days; a run asks for 45.
SHOWN = timedelta(days=60)
BUYERS_OF_A_SHOP_MAX = 500
ORDERS_OF_A_BUYER_MIN = 12
SHARE_DELIVERED_TWICE = 0.01
SHARE_NOT_CONFIRMED = 0.001
POLLS_MAX = 100
SHOP_AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="timeout"))


class World:
    """`orders` in all, the same number in each of eight shops, each with an administration of its own."""

    def __init__(self, orders: int, *, seed: int) -> None:
        self.orders_of_a_shop = orders // SHOPS
        self.buyers = max(1, min(BUYERS_OF_A_SHOP_MAX, self.orders_of_a_shop // ORDERS_OF_A_BUYER_MIN))
        self.clock = ManualClock(START)
        self._begins_at = START
        self.chance = random.Random(seed)
        self.names = tuple(f"winkel-{number}" for number in range(1, SHOPS + 1))
        self.shops = {name: SoakShop() for name in self.names}
        self.broker = MemoryBroker(self.clock, self.chance, failing=SHARE_NOT_CONFIRMED)
        self.office = Office(self.broker, self.shops, self.clock)
        self.broker.on_event = self.office.hear
        self.weather = {name: Weather(self.clock, self.chance) for name in self.names}
        stored = tuple(_profile(name, place) for place, name in enumerate(self.names))
        desk = Desk(
            clock=self.clock,
            chance=self.chance,
            broker=self.broker,
            profiles=FakeProfiles.of(*stored),
        )
        self.directories = {
            each.profile.name: SoakDirectory(
                self.clock, each.administration_id, self.weather[each.profile.name]
            )
            for each in stored
        }
        self.books = {
            each.profile.name: SoakBookkeeping(
                administration(id=each.administration_id),
                self.orders_of_a_shop,
                self.clock,
                self.weather[each.profile.name],
            )
            for each in stored
        }
        probed = Probed(self.weather)
        self.services = Services(
            poller=SoakPoller(desk, self.shops, self.orders_of_a_shop, FIRST_NUMBER),
            resolver=SoakResolver(desk, self.directories, probed),
            writer=SoakWriter(desk, self.books, probed),
        )
        self.placed = dict.fromkeys(self.names, 0)
        self.troubles: Counter[str] = Counter()
        self._shown_since: deque[tuple[datetime, str, int]] = deque()

    async def burst(self, orders_of_a_shop: int) -> None:
        """One working day, weeks after the last: orders, polls, work, decisions, and what a night does."""
        # At the same hour, after the night's look-back is due: a poller that runs meets every night.
        self._begins_at += timedelta(days=DAYS_BETWEEN_BURSTS)
        self.clock.advance(self._begins_at - self.clock.now())
        self._let_time_pass()
        for name in self.names:
            self._place(name, orders_of_a_shop)
        self._brew_trouble()
        await self.services.resolver.nightly.read_what_is_due()
        await self.office.work()
        await self._poll()
        await self._work()
        await self._tell_of_links()
        await self.services.resolver.pruning.round()
        await self.services.writer.pruning.round()

    def is_settled(self) -> bool:
        """Nothing is on its way or waits for anybody."""
        return not (
            self.office.open
            or any(self.broker.work.values())
            or any(self.broker.waits.values())
            or any(self.broker.dead_letters.values())
        )

    def tables(self) -> dict[str, int]:
        """Everything that the product holds, by where."""
        services = self.services
        return sizes(
            {
                "broker": {
                    "work": self.broker.work,
                    "waits": self.broker.waits,
                    "dead letters": self.broker.dead_letters,
                },
                "poller": services.poller,
                "resolver": services.resolver,
                "writer": services.writer,
            }
        ) | {"tasks": len(asyncio.all_tasks())}

    def complaints(self) -> list[str]:
        """Orders that did not come to the one end that was theirs, or not to the cent."""
        found = [f"unforeseen: {each}" for each in self.office.unforeseen]
        for name in self.names:
            books = self.books[name]
            for place in range(self.placed[name]):
                number = FIRST_NUMBER + place
                gone = (name, number) in self.office.discarded
                if gone != (plan_of(number) is Plan.DISCARDED):
                    found.append(f"{name} {number}: {'' if gone else 'not '}discarded")
                if books.times_booked[place] != int(not gone):
                    found.append(f"{name} {number}: booked {books.times_booked[place]} times")
                cents = 0 if gone else int(total_of(number) * 100)
                if books.cents[place] != cents:
                    found.append(f"{name} {number}: {books.cents[place]} cents in the books, not {cents}")
            cards = Counter(card.emails for card in self.directories[name].everything)
            found += [
                f"{name}: {count} cards for {key}"
                for key, count in cards.items()
                if count > 1 and key != (AMBIGUOUS_EMAIL,)
            ]
        return found

    def _place(self, name: str, count: int) -> None:
        shop = self.shops[name]
        first = FIRST_NUMBER + self.placed[name]
        for number, placed_at in enumerate(moments(self.clock.now(), count), start=first):
            shop.orders.append(raw_order(name, number, placed_at, self.buyers))
        self.placed[name] += count
        self._shown_since.append((self.clock.now(), name, first))

    def _let_time_pass(self) -> None:
        """Old orders leave the shop's list, unpaid ones are paid, the soak puts away what is long past."""
        now = self.clock.now()
        while self._shown_since and self._shown_since[0][0] < now - SHOWN:
            self._shown_since.popleft()
        for name in self.names:
            below = next((first for _, of, first in self._shown_since if of == name), None)
            if below is not None:
                self.shops[name].show_from(below)
                self.services.poller.seen.put_away_below(name, below)
            self._pay(name, now)
            self.shops[name].calls.clear()
            self.directories[name].calls.clear()
            self.books[name].put_away()

    def _pay(self, name: str, now: datetime) -> None:
        moment = now.astimezone(SHOP_TIME_ZONE)
        for order in self.shops[name].orders:
            if plan_of(int(order["number"])) is Plan.UNPAID and order["status"] != STATUS_PAID:
                order["status"] = STATUS_PAID
                order["status_changed_date"] = moment.date().isoformat()
                order["status_changed_time"] = moment.time().replace(microsecond=0).isoformat()

    def _brew_trouble(self) -> None:
        drawn = self.chance.random()
        name = self.chance.choice(self.names)
        if drawn < 0.05:
            self.troubles["hours without SnelStart"] += 1
            for weather in self.weather.values():
                weather.away_until = self.clock.now() + timedelta(hours=3)
        elif drawn < 0.15:
            self.troubles["wrong keys"] += 1
            self.weather[name].key_wrong_until = self.clock.now() + timedelta(hours=2)
        elif drawn < 0.25:
            self.troubles["minutes without a shop"] += 1
            self.shops[name].failures["page"] = [SHOP_AWAY] * 3

    async def _poll(self) -> None:
        polling = self.services.poller.service.polling
        for _ in range(POLLS_MAX):
            await polling.round()
            await polling.until_idle()
            if await self.services.poller.is_done(self.names):
                return
            self.clock.advance(timedelta(seconds=10))
        raise AssertionError(f"the polling came to no end: {await polling.check()}")

    async def _tell_of_links(self) -> None:
        while await self.services.resolver.links.untold():
            try:
                await self.services.resolver.teller.tell()
            except UpstreamUnavailable:  # as in its loop
                self.clock.advance(timedelta(seconds=2))

    async def _work(self) -> None:
        """Until nothing waits but what waits for a person."""
        while True:
            while await self._deliver():
                pass
            if (due := self.broker.next_due()) is None:
                return
            self.clock.advance(max(timedelta(), due - self.clock.now()))
            self.broker.let_go()
            for stage in (self.services.resolver.orders, self.services.writer.orders):
                if stage.memory.health:
                    await stage.probes.look()

    async def _deliver(self) -> int:
        """What is there now; some of it in two hands at once, as after a connection that broke."""
        count = 0
        for queue, edge in self.services.edges().items():
            count += await self.broker.deliver(queue, partial(self._consume, edge))
        return count

    async def _consume(self, edge: Callable[[Delivery], Awaitable[None]], delivery: Delivery) -> None:
        if self.chance.random() < SHARE_DELIVERED_TWICE:
            await asyncio.gather(edge(delivery), edge(again(delivery)))
        else:
            await edge(delivery)


def again(delivery: Delivery) -> Delivery:
    return replace(delivery, headers={**delivery.headers, "x-delivery-count": 1})


def _profile(name: str, place: int) -> StoredProfile:
    return stored_profile(
        name=name,
        administration_id=f"administratie-van-{name}",
        customers={
            "recognition": "smart" if place % 2 else "email",
            "policy": "add_and_update" if place % 4 == 0 else "add",
        },
    )
