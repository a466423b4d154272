"""Who may call an administration now, and how often: a pure judgement over what was granted before."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

PAUSE_MS_FIRST = 10_000
PAUSE_MS_MAX = 600_000
# A 429 this soon after a pause means that the pause was too short.
PAUSE_MEMORY_MS = 60_000
LANES_FULL_WAIT_MS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How many calls one administration takes in a minute, in an hour, and at the same time."""

    calls_per_minute: int
    calls_per_hour: int
    calls_at_once: int


# SnelStart developer portal, certificering: "Maatwerk & Production" and "Development & Test".
LIMITS: MappingProxyType[str, Limits] = MappingProxyType(
    {
        "production": Limits(calls_per_minute=500, calls_per_hour=5_000, calls_at_once=50),
        "test": Limits(calls_per_minute=100, calls_per_hour=1_000, calls_at_once=5),
    }
)


class Urgency(Enum):
    """BULK leaves a reserve of every limit free; a person who waits for an answer may use it."""

    BULK = "bulk"
    INTERACTIVE = "interactive"


def share_of(limits: Limits, urgency: Urgency) -> Limits:
    """What calls of this urgency may use: bulk leaves a twentieth, and no less than an examination takes."""
    if urgency is Urgency.INTERACTIVE:
        return limits
    return Limits(
        calls_per_minute=_without_reserve(limits.calls_per_minute, reserve_min=10),
        calls_per_hour=_without_reserve(limits.calls_per_hour, reserve_min=50),
        calls_at_once=_without_reserve(limits.calls_at_once, reserve_min=1),
    )


def _without_reserve(limit: int, *, reserve_min: int) -> int:
    return max(1, limit - max(reserve_min, limit // 20))


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """In milliseconds: the windows that are counted, how finely, and how late a granted call may arrive.

    A permit is used within `permit_ms` and its call reaches the vendor `arrival_ms` later at most. So the
    vendor's window of a minute holds no more than what was granted in the minute and those two before it.
    """

    minute_ms: int = 60_000
    hour_ms: int = 3_600_000
    minute_slot_ms: int = 500
    hour_slot_ms: int = 30_000
    permit_ms: int = 1_500
    arrival_ms: int = 1_000

    @property
    def late_ms(self) -> int:
        return self.permit_ms + self.arrival_ms


Slots = tuple[tuple[int, int], ...]
"""(start of the slot in ms, permits granted in it), the oldest first."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The calls that one process may have under way, until its lease ends."""

    at_once: int
    until_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What was granted of one administration's allowance. `pause_ms` is how long the last pause was."""

    minute: Slots = ()
    hour: Slots = ()
    holders: Mapping[str, Holder] = field(default_factory=dict)
    paused_until_ms: int = 0
    pause_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What a process asks for. `at_once` includes the `in_flight` calls that it has under way.

    `unused` permits of an earlier grant, made at `unused_of_ms`, are given back.
    """

    holder: str
    permits: int
    at_once: int
    in_flight: int
    lease_ms: int
    limits: Limits
    urgency: Urgency = Urgency.BULK
    unused: int = 0
    unused_of_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """`wait_ms` is 0 unless there are no permits: then how long it takes at least until there may be some."""

    permits: int
    at_once: int
    granted_at_ms: int
    wait_ms: int = 0


def grant(account: Account, demand: Demand, now_ms: int, timing: Timing) -> tuple[Account, Grant]:
    """As much of the demand as the limits leave, and the account after it."""
    account = _without_future(_take_back(account, demand, timing), demand, now_ms, timing)
    account = _without_past(account, now_ms, timing)
    share = share_of(demand.limits, demand.urgency)
    others = sum(held.at_once for name, held in account.holders.items() if name != demand.holder)
    lanes = max(min(demand.at_once, share.calls_at_once - others), demand.in_flight)
    room, wait_ms = _room(account, share, now_ms, timing)
    if lanes <= demand.in_flight:
        room, wait_ms = 0, max(wait_ms, LANES_FULL_WAIT_MS)
    permits = max(0, min(demand.permits, room))
    lanes = lanes if permits else demand.in_flight
    after = _with_permits(_with_holder(account, demand, lanes, now_ms), permits, now_ms, timing)
    return after, Grant(
        permits=permits, at_once=lanes, granted_at_ms=now_ms, wait_ms=0 if permits else max(wait_ms, 1)
    )


def pause(account: Account, now_ms: int, wait_ms: int | None) -> Account:
    """The vendor refused a call for being one too many; without a wait of its own, longer every time."""
    if wait_ms is None:
        again = account.pause_ms and now_ms < account.paused_until_ms + PAUSE_MEMORY_MS
        wait_ms = min(account.pause_ms * 2, PAUSE_MS_MAX) if again else PAUSE_MS_FIRST
        # Several calls of one burst are refused together: that is one pause, not several.
        if now_ms < account.paused_until_ms:
            return account
    until_ms = max(account.paused_until_ms, now_ms + wait_ms)
    return replace(account, paused_until_ms=until_ms, pause_ms=wait_ms)


def release(account: Account, demand: Demand, timing: Timing) -> Account:
    """The process has no call under way, and gives back what it did not use."""
    account = _take_back(account, demand, timing)
    holders = {name: held for name, held in account.holders.items() if name != demand.holder}
    return replace(account, holders=holders)


def _room(account: Account, share: Limits, now_ms: int, timing: Timing) -> tuple[int, int]:
    """The permits that are left, and when there is none the wait until the first comes free."""
    if now_ms < account.paused_until_ms:
        return 0, account.paused_until_ms - now_ms
    windows = (
        (account.minute, share.calls_per_minute, timing.minute_ms + timing.minute_slot_ms),
        (account.hour, share.calls_per_hour, timing.hour_ms + timing.hour_slot_ms),
    )
    left, wait_ms = [], 0
    for slots, limit, window_ms in windows:
        left.append(limit - sum(permits for _, permits in slots))
        if left[-1] <= 0:
            wait_ms = max(wait_ms, slots[0][0] + window_ms + timing.late_ms - now_ms)
    return min(left), wait_ms


def _without_past(account: Account, now_ms: int, timing: Timing) -> Account:
    minute_from = now_ms - timing.minute_ms - timing.minute_slot_ms - timing.late_ms
    hour_from = now_ms - timing.hour_ms - timing.hour_slot_ms - timing.late_ms
    return replace(
        account,
        minute=tuple(slot for slot in account.minute if slot[0] > minute_from and slot[1] > 0),
        hour=tuple(slot for slot in account.hour if slot[0] > hour_from and slot[1] > 0),
        holders={name: held for name, held in account.holders.items() if held.until_ms > now_ms},
    )


def _without_future(account: Account, demand: Demand, now_ms: int, timing: Timing) -> Account:
    """After the database's clock was put back, what lies ahead of it counts as done just now."""
    return replace(
        account,
        minute=_not_after(account.minute, _slot(now_ms, timing.minute_slot_ms)),
        hour=_not_after(account.hour, _slot(now_ms, timing.hour_slot_ms)),
        holders={
            name: Holder(held.at_once, min(held.until_ms, now_ms + demand.lease_ms))
            for name, held in account.holders.items()
        },
        paused_until_ms=min(account.paused_until_ms, now_ms + account.pause_ms),
    )


def _not_after(slots: Slots, last_ms: int) -> Slots:
    if not slots or slots[-1][0] <= last_ms:
        return slots
    counted: dict[int, int] = {}
    for start, permits in slots:
        counted[min(start, last_ms)] = counted.get(min(start, last_ms), 0) + permits
    return tuple(sorted(counted.items()))


def _take_back(account: Account, demand: Demand, timing: Timing) -> Account:
    if not demand.unused:
        return account
    return replace(
        account,
        minute=_add(account.minute, _slot(demand.unused_of_ms, timing.minute_slot_ms), -demand.unused),
        hour=_add(account.hour, _slot(demand.unused_of_ms, timing.hour_slot_ms), -demand.unused),
    )


def _with_permits(account: Account, permits: int, now_ms: int, timing: Timing) -> Account:
    if not permits:
        return account
    return replace(
        account,
        minute=_add(account.minute, _slot(now_ms, timing.minute_slot_ms), permits),
        hour=_add(account.hour, _slot(now_ms, timing.hour_slot_ms), permits),
    )


def _with_holder(account: Account, demand: Demand, lanes: int, now_ms: int) -> Account:
    holders = dict(account.holders)
    if lanes:
        holders[demand.holder] = Holder(at_once=lanes, until_ms=now_ms + demand.lease_ms)
    else:
        holders.pop(demand.holder, None)
    return replace(account, holders=holders)


def _slot(moment_ms: int, length_ms: int) -> int:
    return moment_ms - moment_ms % length_ms


def _add(slots: Slots, start_ms: int, permits: int) -> Slots:
    """A slot that is forgotten already is not made anew by giving back."""
    counted = dict(slots)
    if permits > 0 or start_ms in counted:
        counted[start_ms] = max(0, counted.get(start_ms, 0) + permits)
    return tuple(sorted(counted.items()))
