"""The read model on SQLite and PostgreSQL: what was told, in whatever order, is what can be asked."""

import asyncio
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql import SqlReadModel
from console.adapters.sql.tables import metadata
from console.domain.letters import LetterState
from console.domain.runs import ImportRun
from console.domain.standing import OrderRow, OrderStatus
from console.ports import Outgoing
from console_telling import tell
from fakes_console import NOON, PROFILE, OrderStory, paused, resumed, run_finished
from migrated_tables import differences_from_migrations
from sconnect.contracts import ProfileChanged, ProfileLedgersChecked, WireLedgerFinding
from sconnect.contracts.build import new_message

STORY = OrderStory()


async def orders_of(read_model: SqlReadModel, profile: str) -> list[OrderRow]:
    return await read_model.orders(profile, await read_model.order_uuids(profile))


async def test_the_migrations_make_the_tables_of_the_model(
    read_model: SqlReadModel, database_engine: AsyncEngine
) -> None:
    assert await differences_from_migrations(database_engine, "console", metadata) == []


async def test_a_booked_order_in_full(read_model: SqlReadModel) -> None:
    await tell(read_model, STORY.received(), STORY.resolved(), STORY.booked())

    (row,) = await orders_of(read_model, PROFILE)
    standing = row.standing
    assert row.order_uuid == STORY.uuid
    assert (standing.order_number, standing.status) == ("1001", OrderStatus.BOOKED)
    assert standing.booking is not None
    assert (standing.booking.invoice_number, standing.total) == ("1001", "68.00")
    assert standing.customer_number == 10412
    assert [message.type for message in await read_model.trail(PROFILE, STORY.uuid)] == [
        "sales-order.received.v1",
        "sales-order.customer-resolved.v1",
        "sales-booking.written.v1",
    ]


async def test_every_order_of_telling_ends_in_the_same_rows(read_model: SqlReadModel) -> None:
    told = (
        STORY.received(),
        STORY.dead_lettered(),
        STORY.discarded(),
        STORY.waiting(stage="customer-resolver", attempt=1),
    )
    for number, arrangement in enumerate(permutations(told)):
        name = f"shop-{number}"
        moved = [
            message.model_copy(
                update={
                    "id": f"{number}-{message.id}",
                    "profile": name,
                    **({"dead_letter_id": name} if hasattr(message, "dead_letter_id") else {}),
                }
            )
            for message in arrangement
        ]
        await tell(read_model, *moved, *moved)
        (row,) = await orders_of(read_model, name)
        letter = await read_model.letter(name)
        assert row.standing.status is OrderStatus.SKIPPED, arrangement
        assert row.standing.discard is not None
        assert letter is not None
        assert letter.state is LetterState.DISCARDED, arrangement


async def test_events_of_one_order_at_the_same_moment_all_count(read_model: SqlReadModel) -> None:
    messages = [STORY.received(), STORY.resolved(), STORY.booked(), STORY.changed()]

    await asyncio.gather(*(read_model.record(message) for message in messages))

    (row,) = await orders_of(read_model, PROFILE)
    assert row.standing.status is OrderStatus.BOOKED
    assert row.standing.changed_in_shop
    assert len(await read_model.trail(PROFILE, STORY.uuid)) == 4


async def test_orders_come_by_number_and_by_profile(read_model: SqlReadModel) -> None:
    for number in ("1002", "999", "10001"):
        await tell(read_model, OrderStory(number=number).received())
    await tell(read_model, OrderStory(number="1", profile="other").received())

    numbers = [row.standing.order_number for row in await orders_of(read_model, PROFILE)]
    assert numbers == ["999", "1002", "10001"]
    assert await read_model.order(PROFILE, "1") is None
    assert await read_model.order("other", "1") is not None
    assert await read_model.status_counts() == {
        PROFILE: {OrderStatus.IN_PROGRESS: 3},
        "other": {OrderStatus.IN_PROGRESS: 1},
    }


async def test_a_dead_letter_waits_until_the_order_moves_on(read_model: SqlReadModel) -> None:
    await tell(read_model, STORY.received(), STORY.dead_lettered())
    (letter,) = await read_model.letters(PROFILE)
    assert (letter.order_number, letter.version) == ("1001", (1, 0))
    assert letter.suggestions == ({"customer_number": "10412", "name": "Jan Voorbeeld", "agreed": "email"},)
    assert await read_model.letters("other") == []

    await tell(read_model, STORY.received(replay=1, at=5))

    assert await read_model.letters(None) == []
    overtaken = await read_model.letter(letter.id)
    assert overtaken is not None
    assert overtaken.state is LetterState.OVERTAKEN


async def test_a_dead_letter_heard_of_too_late_is_overtaken_at_once(read_model: SqlReadModel) -> None:
    await tell(read_model, STORY.booked(), STORY.dead_lettered())

    assert await read_model.letters(None) == []


async def test_a_replay_is_written_down_before_it_is_published(read_model: SqlReadModel) -> None:
    await tell(read_model, STORY.received(), STORY.dead_lettered())
    letter_id = STORY.dead_letter_id()
    outgoing = Outgoing(queue="q", message_id="m", body=b"{}")
    request = STORY.replay_requested()

    assert await read_model.begin_replay(letter_id, request, outgoing, NOON)
    assert not await read_model.begin_replay(letter_id, request, outgoing, NOON)

    (pending,) = await read_model.pending_replays()
    assert pending.outgoing == outgoing
    row = await read_model.order(PROFILE, "1001")
    assert row is not None
    assert row.standing.status is OrderStatus.IN_PROGRESS
    assert row.standing.replays == 1

    await read_model.finish_replay(letter_id)
    assert await read_model.pending_replays() == []
    letter = await read_model.letter(letter_id)
    assert letter is not None
    assert letter.state is LetterState.REPLAYED


async def test_replays_that_were_begun_at_once_are_pending_in_the_order_of_their_letters(
    read_model: SqlReadModel,
) -> None:
    stories = [OrderStory(number=number) for number in ("998", "999", "1000", "1001")]
    for at, story in ((4, stories[0]), (5, stories[2]), (5, stories[3]), (5, stories[1])):
        await tell(read_model, story.received(), story.dead_lettered(at=at))
    for story in reversed(stories):
        outgoing = Outgoing(queue="q", message_id=story.number, body=b"{}")
        assert await read_model.begin_replay(story.dead_letter_id(), story.replay_requested(), outgoing, NOON)

    pending = await read_model.pending_replays()

    assert [replay.outgoing.message_id for replay in pending] == ["998", "999", "1000", "1001"]


async def test_an_overtaken_letter_is_not_replayed_and_leaves_no_request(read_model: SqlReadModel) -> None:
    await tell(read_model, STORY.dead_lettered(), STORY.booked())

    assert not await read_model.begin_replay(STORY.dead_letter_id(), STORY.replay_requested(), None, NOON)

    assert len(await read_model.trail(PROFILE, STORY.uuid)) == 2


async def test_a_discard_that_was_undone_is_not_done_again_by_its_echo(read_model: SqlReadModel) -> None:
    discarded = STORY.discarded()
    await tell(read_model, STORY.dead_lettered(), discarded)
    later = discarded.occurred_at + timedelta(seconds=1)
    await read_model.begin_replay(STORY.dead_letter_id(), STORY.replay_requested(), None, later)
    await read_model.finish_replay(STORY.dead_letter_id())

    await tell(read_model, discarded)

    letter = await read_model.letter(STORY.dead_letter_id())
    assert letter is not None
    assert letter.state is LetterState.REPLAYED


async def test_bodies_of_old_discards_are_forgotten(read_model: SqlReadModel) -> None:
    await tell(read_model, STORY.dead_lettered(), STORY.discarded())

    await read_model.forget_discarded(STORY.discarded().occurred_at - timedelta(seconds=1))
    letter = await read_model.letter(STORY.dead_letter_id())
    assert letter is not None
    assert letter.message is not None

    await read_model.forget_discarded(STORY.discarded().occurred_at)
    letter = await read_model.letter(STORY.dead_letter_id())
    assert letter is not None
    assert letter.message is None


async def test_a_run_is_the_same_whichever_half_is_heard_first(read_model: SqlReadModel) -> None:
    requested = ImportRun(run_id="run-1", profile=PROFILE, requested_at=NOON, requested_by="administrator")
    finished = run_finished("run-1", orders=(STORY.uuid,))
    await read_model.request(requested)
    await tell(read_model, finished)
    first = await read_model.run("run-1")
    other = ImportRun(run_id="run-2", profile=PROFILE, requested_at=NOON, requested_by="administrator")
    await tell(read_model, run_finished("run-2", orders=(STORY.uuid,)))
    await read_model.request(other)
    second = await read_model.run("run-2")

    assert first is not None
    assert second is not None
    assert first.order_uuids == second.order_uuids == (STORY.uuid,)
    assert first.requested_by == second.requested_by == "administrator"
    assert first.missing_numbers == second.missing_numbers == (1003,)


async def test_only_the_last_run_of_a_profile_outlives_its_days(read_model: SqlReadModel) -> None:
    await tell(
        read_model, run_finished("a", at=1), run_finished("b", at=2), run_finished("c", at=1, profile="other")
    )

    await read_model.forget_runs(NOON + timedelta(days=9))

    assert await read_model.run("a") is None
    assert {name: run.run_id for name, run in (await read_model.last_runs()).items()} == {
        PROFILE: "b",
        "other": "c",
    }


@pytest.mark.parametrize("reverse", [False, True])
async def test_pauses_come_and_go_in_the_order_in_which_they_happened(
    read_model: SqlReadModel, reverse: bool
) -> None:
    told = [paused("poller", at=1), paused("booking-writer", at=1), resumed("poller", at=2)]
    await tell(read_model, *(reversed(told) if reverse else told))

    (pause,) = await read_model.pauses()
    assert (pause.stage, pause.reason.code) == ("booking-writer", "PROFILE_PAUSED")

    saved = new_message(
        ProfileChanged,
        profile=PROFILE,
        occurred_at=NOON + timedelta(seconds=3),
        correlation_id="c",
        id_parts=(2,),
        version=2,
        changed_by="administrator",
    )
    await tell(read_model, saved)
    assert await read_model.pauses() == []


def ledgers_checked(*codes: str, at: int, version: int = 1) -> ProfileLedgersChecked:
    findings = tuple(
        WireLedgerFinding(code=code, details={"field": "bookings.ledgers.revenue.nl_high", "ledger": "8100"})
        for code in codes
    )
    return new_message(
        ProfileLedgersChecked,
        profile=PROFILE,
        occurred_at=NOON + timedelta(seconds=at),
        correlation_id=PROFILE,
        id_parts=(at,),
        stage="booking-writer",
        version=version,
        findings=findings,
        new=findings,
    )


async def test_the_newest_word_about_ledgers_counts(read_model: SqlReadModel) -> None:
    assert await read_model.ledger_troubles() == {}

    await tell(
        read_model,
        ledgers_checked("ledger_inactive", at=2, version=3),
        ledgers_checked("ledger_unknown", at=1),
    )

    trouble = (await read_model.ledger_troubles())[PROFILE]
    (finding,) = trouble.findings
    assert (trouble.profile_version, finding.text_key) == (3, "ledgers.ledger_inactive")
    assert finding.stops_orders
    assert trouble.since == NOON + timedelta(seconds=2)

    await tell(read_model, ledgers_checked(at=3, version=3))
    assert (await read_model.ledger_troubles())[PROFILE].findings == ()
