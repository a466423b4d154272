"""Tasks that were told to end have ended."""

import asyncio

import pytest

from sconnect.tasks import cancel_until_done


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_those_that_are_told_have_ended_afterwards():
    ended: list[str] = []

    async def tidy_up() -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(0)
            ended.append("tidy")

    async def fail() -> None:
        try:
            await for_ever()
        finally:
            raise ZeroDivisionError

    tasks = [asyncio.create_task(work()) for work in (tidy_up, fail, for_ever)]
    await asyncio.sleep(0)
    await cancel_until_done(tasks)
    assert [task.cancelled() for task in tasks] == [True, False, True]
    assert isinstance(tasks[1].exception(), ZeroDivisionError)
    assert ended == ["tidy"]


async def test_what_had_ended_or_was_never_there_is_no_trouble():
    over = asyncio.create_task(asyncio.sleep(0, "result"))
    await over
    await cancel_until_done([over])
    await cancel_until_done([])
    assert over.result() == "result"


async def test_a_cancellation_that_wait_for_returns_a_result_for_is_repeated(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sconnect.tasks.CANCEL_AGAIN_SECONDS", 0.01)
    answer = asyncio.get_running_loop().create_future()

    async def look_again_and_again() -> None:
        await asyncio.wait_for(answer, timeout=60)
        await for_ever()

    looking = asyncio.create_task(look_again_and_again())
    await asyncio.sleep(0)
    answer.set_result("the same turn as the cancellation")
    async with asyncio.timeout(5):
        await cancel_until_done([looking])
    assert looking.cancelled()
