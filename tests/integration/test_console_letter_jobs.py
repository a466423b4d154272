"""Many dead letters at once: chosen, replayed or put away in batches, and finished after every crash."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from console.adapters.sql import SqlLetterJobs, Transactions
from console.domain.letters import LetterState
from console.handlers import letter_jobs as handler
from console_world import World, running_console
from fakes_console import OrderStory, unreadable
from sconnect.contracts import OrderReplayRequested, SalesOrderCustomerResolved, SalesOrderReceived, decode
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.messaging.topology import POLLER_REPLAY_REQUESTED, RESOLVER_RECEIVED, WRITER_RESOLVED
from sconnect.persistence import create_engine

BROKER_AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))
WRITER = "booking-writer"


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with running_console(database_url) as world:
        yield world


async def tell_letters(world: World, code: str, *numbers: int, profile: str = "speelgoed") -> None:
    for number in numbers:
        story = OrderStory(number=str(number), profile=profile)
        await world.read_model.record(story.received(at=number))
        await world.read_model.record(story.dead_lettered(at=number + 1, stage=WRITER, code=code))


async def ask(world: World, **asked: Any) -> Any:
    answer = await world.client.post("/api/dead-letter-jobs", json={"kind": "replay", **asked})
    assert answer.is_success, answer.text
    return answer.json()


async def finished(world: World, job: Any) -> Any:
    await world.console.letter_jobs.finish_all()
    return (await world.client.get(f"/api/dead-letter-jobs/{job['id']}")).json()


def numbers_sent(world: World, queue: str) -> list[str]:
    return [
        str(decode(copy.body).order.number)  # type: ignore[attr-defined]
        for copy in world.publisher.queued
        if copy.queue == queue
    ]


async def test_all_of_one_reason_go_on_as_they_were_received_and_in_order(world: World) -> None:
    await tell_letters(world, "LEDGER_UNMAPPED", 1, 2, 3)
    await tell_letters(world, "PERIOD_BLOCKED", 4)

    job = await finished(world, await ask(world, reason_code="LEDGER_UNMAPPED"))

    assert (job["state"], job["total"], job["done"], job["refused"]) == ("done", 3, 3, 0)
    assert numbers_sent(world, WRITER_RESOLVED.name) == ["1", "2", "3"]
    sent = decode(world.publisher.queued[0].body)
    assert isinstance(sent, SalesOrderCustomerResolved)
    assert sent.replay == 1
    remaining = (await world.client.get("/api/dead-letters")).json()
    assert [letter["order_number"] for letter in remaining] == ["4"]


async def test_what_the_shop_sent_wrong_is_read_from_the_shop_again(world: World) -> None:
    await tell_letters(world, "TOTAL_MISMATCH", 1)
    await tell_letters(world, "LEDGER_UNMAPPED", 2)

    await finished(world, await ask(world, everything=True))

    assert numbers_sent(world, POLLER_REPLAY_REQUESTED.name) == ["1"]
    assert numbers_sent(world, WRITER_RESOLVED.name) == ["2"]


@pytest.mark.parametrize(
    ("way", "queue"), [("from_shop", POLLER_REPLAY_REQUESTED), ("as_received", WRITER_RESOLVED)]
)
async def test_the_way_can_be_chosen_for_all(world: World, way: str, queue: Any) -> None:
    await tell_letters(world, "TOTAL_MISMATCH", 1)
    await tell_letters(world, "LEDGER_UNMAPPED", 2)

    await finished(world, await ask(world, everything=True, way=way))

    assert numbers_sent(world, queue.name) == ["1", "2"]


async def test_conditions_hold_together(world: World) -> None:
    await tell_letters(world, "LEDGER_UNMAPPED", 1, profile="a")
    await tell_letters(world, "LEDGER_UNMAPPED", 1, profile="b")
    await tell_letters(world, "PERIOD_BLOCKED", 2, profile="b")

    job = await finished(world, await ask(world, profile="b", reason_code="LEDGER_UNMAPPED"))

    assert job["total"] == 1
    assert decode(world.publisher.queued[0].body).profile == "b"


async def test_a_dry_run_tells_what_would_happen_and_does_nothing(world: World) -> None:
    await tell_letters(world, "TOTAL_MISMATCH", 1)
    await tell_letters(world, "LEDGER_UNMAPPED", 2)
    letter, copy = unreadable(RESOLVER_RECEIVED.name, b"{")
    await world.read_model.record(letter)
    world.queues.put(copy)

    plan = await ask(world, everything=True, dry_run=True)

    assert plan["total"] == 3
    told = {each["order_number"]: each["what"] for each in plan["letters"]}
    assert told == {"1": "from_shop", "2": "as_received", None: "as_received"}
    assert world.publisher.queued == []
    assert (await world.client.get("/api/dead-letter-jobs")).json() == []
    assert len((await world.client.get("/api/dead-letters")).json()) == 3


async def test_a_decision_goes_with_every_order_of_a_reason_about_the_customer(world: World) -> None:
    await tell_letters(world, "NO_CERTAIN_MATCH", 1, 2)

    await finished(world, await ask(world, reason_code="NO_CERTAIN_MATCH", create_customer=True))

    sent = [decode(copy.body) for copy in world.publisher.queued]
    assert all(isinstance(message, SalesOrderReceived) for message in sent)
    assert [message.amendment.kind for message in sent if message.amendment] == ["create_customer"] * 2


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({}, "nothing_chosen"),
        ({"everything": True, "customer_number": 7}, "decision_too_wide"),
        ({"reason_code": "LEDGER_UNMAPPED", "create_customer": True}, "decision_too_wide"),
        ({"kind": "discard", "everything": True}, "request_malformed"),
        ({"everything": True, "create_customer": True, "customer_number": 7}, "request_malformed"),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, asked: dict[str, Any], problem: str) -> None:
    answer = await world.client.post("/api/dead-letter-jobs", json={"kind": "replay", **asked})

    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:sconnect:problem:{problem}"


async def test_one_that_has_moved_on_is_left_and_said(world: World) -> None:
    await tell_letters(world, "LEDGER_UNMAPPED", 1, 2)
    job = await ask(world, reason_code="LEDGER_UNMAPPED")
    await world.read_model.record(OrderStory(number="1", profile="speelgoed").booked(at=20))

    job = await finished(world, job)

    assert (job["done"], job["refused"]) == (1, 1)
    assert job["troubles"][0]["order_number"] == "1"
    assert job["troubles"][0]["text"]
    assert numbers_sent(world, WRITER_RESOLVED.name) == ["2"]


async def test_a_discard_of_many_is_recorded_and_can_be_undone(world: World) -> None:
    await tell_letters(world, "PERIOD_BLOCKED", 1, 2)
    await tell_letters(world, "LEDGER_UNMAPPED", 3)

    gone = await finished(
        world, await ask(world, kind="discard", reason_code="PERIOD_BLOCKED", reason="Boek ik zelf")
    )
    letter = await world.read_model.letter(
        OrderStory(number="1", profile="speelgoed").dead_letter_id(stage=WRITER)
    )
    assert (gone["done"], gone["kind"]) == (2, "discard")
    assert letter is not None
    assert letter.state is LetterState.DISCARDED
    assert letter.discard is not None
    assert (letter.discard.why, letter.discard.by) == ("Boek ik zelf", "administrator")

    back = await finished(world, await ask(world, undo_of=gone["id"]))
    assert (back["total"], back["done"]) == (2, 2)
    assert numbers_sent(world, WRITER_RESOLVED.name) == ["1", "2"]


async def test_a_copy_about_no_order_is_sent_on_by_the_sweep(world: World) -> None:
    letter, copy = unreadable(RESOLVER_RECEIVED.name, b"{")
    await world.read_model.record(letter)
    world.queues.put(copy)

    job = await finished(world, await ask(world, ids=[letter.dead_letter_id]))
    await world.console.housekeeping.round()

    assert job["done"] == 1
    assert [(sent.queue, sent.body) for sent in world.publisher.queued] == [(RESOLVER_RECEIVED.name, b"{")]


@pytest.mark.parametrize("crash_at", range(0, 14, 3))
async def test_after_a_crash_anywhere_the_next_runner_finishes_and_repeats_nothing_new(
    world: World, crash_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "LETTERS_PER_BATCH", 4)
    monkeypatch.setattr(handler, "PUBLISHED_AT_ONCE", 3)
    await tell_letters(world, "LEDGER_UNMAPPED", *range(1, 11))
    job = await ask(world, everything=True)

    crashing = CrashingJobs(world, crash_at)
    with pytest.raises(Crash):
        await crashing.runner.finish_all()
    await world.console.letter_jobs.finish_all()

    ended = (await world.client.get(f"/api/dead-letter-jobs/{job['id']}")).json()
    assert (ended["state"], ended["done"]) == ("done", 10)
    assert len({copy.message_id for copy in world.publisher.queued}) == 10
    assert {decode(copy.body).replay for copy in world.publisher.queued} == {1}
    await crashing.engine.dispose()


async def test_a_broker_that_is_away_only_puts_a_job_off(world: World) -> None:
    await tell_letters(world, "LEDGER_UNMAPPED", 1, 2)
    job = await ask(world, everything=True)
    world.publisher.failures = [BROKER_AWAY, BROKER_AWAY]

    with pytest.raises(UpstreamUnavailable):
        await world.console.letter_jobs.finish_all()
    assert (await world.client.get(f"/api/dead-letter-jobs/{job['id']}")).json()["state"] == "running"

    assert (await finished(world, job))["done"] == 2
    assert isinstance(decode(world.publisher.queued[0].body), SalesOrderCustomerResolved)
    assert OrderReplayRequested.TYPE not in {decode(copy.body).type for copy in world.publisher.queued}


class Crash(Exception):
    """The process is gone."""


class CrashingJobs(SqlLetterJobs):
    """The real one, which dies before its call with this number; its runner lets go of the lease."""

    def __init__(self, world: World, crash_at: int) -> None:
        self.engine = create_engine(world.database_url)
        super().__init__(Transactions(self.engine))
        self._calls_left = crash_at
        running = world.console.letter_jobs
        self.runner = handler.LetterJobRunner(
            jobs=self,
            publisher=world.publisher,
            lease=running._lease,
            clock=world.clock,
            on_finished=lambda: None,
        )

    def __getattribute__(self, name: str) -> Any:
        if name in ("items", "begin_replays", "unpublished", "finish_items", "finish", "next_open"):
            if self._calls_left == 0:
                raise Crash
            self._calls_left -= 1
        return super().__getattribute__(name)
