"""`make demo` reaches its end, calmly and while every service is killed again and again."""

import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from e2e.product_process import ProductProcess, still_there
from sconnect.messaging.topology import queues
from stack.demo_shops import demo_shops
from stack.waiting import wait_until
from trace_receiver import TraceReceiver, receiving_traces

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

DEMO_SECONDS = 400.0
SERVICES = ("poller", "customer-resolver", "booking-writer", "console")
STAYS_UP = "The demo stays up."
NOT_BOOKED = {"waiting", "skipped", "dead_lettered"}


def make_demo(folder: Path, **settings: str) -> ProductProcess:
    return ProductProcess("stack.demo", folder, SCONNECT_DEMO_HOME=str(folder), **settings)


@pytest.fixture(scope="module")
def collector() -> Iterator[TraceReceiver]:
    with receiving_traces() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def calm_demo(tmp_path_factory: pytest.TempPathFactory, collector: TraceReceiver) -> Iterator[ProductProcess]:
    """A demo that has told what became of every order, and stays up; its traces go to the collector."""
    demo = make_demo(tmp_path_factory.mktemp("demo") / "home", SCONNECT_OTLP_ENDPOINT=collector.endpoint)
    demo.start()
    try:
        assert demo.says(STAYS_UP, within_seconds=DEMO_SECONDS), demo.output()
        yield demo
    finally:
        demo.end()


def control(demo: ProductProcess, simulator: str, path: str) -> Any:
    url = f"{demo.processes()[simulator]['url']}/_control{path}"
    return httpx.get(url, trust_env=False).raise_for_status().json()


def listed_orders(demo: ProductProcess, shop: str) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = json.loads(
        demo.sconnect("orders", "list", "--profile", shop, "--json").stdout
    )
    return orders


def assert_every_order_is_booked_once_or_visibly_waits(demo: ProductProcess) -> None:
    for shop in demo_shops():
        shop_numbers = {order["number"] for order in control(demo, "webshop", f"/shops/{shop.name}/orders")}
        booked_numbers = Counter(
            booking["factuurnummer"]
            for booking in control(demo, "snelstart", f"/administrations/{shop.name}/bookings")
        )
        orders = {order["order_number"]: order for order in listed_orders(demo, shop.name)}
        assert orders.keys() == {number for number in shop_numbers if number.isdecimal()}
        booked = {order["invoice_number"] for order in orders.values() if order["status"] == "booked"}
        assert booked_numbers == Counter(booked)
        assert len(booked) > 10
        others = [order for order in orders.values() if order["status"] != "booked"]
        assert {order["status"] for order in others} <= NOT_BOOKED
        assert all(order["reason_code"] and order["reason"] for order in others)


def assert_no_customer_was_made_twice(demo: ProductProcess) -> None:
    for shop in demo_shops():
        relations = control(demo, "snelstart", f"/administrations/{shop.name}/relations")
        addresses = Counter(relation["email"] for relation in relations if relation.get("email"))
        known = Counter(customer.email for customer in shop.known_customers)
        assert len(addresses) > 5
        assert addresses == {address: known.get(address, 1) for address in addresses}


def test_every_order_is_booked_once_or_visibly_waits(calm_demo: ProductProcess) -> None:
    assert_every_order_is_booked_once_or_visibly_waits(calm_demo)
    assert_no_customer_was_made_twice(calm_demo)


def test_the_demo_tells_the_fate_of_each_order(calm_demo: ProductProcess) -> None:
    said = {line.split()[0]: line for line in calm_demo.output().splitlines() if line.split()}
    assert "booked as 1001, € 89.00" in said["1001"]
    for shop in demo_shops():
        for order in listed_orders(calm_demo, shop.name):
            assert (order["reason"] or order["invoice_number"]) in said[order["order_number"]]


def test_a_trail_lists_the_calls_from_shop_to_booking(calm_demo: ProductProcess) -> None:
    shop = demo_shops()[0]
    shown = calm_demo.sconnect("orders", "show", "1001", "--profile", shop.name, "--json").stdout
    calls = [call for event in json.loads(shown)["trail"] for call in event["calls"]]
    made = [(call["vendor"], call["method"], call["path"].rpartition("/")[2]) for call in calls]
    assert made[0] == ("webshop", "GET", "orders")
    assert made[-1] == ("snelstart", "POST", "verkoopboekingen")
    assert [call["path"] for call in calls if "?" in call["path"]] == []


def test_an_address_that_two_customers_share_is_left_to_a_person(calm_demo: ProductProcess) -> None:
    orders = listed_orders(calm_demo, demo_shops()[0].name)
    ambiguous = [order for order in orders if order["reason_code"] == "AMBIGUOUS_CUSTOMER"]
    assert len(ambiguous) == 1
    assert ambiguous[0]["status"] == "dead_lettered"


def test_no_secret_is_written_where_others_read(calm_demo: ProductProcess) -> None:
    home = calm_demo.home.folder
    files = [*home.glob("*-key"), *home.glob("*token"), *home.glob("rabbitmq/password*")]
    secrets = [file.read_text().strip() for file in files]
    assert len(secrets) == 3 + 1 + len(SERVICES)
    secrets += [value for shop in demo_shops() for value in shop.secrets().values()]
    written = calm_demo.output() + (home / "stack.json").read_text() + "".join(logs_of(calm_demo).values())
    assert [secret for secret in secrets if secret in written] == []


def logs_of(demo: ProductProcess) -> dict[str, str]:
    """Everything that the product, the broker and the simulators logged, by file."""
    home = demo.home.folder
    logs = {str(file): file.read_text() for file in (*home.glob("log/*"), *home.glob("rabbitmq/log/*"))}
    assert {f"{name}.log" for name in SERVICES} <= {Path(name).name for name in logs}
    assert sum(map(len, logs.values())) > 10_000
    return logs


def test_no_log_tells_who_bought(calm_demo: ProductProcess) -> None:
    words = words_about_people(calm_demo)
    assert len(words) > 40
    found = {
        (name, word) for name, text in logs_of(calm_demo).items() for word in words if word in text.lower()
    }
    assert found == set()


def test_the_metrics_tell_what_became_of_the_orders_and_of_nobody(calm_demo: ProductProcess) -> None:
    statuses = Counter(
        order["status"] for shop in demo_shops() for order in listed_orders(calm_demo, shop.name)
    )
    unfinished = statuses["waiting"] + statuses["dead_lettered"]
    # The console counts every quarter of a minute: the last count may be from before the last order's end.
    assert wait_until(lambda: unfinished_told(calm_demo) == unfinished, timeout_seconds=60)
    shown = {name: metrics_of(calm_demo, name) for name in SERVICES}
    # A queue of ours that was measured, and none forgotten.
    depths = samples(shown["console"], "sconnect_queue_messages")
    assert len(depths) == len(queues())
    booked = samples(shown["booking-writer"], "sconnect_messages_published_total")
    assert booked[frozenset({("type", "sales-booking.written.v1"), ("reason", "")})] >= statuses["booked"]
    for service, vendor in (("poller", "webshop"), ("booking-writer", "snelstart")):
        calls = samples(shown[service], "sconnect_api_calls_total")
        assert calls[frozenset({("vendor", vendor), ("outcome", "success")})] > 10
    assert sum(samples(shown["poller"], "sconnect_import_runs_total").values()) >= 2
    everything = "".join(shown.values()).lower()
    assert [word for word in words_about_people(calm_demo) if word in everything] == []
    assert max(len(text.splitlines()) for text in shown.values()) < 1000


def test_one_trace_follows_an_order_through_all_services(
    calm_demo: ProductProcess, collector: TraceReceiver
) -> None:
    for shop in demo_shops():
        booked = [order for order in listed_orders(calm_demo, shop.name) if order["status"] == "booked"]
        numbers = {order["order_number"] for order in booked}
        assert len(numbers) > 10
        assert wait_until(partial(all_traced, collector, shop.name, numbers), timeout_seconds=30)


def all_traced(collector: TraceReceiver, profile: str, numbers: set[str]) -> bool:
    """Whether each of the orders got that far; a batch is sent every five seconds."""
    return numbers <= traced_through_all(collector, profile)


def traced_through_all(collector: TraceReceiver, profile: str) -> set[str]:
    """The numbers of orders that have one trace, in which every service had a part."""
    services: dict[str, set[str]] = {}
    traces: dict[str, set[str]] = {}
    for span in list(collector.spans):
        number = str(span.attributes.get("sconnect.order.number", ""))
        if number and span.attributes["sconnect.profile"] == profile:
            services.setdefault(number, set()).add(span.service)
            traces.setdefault(number, set()).add(span.trace_id)
    assert {number for number, ids in traces.items() if len(ids) > 1} == set()
    return {number for number, seen in services.items() if seen == set(SERVICES)}


def test_no_trace_tells_who_bought_or_a_secret(calm_demo: ProductProcess, collector: TraceReceiver) -> None:
    everything = collector.text().lower()
    assert len(collector.spans) > 200
    words = words_about_people(calm_demo) | {
        value.lower() for shop in demo_shops() for value in shop.secrets().values()
    }
    assert [word for word in words if word in everything] == []


def unfinished_told(demo: ProductProcess) -> float:
    return sum(samples(metrics_of(demo, "console"), "sconnect_unfinished_orders").values())


def metrics_of(demo: ProductProcess, service: str) -> str:
    token = demo.home.metrics_token_file().read_text().strip()
    url = f"{demo.processes()[service]['url']}/metrics"
    shown = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30)
    return shown.raise_for_status().text


def samples(text: str, name: str) -> dict[frozenset[tuple[str, str]], float]:
    """The values of one metric by their labels."""
    return {
        frozenset(sample.labels.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def words_about_people(demo: ProductProcess) -> set[str]:
    """What the run knew of buyers and customers: e-mail addresses, names, telephones, streets; lower case."""
    found: set[str] = set()
    for shop in demo_shops():
        for relation in control(demo, "snelstart", f"/administrations/{shop.name}/relations"):
            found |= {relation.get("email") or "", relation.get("naam") or ""}
        for order in control(demo, "webshop", f"/shops/{shop.name}/orders"):
            found |= set(people_in(order["debtor"]))
    # An administration has a card of its own, called like its profile.
    own = {shop.name for shop in demo_shops()}
    return {word.lower() for word in found - own if len(word) > 5}


def people_in(document: Any) -> Iterator[str]:
    """What tells who somebody is, anywhere in a debtor as the shop has it."""
    match document:
        case dict():
            for name, value in document.items():
                if name in {"email", "name", "company", "phone", "street"} and isinstance(value, str):
                    yield value
                yield from people_in(value)
        case list():
            for value in document:
                yield from people_in(value)


def test_the_product_is_ready_as_its_command_says(calm_demo: ProductProcess) -> None:
    done = calm_demo.sconnect("status", "--json")
    assert done.returncode == 0, done.stdout
    json.loads(done.stdout)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_services_killed_at_any_moment_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    demo = make_demo(tmp_path / "home")
    demo.start()
    try:
        assert demo.says("Importing the orders"), demo.output()
        calls = 0
        for service in moments.sample(SERVICES * 2, k=len(SERVICES) * 2):
            # A moment is a number of calls to the vendors: no two runs are cut at the same line of code.
            calls += moments.randrange(2, 14)
            if not reaches_calls(demo, calls):
                break
            demo.kill(service)
            assert wait_until(partial(demo.is_ready, service), timeout_seconds=20), service
        assert demo.says(STAYS_UP, within_seconds=DEMO_SECONDS), demo.output()
        assert_every_order_is_booked_once_or_visibly_waits(demo)
        assert_no_customer_was_made_twice(demo)
    finally:
        demo.end()


def reaches_calls(demo: ProductProcess, count: int) -> bool:
    """Wait until the vendors were called so often; False when the import ended before."""

    def called() -> bool:
        return sum(len(control(demo, simulator, "/calls")) for simulator in ("webshop", "snelstart")) >= count

    wait_until(lambda: called() or STAYS_UP in demo.output(), timeout_seconds=DEMO_SECONDS)
    return STAYS_UP not in demo.output()


def test_a_demo_that_is_asked_to_stop_leaves_nothing_running(calm_demo: ProductProcess) -> None:
    """Comes last: it ends the demo that the others share."""
    pids = {name: process["pid"] for name, process in calm_demo.processes().items()}
    assert set(pids) == {"rabbitmq", "epmd", "webshop", "snelstart", *SERVICES}
    calm_demo.ask_to_stop(signal.SIGINT)
    assert calm_demo.exit_code() == 0
    assert still_there(pids) == {}
    assert calm_demo.home.read_state() == {}
