"""Years of orders through the three services in memory leave nothing behind (see bench/soak_in_memory.py)."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from bench.in_memory.orders import FIRST_NUMBER, order_uuid
from bench.in_memory.tables import sizes
from bench.in_memory.world import World
from bench.soak_in_memory import Look, growth
from booking_writer_cases import booked, case, order

TESTS = Path(__file__).parents[1]
ORDERS = int(os.environ.get("SOAK_IN_MEMORY_ORDERS", "1000000"))
ORDERS_QUICKLY = 640


def test_four_years_of_orders_come_to_one_end_each_and_nothing_grows() -> None:
    soak(ORDERS_QUICKLY)


@pytest.mark.long
def test_very_many_orders_come_to_one_end_each_and_nothing_grows() -> None:
    soak(ORDERS)


def soak(orders: int) -> None:
    """In a process of its own, whose memory is the soak's alone."""
    command = [sys.executable, "-m", "bench.soak_in_memory", str(orders)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
    assert f"{orders} orders over" in done.stdout


def looks(sizes_of_a_table: list[int], *, memory_mb: float = 100.0) -> list[Look]:
    return [Look(memory_mb=memory_mb, tables={"table": size}) for size in sizes_of_a_table]


def test_a_table_that_is_pruned_is_no_growth() -> None:
    assert growth(looks([200, 400, 600, 800, 600, 800, 600, 800, 600, 800])) == []


def test_a_table_with_a_row_for_every_order_is_growth() -> None:
    assert growth(looks(list(range(100, 1100, 100)))) == ["table grew from 600 to 1000"]


def test_a_process_that_grows_is_growth() -> None:
    early, late = looks([5] * 10), looks([5] * 10, memory_mb=140.0)
    assert growth([*early[:6], *late[6:]]) == ["the process grew from 100 to 140 MB"]


async def test_what_a_service_remembers_is_found_wherever_it_is() -> None:
    world = World(80, seed=1)
    resolver = world.services.resolver.resolve
    resolver._asked = dict.fromkeys(range(100), "")  # type: ignore[attr-defined]
    assert world.tables()["resolver.resolve._asked"] == 100
    resolver._remembering._links = [[1, 2], [3]]  # type: ignore[attr-defined]
    found = sizes({"resolver": resolver})
    assert (found["resolver._remembering._links"], found["resolver._remembering._links[*]"]) == (2, 3)


async def test_orders_that_come_to_no_end_or_to_two_are_told() -> None:
    world = World(80, seed=1)
    await world.burst(2)
    assert world.complaints() == []
    name, other = world.names[:2]
    books = world.books[name]
    books.times_booked[0] += 1
    books.cents[1] += 1
    world.books[other].times_booked[1] = 0
    world.office.discarded.add((other, FIRST_NUMBER))
    assert [told.split(":")[0] for told in world.complaints()] == [
        f"{name} 1001",
        f"{name} 1002",
        f"{other} 1001",
        f"{other} 1001",
        f"{other} 1001",
        f"{other} 1002",
    ]


async def test_an_order_that_the_poller_forgot_is_not_taken_for_a_new_one() -> None:
    world = World(80, seed=1)
    await world.burst(1)
    name = world.names[0]
    seen = world.services.poller.seen
    seen.put_away_below(name, FIRST_NUMBER + 1)
    assert (name, order_uuid(name, FIRST_NUMBER)) not in seen._rows
    with pytest.raises(AssertionError, match="came to no end"):
        await world.burst(0)


async def test_the_books_keep_a_sum_for_each_order() -> None:
    world = World(80, seed=1)
    books = world.books[world.names[0]]
    books._weather.lost_answers = books._weather.refused_for_pace = books._weather.server_errors = 0
    booking = booked(case(order(number=str(FIRST_NUMBER))))
    await books.post_booking(booking)
    assert Decimal(books.cents[0]) / 100 == booking.total
