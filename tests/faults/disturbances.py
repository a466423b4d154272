"""What goes wrong while orders are on their way. Each is a generator: it is asked to go on every moment.

A moment is a number of points passed or of calls made, drawn at random: no two runs break at the same line.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from faults.books import is_final
from faults.child import ServiceProcess
from faults.lines import say
from faults.orders import ORDERS_OF_A_RUN
from faults.points import SIDES, STEPS, Death, Side, Step
from faults.world import HTTP_TIMEOUT_SECONDS, World
from poller.domain.windows import PAGE_SIZE
from sconnect.clock import SystemClock
from sconnect.contracts import decode
from sconnect.messaging.topology import RESOLVER_RECEIVED, WRITER_RESOLVED

Going = Iterator[None]
Disturb = Callable[[World, random.Random], Going]
# How often each service passes these points for the five orders of an undisturbed run, as counted. A moment
# beyond it may never come: the table tells how many moments were reached.
PASSED_IN_A_RUN = {
    "poller": {"publish": 6, "commit": 10, "call": 4, "ack": 1},
    "customer_resolver": {"publish": 8, "commit": 100, "call": 4, "ack": 6},
    "booking_writer": {"publish": 6, "commit": 36, "call": 4, "ack": 5},
    "console": {"publish": 0, "commit": 40, "call": 0, "ack": 16},
}
CALLS_IN_A_RUN = 12
# A list of orders, two cards of new buyers, four bookings.
CALLS_OF_EVERY_RUN = 7
CUT_SECONDS = 2.0
IN_TIME_SECONDS = HTTP_TIMEOUT_SECONDS * 0.6
TOO_LATE_SECONDS = HTTP_TIMEOUT_SECONDS * 1.2
# As 30 s are to our deadline of 20 s; what is carried out after it is carried out before the lease ends.
MUCH_TOO_LATE_SECONDS = HTTP_TIMEOUT_SECONDS * 1.5
FULL_SECONDS = 2.0
# Of the other's orders, on a machine that is busy with other things.
BESIDE_SECONDS_MAX = 60.0
SLOW_BATCHES = 5
BATCHES_OF_A_LONG_LIST = PAGE_SIZE // ORDERS_OF_A_RUN + 1
# The statuses, two pages, the orders of the last days, those whose status changed.
CALLS_OF_A_LONG_LIST = 5
BEGUN = "SELECT count(*) FROM order_rows WHERE profile = 'tuin'"
RESOLVED = "SELECT count(*) FROM order_rows WHERE profile = 'tuin' AND state = 'done'"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One place of the table: a fault, and the step or the part that it hits.

    A moment that is drawn late may never come in a run. Trouble that hits at any time is `certain`: the run
    lasts until it is over, also when every order was final before.
    """

    fault: str
    step: str
    disturb: Disturb
    only_on: str | None = None
    certain: bool = False

    @property
    def name(self) -> str:
        return f"{self.fault}, {self.step}"


def killed_at(service: str, step: Step, side: Side, world: World, rng: random.Random) -> Going:
    death = Death(step=step, side=side, nth=rng.randint(1, PASSED_IN_A_RUN[service][step]))
    world.services[service].tell("arm", death)
    yield from until_killed(world.services[service])


def killed_in_a_long_list(world: World, rng: random.Random) -> Going:
    """The poller dies between the pages of a run; what the shop shows has new numbers and old dates."""
    yield
    while not is_final(world, "tuin", world.orders["tuin"]):
        # A first run reads everything; those after it stop at what is known.
        yield
    for _ in range(BATCHES_OF_A_LONG_LIST):
        world.new_orders("tuin", rng, days_ago=30)
    death = Death(step="call", side="before", nth=rng.randint(2, CALLS_OF_A_LONG_LIST))
    world.services["poller"].tell("arm", death)
    world.ask_for_import("tuin")
    yield from until_killed(world.services["poller"])


def until_killed(process: ServiceProcess) -> Going:
    kills = process.kills
    while process.kills == kills:
        yield
        # A service that came through is let go at the end of the run.
    yield from seconds(0.2)


def seconds(how_many: float) -> Going:
    until = SystemClock().now().timestamp() + how_many
    while SystemClock().now().timestamp() < until:
        yield


def after_calls(world: World, rng: random.Random, at_most: int = CALLS_IN_A_RUN) -> Going:
    wanted = rng.randint(1, at_most)
    while world.calls_made() < wanted:
        yield


def all_killed(world: World, rng: random.Random) -> Going:
    for _ in range(3):
        yield from after_calls(world, rng)
        for name in rng.sample(list(world.services), k=len(world.services)):
            world.services[name].kill()
        yield from seconds(rng.uniform(0, 1))


def broker_killed(world: World, rng: random.Random) -> Going:
    yield from after_calls(world, rng)
    world.broker.kill()
    yield from seconds(rng.uniform(0, 1))
    world.broker.start()


def broker_restarted(world: World, rng: random.Random) -> Going:
    yield from after_calls(world, rng)
    world.broker.restart()
    yield


def broker_line_cut(world: World, rng: random.Random) -> Going:
    yield from after_calls(world, rng)
    world.broker_line.cut()
    yield from seconds(rng.uniform(0, CUT_SECONDS))
    world.broker_line.restore()


def books_line_cut(world: World, rng: random.Random) -> Going:
    yield from after_calls(world, rng)
    world.books_line.cut()
    yield from seconds(rng.uniform(0, CUT_SECONDS))
    world.books_line.restore()


def database_killed(world: World, rng: random.Random) -> Going:
    assert world.postgres is not None
    yield from after_calls(world, rng)
    world.postgres.kill()
    yield from seconds(rng.uniform(0, 1))
    world.postgres.start()


def vendor_fault(path: str, method: str, kind: str, world: World, rng: random.Random) -> Going:
    """Some calls of the run, not always the first ones, are hit."""
    options: dict[str, dict[str, object]] = {
        "slow": {"seconds": IN_TIME_SECONDS},
        "too slow": {"kind": "slow", "seconds": TOO_LATE_SECONDS},
        "answered too late": {"kind": "slow_after_commit", "seconds": TOO_LATE_SECONDS},
        "late": {"kind": "late_commit", "seconds": 2.0, "status": 504},
        "error after commit": {"kind": "status_after_commit", "status": 502},
    }
    chosen = {"kind": kind, **options.get(kind, {})}
    # A run posts four bookings and two relations.
    fault = {"method": method, "path": path, "times": rng.randint(1, 3), "after": rng.randint(0, 1)}
    world.administrations["tuin"].books.add_fault(**{**fault, **chosen})  # type: ignore[arg-type]
    while not world.faults_hit():
        yield


def storm(world: World, rng: random.Random) -> Going:
    """Every call is one too many, for a while."""
    books = world.administrations["tuin"].books
    fault = {"kind": "status", "status": 429, "retry_after": "1", "path": "^/v2/", "tenant": "tuin"}
    books.add_fault(**fault, times=0, after=rng.randint(0, 6))  # type: ignore[arg-type]
    yield from seconds(rng.uniform(1, 3))
    world.forget_faults()


def repeated_and_reordered(world: World, rng: random.Random) -> Going:
    """Every message comes three times, from the second on in any order."""
    queues = {
        "sales-order.received.v1": RESOLVER_RECEIVED,
        "sales-order.customer-resolved.v1": WRITER_RESOLVED,
    }
    for _ in range(4):
        yield from seconds(rng.uniform(0.1, 0.8))
        seen = world.messages_seen()
        copies = [(queues[key].name, body, decode(body).id) for key, body in seen] * 2
        rng.shuffle(copies)
        world.publish_copies(copies)


def clock_moved(world: World, rng: random.Random) -> Going:
    """The hosts' clocks jump, each its own way."""
    for _ in range(3):
        for service in world.services.values():
            service.tell("clock", rng.choice((-3_600, -5, 0, 5, 3_600, 86_400)))
        yield from seconds(rng.uniform(0.2, 1))
    for service in world.services.values():
        service.tell("clock", 0)
    # What was noted in a future must not hold up what comes after.
    world.new_orders("tuin", rng)
    world.ask_for_import("tuin")


def limited(world: World) -> Callable[[], None]:
    world.administrations["tuin"].books.add_fault(
        "status", status=429, retry_after="1", path="^/v2/", tenant="tuin", times=0
    )
    return world.forget_faults


def slow(world: World) -> Callable[[], None]:
    for _ in range(SLOW_BATCHES):
        world.new_orders("tuin", random.Random(SLOW_BATCHES))
    world.administrations["tuin"].books.add_fault(
        "slow", seconds=MUCH_TOO_LATE_SECONDS, path="^/v2/verkoop", tenant="tuin", times=0
    )
    return world.forget_faults


def without_key(world: World) -> Callable[[], None]:
    books = world.administrations["tuin"].books
    books.command("POST", "/connection-key", {"connection_key": None})
    books.command("POST", "/revoke-tokens")

    def give_back() -> None:
        books.command("POST", "/connection-key", {"connection_key": books.connection_key})
        world.probe_at_once()

    return give_back


def beside(trouble: Callable[[World], Callable[[], None]], world: World, rng: random.Random) -> Going:
    """One administration can do nothing at all; another's orders must not notice."""
    end_trouble = trouble(world)
    yield
    yield from seconds(1)
    while trouble is slow and _count(world, "customer_resolver", RESOLVED) < len(world.orders["tuin"]):
        # What counts is the row before the writer.
        yield
    orders = world.new_orders("thee", rng)
    world.ask_for_import("thee")
    began_at = time.monotonic()
    while not is_final(world, "thee", orders):
        if time.monotonic() - began_at > BESIDE_SECONDS_MAX:
            world.complaints.append(f"{orders[0].number} and others waited for another administration")
            break
        yield
    else:
        say(f"    the other's {len(orders)} orders were final after {time.monotonic() - began_at:.1f} s")
    if trouble is slow and _count(world, "booking_writer", BEGUN) == len(world.orders["tuin"]):
        world.complaints.append("the other's orders waited until each of the slow one's had been begun")
    troubled = [order for order in world.orders["tuin"][-ORDERS_OF_A_RUN:] if order.total is not None]
    if any(is_final(world, "tuin", [order]) for order in troubled):
        world.complaints.append("the trouble was none: an order came through it")
    end_trouble()


def _count(world: World, package: str, statement: str) -> int:
    return sum(row[0] for row in world.rows(package, statement))


def disk_full(service: str, world: World, rng: random.Random) -> Going:
    yield from after_calls(world, rng, at_most=CALLS_OF_EVERY_RUN)
    world.services[service].tell("disk", True)
    yield from seconds(rng.uniform(0.5, FULL_SECONDS))
    world.services[service].tell("disk", False)


def undisturbed(world: World, rng: random.Random) -> Going:
    yield


POSTS = {"a booking": "verkoopboekingen", "a relation": "relaties"}
VENDOR_KINDS = ("slow", "too slow", "answered too late", "late", "cut_before", "cut_after_commit",
                "error after commit", "truncate", "reset")  # fmt: skip


def table() -> list[Cell]:
    cells = [Cell(fault="none", step="-", disturb=undisturbed)]
    for service, passed in PASSED_IN_A_RUN.items():
        for step in STEPS:
            cells += [
                Cell(
                    fault=f"kill -9 {service}",
                    step=f"{side} {step}",
                    disturb=partial(killed_at, service, step, side),
                )
                for side in SIDES
                if passed[step]
            ]
    cells += [
        Cell(fault="kill -9 poller", step="more than one page", disturb=killed_in_a_long_list, certain=True),
        Cell(fault="kill -9", step="all services", disturb=all_killed),
        Cell(fault="kill -9", step="broker", disturb=broker_killed),
        Cell(fault="restart", step="broker", disturb=broker_restarted),
        Cell(fault="line cut", step="to the broker", disturb=broker_line_cut),
        Cell(fault="line cut", step="to SnelStart", disturb=books_line_cut),
        Cell(fault="kill -9", step="database", disturb=database_killed, only_on="postgres"),
        Cell(fault="429 storm", step="SnelStart", disturb=storm),
        Cell(fault="beside an administration", step="limited", disturb=partial(beside, limited)),
        Cell(fault="beside an administration", step="without a key", disturb=partial(beside, without_key)),
        Cell(fault="beside an administration", step="slow", disturb=partial(beside, slow)),
        Cell(fault="messages", step="repeated, reordered", disturb=repeated_and_reordered, certain=True),
        Cell(fault="clocks jump", step="all services", disturb=clock_moved, certain=True),
    ]
    cells += [
        Cell(fault=f"answer {kind}", step=f"POST {what}", disturb=partial(vendor_fault, path, "POST", kind))
        for what, path in POSTS.items()
        for kind in VENDOR_KINDS
    ]
    cells += [
        Cell(
            fault="disk full",
            step=service,
            disturb=partial(disk_full, service),
            only_on="sqlite",
            certain=True,
        )
        for service in PASSED_IN_A_RUN
    ]
    return cells
