"""What a piece of work has called: noted while somebody records, and told in a form that people can read."""

import asyncio
from datetime import UTC, datetime, timedelta

from sconnect.calls import CALLS_TOLD_MAX, PATH_LENGTH_MAX, made_calls, note_call, recorded_calls
from sconnect.clock import ManualClock
from sconnect.contracts import VendorCall

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLOCK = ManualClock(NOON)


def look(path: str = "/v2/relaties", *, seconds: float = 0.25) -> None:
    note_call("snelstart", "GET", path, "success", status=200, seconds=seconds)


def test_a_call_tells_what_was_asked_when_and_how_it_ended() -> None:
    with recorded_calls(CLOCK):
        note_call("snelstart", "POST", "/v2/verkoopboekingen", "timeout", status=None, seconds=20.0)
        (call,) = made_calls()
    assert call == VendorCall(
        vendor="snelstart",
        method="POST",
        path="/v2/verkoopboekingen",
        outcome="timeout",
        began_at=NOON - timedelta(seconds=20),
        duration_ms=20_000,
    )


def test_nothing_is_noted_where_nobody_records() -> None:
    look()
    assert made_calls() == ()
    with recorded_calls(CLOCK):
        look()
    assert made_calls() == ()


def test_the_pages_of_a_list_are_one_entry() -> None:
    with recorded_calls(CLOCK):
        look()
        look()
        look("/v2/landen")
        look()
        made = [(call.path, call.times, call.duration_ms) for call in made_calls()]
    assert made == [("/v2/relaties", 2, 500), ("/v2/landen", 1, 250), ("/v2/relaties", 1, 250)]


def test_what_an_order_needed_beside_the_page_is_told_with_that_order_only() -> None:
    with recorded_calls(CLOCK):
        look("/v1/orders")
        with recorded_calls(CLOCK):
            look("/v1/orders/1001")
            inner = [call.path for call in made_calls()]
        outer = [call.path for call in made_calls()]
    assert inner == ["/v1/orders", "/v1/orders/1001"]
    assert outer == ["/v1/orders"]


async def test_works_side_by_side_note_their_own() -> None:
    async def work(path: str) -> list[str]:
        with recorded_calls(CLOCK):
            await asyncio.create_task(_look_later(path))
            return [call.path for call in made_calls()]

    first, second = await asyncio.gather(work("/a"), work("/b"))
    assert (first, second) == (["/a"], ["/b"])


async def _look_later(path: str) -> None:
    await asyncio.get_running_loop().run_in_executor(None, int)
    look(path)


def test_a_trail_stays_readable_whatever_is_called() -> None:
    with recorded_calls(CLOCK):
        for number in range(CALLS_TOLD_MAX + 10):
            look(f"/v2/{number}/" + "x" * PATH_LENGTH_MAX)
        made = made_calls()
    assert len(made) == CALLS_TOLD_MAX
    assert {len(call.path) for call in made} == {PATH_LENGTH_MAX}


def test_the_address_of_a_webhook_is_its_secret() -> None:
    with recorded_calls(CLOCK):
        note_call("webhook", "POST", "/services/secret", "success", status=200, seconds=0.1)
        assert made_calls() == ()
