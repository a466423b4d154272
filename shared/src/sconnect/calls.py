"""Which calls to the vendors a piece of work made: noted where they are sent, told with what became of an
order.

What a process did before it was killed is noted nowhere: a trail has the calls of attempts that ended.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Final

from sconnect.clock import Clock
from sconnect.contracts import VendorCall
from sconnect.metrics import CallOutcome, Vendor

# Of a work that reads a whole list, the pages are one entry: more different calls than this nobody reads.
CALLS_TOLD_MAX = 50
PATH_LENGTH_MAX = 200
# A webhook's path may be its secret, and it is called for no order.
_TOLD: Final[frozenset[Vendor]] = frozenset({"webshop", "snelstart", "snelstart_login", "vies"})


class _Record:
    def __init__(self, clock: Clock, earlier: tuple[VendorCall, ...]) -> None:
        self.clock = clock
        self.calls = list(earlier)

    def add(self, call: VendorCall) -> None:
        if self.calls and (repeated := _repeated(self.calls[-1], call)):
            self.calls[-1] = repeated
        elif len(self.calls) < CALLS_TOLD_MAX:
            self.calls.append(call)


_record: ContextVar[_Record | None] = ContextVar("sconnect_calls", default=None)


@contextmanager
def recorded_calls(clock: Clock) -> Iterator[None]:
    """Note the calls that are made inside, also by tasks that begin inside.

    Within another of its kind it starts from what that one has noted, and adds nothing to it: the page of a
    list is told with each of its orders, what one order needed beside it with that order only.
    """
    before = _record.set(_Record(clock, made_calls()))
    try:
        yield
    finally:
        _record.reset(before)


def made_calls() -> tuple[VendorCall, ...]:
    """What was noted so far, in the order in which calls ended; nothing where nobody records."""
    record = _record.get()
    return () if record is None else tuple(record.calls)


def note_call(
    vendor: Vendor, method: str, path: str, outcome: CallOutcome, *, status: int | None, seconds: float
) -> None:
    """A call that ended now. `path` has no query: that holds the shop's keys, and names that are sought."""
    record = _record.get()
    if record is None or vendor not in _TOLD:
        return
    record.add(
        VendorCall(
            vendor=vendor,
            method=method,
            path=path[:PATH_LENGTH_MAX],
            status=status,
            outcome=outcome,
            began_at=record.clock.now() - timedelta(seconds=seconds),
            duration_ms=round(seconds * 1000),
        )
    )


def _repeated(last: VendorCall, call: VendorCall) -> VendorCall | None:
    """The last call and this one as one entry, when only their moments differ."""
    if _what(last) != _what(call):
        return None
    return last.model_copy(
        update={"times": last.times + 1, "duration_ms": last.duration_ms + call.duration_ms}
    )


def _what(call: VendorCall) -> tuple[object, ...]:
    return (call.vendor, call.method, call.path, call.status, call.outcome)
