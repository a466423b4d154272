"""No request that the API's own description allows or forbids makes it fail."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from console_world import TOKEN, World, running_console
from fakes_console import OrderStory

EXAMPLES = 3
# What waits for services that no test of this file starts.
TIMEOUT_SECONDS = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    file = tmp_path_factory.mktemp("fuzz") / "console.sqlite3"
    async with running_console(f"sqlite+aiosqlite:///{file}") as world:
        story = OrderStory()
        for told in (story.received(), story.dead_lettered()):
            await world.read_model.record(told)
        yield world


def operations(description: dict[str, Any]) -> list[Any]:
    schema: Any = schemathesis.openapi.from_dict(description)
    return [result.ok() for result in schema.get_all_operations()]


def failures(world: World, mode: GenerationMode) -> tuple[int, list[str]]:
    """How many requests were made, and which of them the API failed at."""
    asked, failed = 0, []

    def try_all(operation: Any) -> None:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def try_one(case: Any) -> None:
            nonlocal asked
            headers = {"Authorization": f"Bearer {TOKEN}"}
            answer = case.call(base_url=world.url, headers=headers, timeout=TIMEOUT_SECONDS)
            asked += 1
            if answer.status_code >= 500:
                failed.append(f"{answer.status_code} {case.as_curl_command()}")

        try_one()

    for operation in operations(world.console.web.openapi()):
        try_all(operation)
    return asked, failed


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_no_request_makes_the_api_fail(world: World, mode: GenerationMode) -> None:
    asked, failed = await asyncio.to_thread(failures, world, mode)
    assert failed == []
    assert asked > 30
