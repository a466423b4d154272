"""One trace follows an order, also through a wait queue; switched off there is nothing."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio

from customer_resolver_cases import order, received
from sconnect.clock import SystemClock
from sconnect.contracts import Message
from sconnect.errors import Reason, ReasonCode, RejectedError, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client, send
from sconnect.messaging import Delivery, Edge, RabbitPublisher, SilentJournal, connect_broker, subscribe
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import RESOLVER_RECEIVED
from sconnect.tracing import running, start_tracing, stop_tracing
from sconnect.tracing.routes import route_of
from simulators.clock import system_clock
from simulators.server import running as serving
from simulators.snelstart import create_app
from trace_receiver import ReceivedSpan, TraceReceiver, receiving_traces

DEADLINE_SECONDS = 30
DOWN = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE)
QUEUE = RESOLVER_RECEIVED.name


@pytest.fixture
def collector() -> Iterator[TraceReceiver]:
    with receiving_traces() as receiver:
        start_tracing(receiver.endpoint, service="customer-resolver", instance="one")
        yield receiver
        stop_tracing()


class Consumer:
    """Handles orders as it is told, on a queue whose waits are short."""

    def __init__(self, url: str) -> None:
        self.broker = connect_broker(url, connection_name="test", graceful_timeout_seconds=5)
        self.publisher = RabbitPublisher(self.broker)
        self.outcomes: list[Exception] = []
        self.handled = 0
        edge = Edge(
            queue=RESOLVER_RECEIVED,
            handler=self._handle,
            publisher=self.publisher,
            clock=SystemClock(),
            journal=SilentJournal(),
        )
        subscribe(self.broker, RESOLVER_RECEIVED, edge, prefetch_count=1)

    async def _handle(self, message: Message, delivery: Delivery) -> None:
        self.handled += 1
        if self.outcomes:
            raise self.outcomes.pop(0)

    async def until_handled(self, times: int) -> None:
        """And told: the step ends with its delivery."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while self.handled < times:
                await SystemClock().sleep(0.02)
        await self.broker.hand_over(finish_seconds=DEADLINE_SECONDS)


@pytest_asyncio.fixture
async def consumer(rabbitmq_vhost_url: str) -> AsyncIterator[Consumer]:
    await declare_topology(rabbitmq_vhost_url, wait_time_scale=0.02)
    consumer = Consumer(rabbitmq_vhost_url)
    await consumer.broker.start()
    yield consumer
    await consumer.broker.stop()


def trace_of(message: Message) -> str:
    return message.correlation_id.replace("-", "")


async def told(collector: TraceReceiver) -> list[ReceivedSpan]:
    """What the collector has when everything is sent."""
    await asyncio.to_thread(stop_tracing)
    return collector.spans


async def test_an_order_that_waits_stays_in_its_trace(consumer: Consumer, collector: TraceReceiver) -> None:
    consumer.outcomes = [UpstreamUnavailable(DOWN)]
    message = received(order())
    await consumer.publisher.publish(message)
    await consumer.until_handled(2)

    spans = await told(collector)
    assert {span.trace_id for span in spans} == {trace_of(message)}
    steps = {span.span_id: span for span in spans}
    second = next(s for s in spans if s.name == f"process {QUEUE}" and s.attributes["sconnect.attempt"] == 2)
    path = [second]
    while path[-1].parent_id:
        path.append(steps[path[-1].parent_id])
    assert [span.name for span in path] == [
        f"process {QUEUE}",
        f"send {QUEUE}.wait.5s",
        f"process {QUEUE}",
        "send sales-order.received.v1",
    ]
    assert [span.attributes.get("sconnect.outcome") for span in path] == ["done", None, "waiting", None]
    assert [span.failed for span in path] == [False, False, True, False]
    assert second.attributes["sconnect.order.number"] == "1001"
    assert second.service == "customer-resolver"


async def test_an_order_that_a_run_hands_over_has_a_trace_of_its_own(
    consumer: Consumer, collector: TraceReceiver
) -> None:
    message = received(order())
    with running("import run"):
        await consumer.publisher.publish(message)
    await consumer.until_handled(1)

    by_name = {span.name: span for span in await told(collector)}
    run, handed_over = by_name["import run"], by_name["send sales-order.received.v1"]
    assert run.trace_id != trace_of(message)
    assert (handed_over.trace_id, handed_over.parent_id) == (trace_of(message), "")
    assert handed_over.linked_traces == (run.trace_id,)


async def test_a_replay_without_any_header_is_in_the_trace_of_its_order(
    consumer: Consumer, collector: TraceReceiver
) -> None:
    message = received(order())
    body = message.model_dump_json().encode()
    await consumer.publisher.publish_to_queue(QUEUE, body, headers={}, message_id=message.id)
    await consumer.until_handled(1)
    (handled,) = [span for span in await told(collector) if span.name == f"process {QUEUE}"]
    assert handled.trace_id == trace_of(message)


async def test_what_a_dead_letter_says_stays_out_of_the_trace(
    consumer: Consumer, collector: TraceReceiver
) -> None:
    details = {"value": "geheim@example.nl"}
    consumer.outcomes = [RejectedError(Reason(code=ReasonCode.NO_EMAIL, details=details))]
    await consumer.publisher.publish(received(order(email="jan@example.nl")))
    await consumer.until_handled(1)
    (handled,) = [span for span in await told(collector) if span.name == f"process {QUEUE}"]
    assert (handled.failed, handled.attributes["error.type"]) == (True, "NO_EMAIL")
    assert "example.nl" not in collector.text()


@pytest.mark.parametrize("kind", ["success", "lost"])
async def test_a_call_tells_its_route_and_no_query_and_no_host(collector: TraceReceiver, kind: str) -> None:
    path = "/v2/relaties/0c6f4a7e-5d3b-4c1e-9f2a-000000001001?$filter=Email eq 'jan@example.nl'&token=geheim"
    with serving(create_app(system_clock)) as url:
        base = url if kind == "success" else "http://127.0.0.1:1"
        async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
            await call(client, f"{base}{path}")
    (span,) = await told(collector)
    assert span.name == "GET /v2/relaties/{}"
    assert span.attributes["sconnect.vendor"] == "snelstart"
    if kind == "success":
        assert span.attributes["http.response.status_code"] == 401
    else:
        assert (span.failed, span.attributes["error.type"]) == (True, "UpstreamUnavailable")
    assert [word for word in ("geheim", "jan@", "127.0.0.1", "filter") if word in collector.text()] == []


async def call(client: httpx.AsyncClient, url: str) -> None:
    request = client.build_request("GET", url)
    with suppress(UpstreamUnavailable):  # what the trace says of it is what the test is about
        await send(client, request, vendor="snelstart", total_timeout_seconds=5, is_write=False)


def test_only_known_words_of_a_path_are_told() -> None:
    assert route_of("/v1/orders/1001") == "/v1/orders/{}"
    assert route_of("/taxud_vies/rest-api/check-vat-number") == "/taxud_vies/rest-api/check-vat-number"
    assert route_of("/winkel-van-jansen/v1/orders") == "/{}/v1/orders"
    assert route_of("") == "/"


async def test_a_collector_that_is_away_holds_up_nobody(consumer: Consumer) -> None:
    start_tracing("http://127.0.0.1:1", service="customer-resolver")
    await consumer.publisher.publish(received(order()))
    await consumer.until_handled(1)
    async with asyncio.timeout(10):
        await asyncio.to_thread(stop_tracing)


def test_without_a_collector_nothing_of_it_is_even_imported() -> None:
    apps = ("poller.app", "customer_resolver.app", "booking_writer.app", "console.app")
    program = (
        f"import sys, {', '.join(apps)}\n"
        "from sconnect.tracing import start_tracing, running\n"
        "start_tracing(None, service='poller')\n"
        "with running('x') as step: print(step.headers())\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'google.proto'))])"
    )
    done: Any = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["{}", "[]"]
