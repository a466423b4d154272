"""docker-compose.yml for real: the demo with one and with three writers, killed, stopped, looked into.

The images are built before: `docker-compose --profile demo build`.
"""

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from e2e.product_process import SETTINGS
from servers.compose import ComposeProject, image_histories, inspected, require_compose
from servers.containers import succeeds
from stack.demo_shops import demo_shops
from stack.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

WORKERS = ("poller", "customer-resolver", "booking-writer")
SERVICES = (*WORKERS, "console")
STOP_SECONDS = 45.0
SETTLE_SECONDS = 300.0
PACKAGES = ("poller", "customer_resolver", "booking_writer", "console", "stack", "simulators")
LIST_PACKAGES = f"from importlib.util import find_spec; print(*filter(find_spec, {PACKAGES}))"
KEYS = "/var/lib/sconnect/keys"


def demo_project() -> Iterator[ComposeProject]:
    require_compose()
    project = ComposeProject(**SETTINGS)
    try:
        yield project
    finally:
        project.remove()


@pytest.fixture(scope="module")
def calm_project() -> Iterator[ComposeProject]:
    """One writer, and a demonstration that has told everything; it stays up."""
    for project in demo_project():
        project.start_demo()
        project.wait_for_demo()
        yield project


@pytest.fixture
def project() -> Iterator[ComposeProject]:
    yield from demo_project()


def listed_orders(project: ComposeProject) -> dict[str, list[dict[str, Any]]]:
    """The orders of each shop."""
    return {shop.name: project.sconnect("orders", "list", "--profile", shop.name) for shop in demo_shops()}


def ends(project: ComposeProject) -> tuple[dict[str, tuple[Any, ...]], set[frozenset[str]]]:
    """What became of each order number, and which of them share a customer.

    The number itself of a new customer is a matter of chance: the resolver takes orders side by side.
    """
    fates, shared = {}, defaultdict(set)
    for shop, orders in listed_orders(project).items():
        for order in orders:
            told = ("status", "reason_code", "invoice_number", "total")
            fates[order["order_number"]] = tuple(order[name] for name in told)
            if order["customer_number"] is not None:
                shared[shop, order["customer_number"]].add(order["order_number"])
    return fates, {frozenset(numbers) for numbers in shared.values()}


def booked_numbers(project: ComposeProject) -> Counter[str]:
    """How often each invoice number stands in the books."""
    return Counter(
        booking["factuurnummer"]
        for shop in demo_shops()
        for booking in project.control("snelstart", f"/administrations/{shop.name}/bookings")
    )


def assert_every_order_is_booked_once_or_says_why(project: ComposeProject) -> None:
    orders = list(chain.from_iterable(listed_orders(project).values()))
    booked = [order["invoice_number"] for order in orders if order["status"] == "booked"]
    assert booked_numbers(project) == Counter(set(booked))
    assert len(booked) > 20
    assert all(order["reason"] for order in orders if order["status"] != "booked")


def fates(told: str) -> list[str]:
    """The lines of the demonstration, one an order, without the numbers of customers."""
    return [re.sub(r"customer \d+", "customer", line) for line in told.splitlines() if line.startswith("  ")]


def wait_for_calls(project: ComposeProject, count: int) -> None:
    """A moment in the middle: SnelStart was called so often."""
    assert wait_until(
        lambda: len(project.control("snelstart", "/calls")) >= count, timeout_seconds=SETTLE_SECONDS
    )


def test_the_demo_reaches_its_end_with_one_writer(calm_project: ComposeProject) -> None:
    assert_every_order_is_booked_once_or_says_why(calm_project)
    assert any("booked as 1001, € 89.00" in line for line in fates(calm_project.told()))


def test_three_writers_reach_the_same_end(calm_project: ComposeProject, project: ComposeProject) -> None:
    project.start_demo(writers=3)
    project.wait_for_demo()
    assert len(project.containers("booking-writer")) == 3
    assert_every_order_is_booked_once_or_says_why(project)
    assert fates(project.told()) == fates(calm_project.told())
    assert ends(project) == ends(calm_project)


def test_containers_killed_in_the_middle_lose_and_double_nothing(
    calm_project: ComposeProject, project: ComposeProject
) -> None:
    project.start_demo(writers=2)
    assert wait_until(lambda: "Importing" in project.told(), timeout_seconds=SETTLE_SECONDS)
    for turn, service in enumerate(("booking-writer", "customer-resolver", "poller", "console"), start=1):
        wait_for_calls(project, 12 * turn)
        project.kill(service)
    project.wait_for_demo()
    calm_ends = ends(calm_project)
    assert wait_until(lambda: ends(project) == calm_ends, timeout_seconds=SETTLE_SECONDS)
    assert_every_order_is_booked_once_or_says_why(project)


def test_the_command_in_the_console_says_that_all_is_ready(calm_project: ComposeProject) -> None:
    status = calm_project.sconnect("status")
    assert {service["name"] for service in status["services"] if service["ready"]} == set(SERVICES)


def test_no_key_or_password_is_shown_outside(calm_project: ComposeProject) -> None:
    secrets = calm_project.in_container("console", "sh", "-c", f"cat {KEYS}/*").split()
    shown = [inspected(container) for container in calm_project.containers()]
    outside = json.dumps(shown) + image_histories(each["Image"] for each in shown)
    outside += calm_project.run("logs", "--no-color") + calm_project.run("config")
    assert len(secrets) == 5
    assert len(shown) == 11
    assert [secret for secret in secrets if secret in outside] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_confined_and_holds_its_own_package_alone(
    calm_project: ComposeProject, service: str
) -> None:
    assert calm_project.in_container(service, "id", "-u").strip() == "10001"
    packages = calm_project.in_container(service, "python", "-c", LIST_PACKAGES).split()
    assert packages == [service.replace("-", "_")]
    [container] = calm_project.containers(service)
    assert inspected(container)["HostConfig"]["ReadonlyRootfs"] is True
    assert inspected(container)["HostConfig"]["CapDrop"] == ["ALL"]


def test_rabbitmq_is_healthy_only_while_its_amqp_port_answers(calm_project: ComposeProject) -> None:
    [container] = calm_project.containers("rabbitmq")
    _, *check = inspected(container)["Config"]["Healthcheck"]["Test"]

    def is_healthy() -> bool:
        return succeeds(["docker", "exec", container, *check])

    assert is_healthy()
    calm_project.in_container("rabbitmq", "rabbitmqctl", "stop_app")
    assert not is_healthy()
    calm_project.in_container("rabbitmq", "rabbitmqctl", "ping")
    calm_project.in_container("rabbitmq", "rabbitmqctl", "start_app")
    assert wait_until(is_healthy, timeout_seconds=SETTLE_SECONDS)
    assert wait_until(calm_project.is_ready, timeout_seconds=SETTLE_SECONDS)


def test_what_is_stopped_ends_in_time_and_goes_on_where_it_was(calm_project: ComposeProject) -> None:
    """Comes last, as it stops what the others share. How RabbitMQ ends is up to its image."""
    before = ends(calm_project)
    asked_at = time.monotonic()
    calm_project.run("stop", *SERVICES, "postgres", "webshop", "snelstart")
    assert time.monotonic() - asked_at < STOP_SECONDS
    stopped = [inspected(container) for container in calm_project.containers(*SERVICES, "postgres")]
    assert [state["State"]["ExitCode"] for state in stopped] == [0] * 5
    calm_project.run("up", "--detach", "--no-build", *SERVICES)
    assert wait_until(calm_project.is_ready, timeout_seconds=SETTLE_SECONDS)
    assert ends(calm_project) == before
