"""The poller's ports in memory; they pass the same suites as the real adapters (tests/ports)."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from poller.adapters.shop_orders import read_document, read_order
from poller.domain.orders import OrderState, SeenOrder, is_order_number
from poller.domain.schedule import PollState
from poller.domain.windows import PAGE_SIZE, Window
from poller.handlers.importing import Memory
from poller.ports import ImportRun, Lease, Outgoing, Record, Sighting
from sconnect.clock import SHOP_TIME_ZONE
from sconnect.contracts import Message, decode, encode
from sconnect.errors import ConcurrentChange, MisconfiguredError, Reason, ReasonCode
from sconnect.profiles import StoredProfile
from sconnect.webshop import parse

RawOrder = dict[str, Any]

LOST = ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="lease_lost"))
REFUSED_TOKEN = Reason(code=ReasonCode.PROFILE_PAUSED, variant="shop_token", details={"status": "401"})


@dataclass
class FakeShop:
    """OrderSource over raw orders as the shop would answer them.

    `oddities` head every first page, whatever they are. `failures` are raised one by one by the next calls,
    by the name of the method; `before_page` runs before a page is cut; `calls` tells what was asked.
    """

    orders: list[RawOrder] = field(default_factory=list)
    oddities: list[Any] = field(default_factory=list)
    ignores_offset: bool = False
    statuses: frozenset[int] | None = frozenset({10})
    token_is_valid: bool = True
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    before_page: Callable[[int], None] = lambda _offset: None
    calls: list[tuple[str, object]] = field(default_factory=list)

    async def page(self, window: Window, offset: int) -> Sequence[Sighting]:
        self._note("page", (window, offset))
        self._let_in()
        self.before_page(offset)
        shown = [order for order in self.orders if _is_in(window, order)]
        shown.sort(key=lambda order: int(order["number"]), reverse=window.descending)
        start = 0 if self.ignores_offset else offset
        odd = self.oddities if offset == 0 else []
        return [self.sighting(order) for order in (*odd, *shown[start : start + PAGE_SIZE])]

    async def order(self, number: str) -> Sighting | None:
        self._note("order", number)
        self._let_in()
        found = (order for order in self.orders if str(order.get("number")) == number)
        return next((self.sighting(order) for order in found if is_order_number(number)), None)

    async def credit_statuses(self) -> frozenset[int] | None:
        self._note("credit_statuses", None)
        return self.statuses if self.token_is_valid else None

    async def probe(self) -> None:
        self._note("probe", None)
        self._let_in()

    def read_again(self, document: str) -> Sighting:
        return read_document(document)

    def sighting(self, order: RawOrder) -> Sighting:
        return read_order(parse(json.dumps(order).encode()))

    def change(self, number: int, **changes: object) -> None:
        order = next(order for order in self.orders if order["number"] == str(number))
        order.update(changes)

    def asked(self, name: str) -> list[Any]:
        return [argument for called, argument in self.calls if called == name]

    def _note(self, name: str, argument: object) -> None:
        self.calls.append((name, argument))
        if self.failures.get(name):
            raise self.failures[name].pop(0)

    def _let_in(self) -> None:
        if not self.token_is_valid:
            raise MisconfiguredError(REFUSED_TOKEN)


def _is_in(window: Window, order: RawOrder) -> bool:
    if not is_order_number(str(order["number"])):
        return False
    if window.placed_from is not None and date.fromisoformat(order["date"]) < window.placed_from:
        return False
    # As the shop reads its `end_date`: the day after the last one wanted may be shown too.
    placed_to = window.placed_to
    if placed_to is not None and date.fromisoformat(order["date"]) > placed_to + timedelta(days=1):
        return False
    if window.archived_only and not order["archived"]:
        return False
    if window.status_changed_from is None:
        return True
    changed = datetime.fromisoformat(f"{order['status_changed_date']}T{order['status_changed_time']}")
    # The shop's filter knows seconds.
    return changed.replace(tzinfo=SHOP_TIME_ZONE) >= window.status_changed_from.replace(microsecond=0)


@dataclass
class FakeShops:
    """OrderSources: the shop of each profile, by its name."""

    shops: dict[str, FakeShop]

    def of(self, profile: StoredProfile) -> FakeShop:
        return self.shops[profile.profile.name]


@dataclass
class FakeProfiles:
    stored: dict[str, StoredProfile] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)

    @classmethod
    def of(cls, *stored: StoredProfile) -> "FakeProfiles":
        return cls({each.profile.name: each for each in stored})

    async def get(self, name: str) -> StoredProfile | None:
        return self.stored.get(name)

    async def all(self) -> tuple[StoredProfile, ...]:
        if self.failures:
            raise self.failures.pop(0)
        return tuple(self.stored.values())


class FakeOutbox:
    """Keeps messages as bytes, as a database would; `confirm_failures` are raised one by one."""

    def __init__(self) -> None:
        self.confirm_failures: list[Exception] = []
        self._messages: dict[tuple[str, str], bytes] = {}

    async def outgoing(self, profile: str, *, limit: int) -> Sequence[Outgoing]:
        mine = sorted(
            (key for owner, key in self._messages if owner == profile),
            key=lambda key: self._place(profile, key),
        )
        return [Outgoing(key=key, message=decode(self._messages[profile, key])) for key in mine[:limit]]

    async def confirm(self, profile: str, sent: Sequence[Outgoing]) -> None:
        if sent and self.confirm_failures:
            raise self.confirm_failures.pop(0)
        for each in sent:
            body = self._messages.get((profile, each.key))
            if body is not None and decode(body).id == each.message.id:
                del self._messages[profile, each.key]

    async def profiles_with_outgoing(self) -> frozenset[str]:
        return frozenset(profile for profile, _key in self._messages)

    def _keep(self, profile: str, key: str, message: Message | None) -> None:
        if message is not None:
            self._messages[profile, key] = encode(message)

    def _place(self, profile: str, key: str) -> tuple[Any, ...]:
        return (key,)


class FakeSeenOrders(FakeOutbox):
    def __init__(self) -> None:
        super().__init__()
        self.find_failures: list[Exception] = []
        self._rows: dict[tuple[str, str], tuple[SeenOrder, str]] = {}

    async def find(self, profile: str, keys: Sequence[str]) -> Mapping[str, SeenOrder]:
        if self.find_failures:
            raise self.find_failures.pop(0)
        return {key: self._rows[profile, key][0] for key in keys if (profile, key) in self._rows}

    async def document(self, profile: str, key: str) -> str | None:
        row = self._rows.get((profile, key))
        return None if row is None else row[1]

    async def save(self, profile: str, records: Sequence[Record]) -> None:
        for record in records:
            row = self._rows.get((profile, record.seen.key))
            if record.seen.version != (row[0].version if row else 0):
                raise LOST
        for record in records:
            seen = replace(record.seen, version=record.seen.version + 1)
            self._rows[profile, seen.key] = (seen, record.document)
            self._keep(profile, seen.key, record.message)

    async def highest_number(self, profile: str) -> int | None:
        return max(self._numbers(profile), default=None)

    async def number_gaps(self, profile: str, *, limit: int) -> Sequence[tuple[int, int]]:
        numbers = sorted(self._numbers(profile), reverse=True)
        pairs = zip(numbers[1:], numbers, strict=False)
        return [(lower, higher) for lower, higher in pairs if higher - lower > 1][:limit]

    async def met_in_runs(self, profile: str, run_ids: Sequence[str], *, limit: int) -> Sequence[str]:
        met = [
            seen for seen in self._of(profile) if seen.run_id in run_ids or seen.state is OrderState.WAITING
        ]
        met.sort(key=lambda seen: (-_number(seen, default=-1), seen.key))
        return [seen.key for seen in met][:limit]

    def _of(self, profile: str) -> Iterable[SeenOrder]:
        return [seen for (owner, _key), (seen, _document) in self._rows.items() if owner == profile]

    def _numbers(self, profile: str) -> list[int]:
        return [int(seen.number) for seen in self._of(profile) if is_order_number(seen.number)]

    def _place(self, profile: str, key: str) -> tuple[Any, ...]:
        seen, _document = self._rows[profile, key]
        return (not is_order_number(seen.number), _number(seen, default=0), key)


def _number(seen: SeenOrder, *, default: int) -> int:
    return int(seen.number) if is_order_number(seen.number) else default


class FakePollStates(FakeOutbox):
    def __init__(self) -> None:
        super().__init__()
        self._states: dict[str, PollState] = {}

    async def all(self) -> Mapping[str, PollState]:
        return dict(self._states)

    async def get(self, profile: str) -> PollState:
        return self._states.get(profile, PollState())

    async def save(self, profile: str, state: PollState, message: Message | None = None) -> None:
        self._states[profile] = state
        self._keep(profile, profile, message)


@dataclass
class _Run:
    run: ImportRun
    finished_at: datetime | None = None
    failure: Reason | None = None


class FakeImportRuns(FakeOutbox):
    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, _Run] = {}

    async def request(self, run: ImportRun) -> None:
        self._runs.setdefault(run.run_id, _Run(run))

    async def next_open(self, profile: str) -> ImportRun | None:
        mine = [each.run for each in self._open() if each.run.profile == profile]
        return min(mine, key=lambda run: (run.requested_at, run.run_id), default=None)

    async def open_profiles(self) -> frozenset[str]:
        return frozenset(each.run.profile for each in self._open())

    async def finished_since(self, profile: str, instant: datetime) -> Sequence[str]:
        finished = [each for each in self._runs.values() if each.run.profile == profile]
        return [each.run.run_id for each in finished if each.finished_at and each.finished_at >= instant]

    async def unfinished(self, profile: str) -> frozenset[str]:
        mine = [each for each in self._runs.values() if each.run.profile == profile]
        good = [each.finished_at for each in mine if each.finished_at is not None and each.failure is None]
        return frozenset(
            each.run.run_id
            for each in mine
            if each.finished_at is None
            or (each.failure is not None and (not good or each.finished_at >= max(good)))
        )

    async def finish(
        self, run: ImportRun, *, started_at: datetime, at: datetime, failure: Reason | None, message: Message
    ) -> None:
        self._runs[run.run_id].finished_at = at
        self._runs[run.run_id].failure = failure
        self._keep(run.profile, run.run_id, message)

    async def forget_finished_before(self, instant: datetime) -> None:
        for run_id, each in list(self._runs.items()):
            told = (each.run.profile, run_id) not in self._messages
            if told and each.finished_at is not None and each.finished_at < instant:
                del self._runs[run_id]

    def _open(self) -> list[_Run]:
        return [each for each in self._runs.values() if each.finished_at is None]

    def _place(self, profile: str, key: str) -> tuple[Any, ...]:
        return (self._runs[key].finished_at, key)


@dataclass
class FakeLease:
    lost: bool = False

    def require_held(self) -> None:
        if self.lost:
            raise LOST


class FakeLeases:
    """ProfileLeases for one process; `elsewhere` are profiles that another poller holds."""

    def __init__(self) -> None:
        self.elsewhere: set[str] = set()
        self.held: dict[str, FakeLease] = {}

    @asynccontextmanager
    async def hold(self, profile: str) -> AsyncIterator[Lease | None]:
        if profile in self.elsewhere or profile in self.held:
            yield None
            return
        self.held[profile] = FakeLease()
        try:
            yield self.held[profile]
        finally:
            del self.held[profile]


def fake_memory() -> Memory:
    return Memory(orders=FakeSeenOrders(), states=FakePollStates(), runs=FakeImportRuns())
