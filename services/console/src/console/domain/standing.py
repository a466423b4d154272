"""Where one order stands, concluded from everything that was ever told about it.

Events arrive repeated and in any order; the conclusion depends only on the set of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from sconnect.errors import ReasonCode
from sconnect.money import parse_amount, r2

# The first waits pass by themselves within a minute: nobody needs to look at them.
WAITS_IN_PROGRESS_MAX = 2
SHOP_TIME_ZONE = ZoneInfo("Europe/Amsterdam")

T = TypeVar("T")


class OrderStatus(StrEnum):
    BOOKED = "booked"
    WAITING = "waiting"
    SKIPPED = "skipped"
    DEAD_LETTERED = "dead_lettered"
    IN_PROGRESS = "in_progress"


UNFINISHED = frozenset({OrderStatus.IN_PROGRESS, OrderStatus.WAITING, OrderStatus.DEAD_LETTERED})
STATUSES_WITH_REASON = frozenset({OrderStatus.WAITING, OrderStatus.SKIPPED, OrderStatus.DEAD_LETTERED})


class Step(Enum):
    """What was told about an order."""

    REPLAY_REQUESTED = "replay_requested"
    RECEIVED = "received"
    RESOLVED = "resolved"
    WAITING = "waiting"
    SKIPPED = "skipped"
    DEAD_LETTERED = "dead_lettered"
    DISCARDED = "discarded"
    BOOKED = "booked"
    CHANGED = "changed"


class Stage(IntEnum):
    """Who told it, in the order in which they handle one version of an order.

    A person's replay opens a version, a person's discard closes one.
    """

    REPLAY = 0
    POLLER = 1
    RESOLVER = 2
    WRITER = 3
    DISCARD = 4


_STATUS_AFTER = MappingProxyType(
    {
        Step.SKIPPED: OrderStatus.SKIPPED,
        Step.DEAD_LETTERED: OrderStatus.DEAD_LETTERED,
        Step.DISCARDED: OrderStatus.SKIPPED,
    }
)

Version = tuple[int, int]
"""(revision in the shop, replays by a person): the higher one is the newer."""
FIRST_VERSION: Version = (1, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldReason:
    """A reason as it was told; the code is text, for a newer service may know more codes."""

    code: str
    variant: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    booking_id: str
    invoice_number: str
    total: str
    customer_number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Discard:
    by: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderNews:
    """One event about one order; the fields that its step has nothing to say about stay empty."""

    id: str
    occurred_at: datetime
    step: Step
    stage: Stage
    order_number: str
    revision: int
    replay: int
    attempt: int = 0
    reason: ToldReason | None = None
    shop_total: str | None = None
    placed_on: date | None = None
    buyer_name: str | None = None
    customer_number: int | None = None
    booking: Booking | None = None
    dead_letter_id: str | None = None
    discard: Discard | None = None

    @property
    def version(self) -> Version:
        return self.revision, self.replay

    @property
    def precedence(self) -> tuple[Version, Stage, datetime, str]:
        return self.version, self.stage, self.occurred_at, self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is known of an order.

    `heard` is the newest version that a service told of; `replays` the highest replay number ever used;
    `reason` is None while booked or in progress; `total` has two decimals, None when the shop's is no amount;
    `ordered_on` is the shop's date, or the day on which the order was first heard of while it is not read.
    """

    order_number: str
    status: OrderStatus
    version: Version
    heard: Version
    replays: int
    ordered_on: date
    updated_at: datetime
    buyer_name: str | None = None
    reason: ToldReason | None = None
    discard: Discard | None = None
    booking: Booking | None = None
    total: str | None = None
    customer_number: int | None = None
    changed_in_shop: bool = False

    def overtakes(self, version: Version) -> bool:
        """Whether work on this version of the order has become pointless."""
        return self.booking is not None or self.heard > version


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRow:
    profile: str
    order_uuid: str
    standing: Standing


def conclude(told: Iterable[OrderNews]) -> Standing:
    """The standing after all of these; at least one is needed. Of one id, the last telling counts."""
    by_id: dict[str, OrderNews] = {}
    for item in told:
        by_id[item.id] = max(item, by_id.get(item.id, item), key=lambda each: each.occurred_at)
    news = sorted(by_id.values(), key=lambda item: item.precedence)
    deciding = _latest(item if _decides(item, news) else None for item in news)
    booking = _latest(item.booking for item in news)
    status = OrderStatus.BOOKED if booking else _status(deciding)
    return Standing(
        order_number=news[-1].order_number,
        status=status,
        version=(deciding or news[-1]).version,
        heard=max((item.version for item in news if _told_by_a_service(item)), default=(0, 0)),
        replays=max(item.replay for item in news),
        ordered_on=_latest(item.placed_on for item in news) or _first_day(news),
        buyer_name=_latest(item.buyer_name for item in news),
        updated_at=max(item.occurred_at for item in news),
        reason=_reason(deciding, news) if deciding and status in STATUSES_WITH_REASON else None,
        discard=deciding.discard if deciding and not booking else None,
        booking=booking,
        total=_total(booking, news),
        customer_number=booking.customer_number
        if booking
        else _latest(item.customer_number for item in news),
        changed_in_shop=any(item.step is Step.CHANGED for item in news),
    )


def _decides(item: OrderNews, news: list[OrderNews]) -> bool:
    """A change after the booking decides nothing, nor does a discard before its dead letter is heard of."""
    if item.step is Step.DISCARDED:
        return any(
            other.step is Step.DEAD_LETTERED and other.dead_letter_id == item.dead_letter_id for other in news
        )
    return item.step is not Step.CHANGED


def _status(deciding: OrderNews | None) -> OrderStatus:
    if deciding is None:
        return OrderStatus.IN_PROGRESS
    if deciding.step is Step.WAITING:
        return OrderStatus.IN_PROGRESS if _passes_by_itself(deciding) else OrderStatus.WAITING
    return _STATUS_AFTER.get(deciding.step, OrderStatus.IN_PROGRESS)


def _passes_by_itself(wait: OrderNews) -> bool:
    paused = wait.reason is not None and wait.reason.code == ReasonCode.PROFILE_PAUSED
    return wait.stage is not Stage.POLLER and not paused and wait.attempt <= WAITS_IN_PROGRESS_MAX


def _reason(deciding: OrderNews, news: list[OrderNews]) -> ToldReason | None:
    if deciding.step is not Step.DISCARDED:
        return deciding.reason
    return _latest(item.reason for item in news if item.dead_letter_id == deciding.dead_letter_id)


def _told_by_a_service(item: OrderNews) -> bool:
    return item.stage not in (Stage.REPLAY, Stage.DISCARD)


def _first_day(news: list[OrderNews]) -> date:
    return min(item.occurred_at for item in news).astimezone(SHOP_TIME_ZONE).date()


def _total(booking: Booking | None, news: list[OrderNews]) -> str | None:
    told = booking.total if booking else _latest(item.shop_total for item in news)
    try:
        return None if told is None else str(r2(parse_amount(told)))
    except ValueError:
        return None


def _latest(values: Iterable[T | None]) -> T | None:
    return next((value for value in reversed(list(values)) if value is not None), None)
