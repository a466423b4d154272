"""Every queue carries the arguments that keep its messages."""

import pytest

from sconnect.messaging.declaration import definitions
from sconnect.messaging.topology import (
    DEAD_LETTER_EXCHANGE,
    EXCHANGE,
    PREVIEW_QUEUES,
    WORK_QUEUES,
    QueueDeclaration,
    WaitLevel,
    WorkQueue,
    queues,
)

BY_NAME = {queue.name: queue for queue in queues()}


@pytest.mark.parametrize("queue", queues(), ids=lambda queue: queue.name)
def test_every_queue_is_a_quorum_queue_with_a_positive_delivery_limit(queue: QueueDeclaration) -> None:
    assert queue.arguments["x-queue-type"] == "quorum"
    assert queue.arguments["x-delivery-limit"] > 0


@pytest.mark.parametrize("queue", queues(), ids=lambda queue: queue.name)
def test_whatever_dead_letters_does_so_at_least_once(queue: QueueDeclaration) -> None:
    if "x-dead-letter-exchange" in queue.arguments:
        assert queue.arguments["x-dead-letter-strategy"] == "at-least-once"
        assert queue.arguments["x-overflow"] == "reject-publish"


@pytest.mark.parametrize("work", WORK_QUEUES, ids=lambda queue: queue.name)
def test_a_wait_ends_in_the_queue_it_came_from_and_in_no_other(work: WorkQueue) -> None:
    for level in WaitLevel:
        wait = BY_NAME[work.wait(level)]
        assert wait.arguments["x-dead-letter-exchange"] == EXCHANGE
        assert wait.arguments["x-dead-letter-routing-key"] == work.name
        assert wait.arguments["x-message-ttl"] == level.seconds * 1000
    listeners = [queue.name for queue in queues() if (EXCHANGE, work.name) in queue.bindings]
    assert listeners == [work.name]


@pytest.mark.parametrize("work", WORK_QUEUES, ids=lambda queue: queue.name)
def test_a_dead_letter_queue_holds_for_ever(work: WorkQueue) -> None:
    dead = BY_NAME[work.dead_letter]
    assert set(dead.arguments) == {"x-queue-type", "x-delivery-limit"}
    assert dead.bindings == ((DEAD_LETTER_EXCHANGE, work.name),)


def test_no_work_queue_s_own_name_matches_an_event_pattern_of_another() -> None:
    patterns = [key.removesuffix("#") for queue in WORK_QUEUES for key in queue.events if key.endswith("#")]
    assert not [queue.name for queue in WORK_QUEUES for start in patterns if queue.name.startswith(start)]


def test_the_definitions_file_says_the_same() -> None:
    assert {queue["name"] for queue in definitions()["queues"]} == set(BY_NAME)
    assert len(definitions()["bindings"]) == sum(len(queue.bindings) for queue in queues())


def test_queues_of_previews_have_no_wait_and_no_dead_letters() -> None:
    for queue in PREVIEW_QUEUES:
        assert BY_NAME[queue.name].arguments["x-message-ttl"] == 120_000
        assert "x-dead-letter-exchange" not in BY_NAME[queue.name].arguments
        assert not [name for name in BY_NAME if name.startswith(f"{queue.name}.")]
