"""Import runs as the pages tell them, on SQLite and PostgreSQL."""

from console.adapters.sql import SqlReadModel
from console.domain.runs import ImportRun, RunState
from console.domain.standing import OrderStatus
from console_telling import tell
from fakes_console import NOON, PROFILE, OrderStory, run_finished


async def test_a_run_is_counted_whole_and_shown_in_part_what_needs_a_person_first(
    read_model: SqlReadModel,
) -> None:
    stories = [OrderStory(number=number) for number in ("9", "10", "11", "12")]
    booked, _, waiting, dead = stories
    elsewhere = OrderStory(number="13")
    uuids = (*(story.uuid for story in reversed(stories)), "unknown")
    await tell(
        read_model,
        *(story.received() for story in (*stories, elsewhere)),
        booked.booked(),
        waiting.waiting(attempt=3),
        dead.dead_lettered(),
        run_finished("run", orders=uuids),
    )

    summary = await read_model.summary("run", shown_max=3)

    assert summary is not None
    assert (summary.met, summary.heard_of, summary.settled) == (5, 4, 3)
    assert summary.counts == dict.fromkeys(
        (OrderStatus.BOOKED, OrderStatus.IN_PROGRESS, OrderStatus.WAITING, OrderStatus.DEAD_LETTERED), 1
    )
    assert [row.standing.order_number for row in summary.shown] == ["12", "11", "9"]
    assert summary.state is RunState.RUNNING
    assert summary.run.missing_numbers == (1003,)


async def test_a_run_that_was_asked_for_and_not_heard_of_has_met_nothing_yet(
    read_model: SqlReadModel,
) -> None:
    await read_model.request(ImportRun(run_id="run", profile=PROFILE, requested_at=NOON, requested_by="jan"))

    summary = await read_model.summary("run", shown_max=3)

    assert summary is not None
    assert (summary.met, summary.counts, summary.shown, summary.state) == (None, {}, [], RunState.RUNNING)
    assert await read_model.summary("another", shown_max=3) is None


async def test_a_run_that_met_no_orders_is_done(read_model: SqlReadModel) -> None:
    await tell(read_model, run_finished("run", orders=()))

    summary = await read_model.summary("run", shown_max=3)

    assert summary is not None
    assert (summary.met, summary.state) == (0, RunState.DONE)


async def test_of_two_runs_that_finished_at_one_moment_one_is_the_last(read_model: SqlReadModel) -> None:
    await tell(read_model, run_finished("b", at=1), run_finished("a", at=1))

    assert {name: run.run_id for name, run in (await read_model.last_runs()).items()} == {PROFILE: "a"}
