"""What the services mark as a step of a trace. Switched off, a step is a look at one variable.

Attributes are ids of the case, names of our own queues and of the vendors' routes, statuses and reason codes:
never a query, a body, the text of an error, a key or a person. Names follow OpenTelemetry's semantic
conventions for messaging and HTTP; those of our own begin with `sconnect.`.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import httpx

from sconnect.contracts import Message
from sconnect.contracts.base import Mode
from sconnect.contracts.build import order_key_of
from sconnect.tracing.routes import route_of

if TYPE_CHECKING:  # the edge that has the deliveries marks its steps here
    from sconnect.messaging.delivery import Delivery

Attributes = Mapping[str, str | int]


class Step(Protocol):
    """One step of a trace, while it is under way."""

    def note(self, **attributes: str | int) -> None:
        """More about the step; a double underscore in a name stands for a dot."""

    def fail(self, kind: str) -> None:
        """The step did not do what it was for; `kind` is a code or the name of an error's class."""

    def headers(self) -> dict[str, str]:
        """What goes along with a message, so that the next step finds this one (W3C Trace Context)."""


class Tracing(Protocol):
    """Where steps are kept and sent from."""

    def step(
        self,
        name: str,
        kind: str,
        attributes: Attributes,
        *,
        trace_id: int | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> AbstractContextManager[Step]:
        """A step inside the one that is under way, or after the one that `headers` tell of.

        With a `trace_id` it belongs to that trace: when what came before does not, it is only linked.
        """

    def close(self) -> None:
        """Send what is left, for at most a few seconds."""


class _Untold:
    def note(self, **attributes: str | int) -> None: ...

    def fail(self, kind: str) -> None: ...

    def headers(self) -> dict[str, str]:
        return {}


_OFF: AbstractContextManager[Step] = nullcontext(_Untold())
_tracing: Tracing | None = None


def start_tracing(otlp_endpoint: str | None, *, service: str, instance: str | None = None) -> None:
    """Send steps to this OTLP/HTTP collector from now on (`/v1/traces` is added); None leaves it off."""
    global _tracing  # noqa: PLW0603 - as the logs, one for a process
    if otlp_endpoint is not None:
        # The SDK costs memory and start-up time: only who wants traces pays for it.
        from sconnect.tracing.otlp import OtlpTracing  # noqa: PLC0415

        _tracing = OtlpTracing(otlp_endpoint, service=service, instance=instance)


def stop_tracing() -> None:
    """Send what is left, and make no more steps."""
    global _tracing
    tracing, _tracing = _tracing, None
    if tracing is not None:
        tracing.close()


def processing(delivery: "Delivery", message: Message | None) -> AbstractContextManager[Step]:
    """Work on a delivery; `message` is None when its body cannot be read."""
    if _tracing is None:
        return _OFF
    attributes: dict[str, str | int] = {
        "messaging.operation.type": "process",
        "messaging.destination.name": delivery.queue,
        "messaging.message.id": delivery.message_id,
        "sconnect.attempt": delivery.attempt,
        "sconnect.redeliveries": delivery.delivery_count,
    }
    return _tracing.step(
        f"process {delivery.queue}",
        "consumer",
        attributes | _about(message),
        trace_id=_order_trace(message),
        headers=delivery.headers,
    )


def publishing(
    exchange: str, routing_key: str, message_id: str, message: Message | None = None
) -> AbstractContextManager[Step]:
    """Handing a message to RabbitMQ until it is confirmed; `message` is None for a copy of a body."""
    if _tracing is None:
        return _OFF
    attributes: dict[str, str | int] = {
        "messaging.operation.type": "send",
        "messaging.destination.name": exchange,
        "messaging.rabbitmq.destination.routing_key": routing_key,
        "messaging.message.id": message_id,
    }
    return _tracing.step(
        f"send {routing_key}", "producer", attributes | _about(message), trace_id=_order_trace(message)
    )


def calling(vendor: str, request: httpx.Request) -> AbstractContextManager[Step]:
    """A call to a vendor's API. Not its address: a shop's host is a name, a path may hold one."""
    if _tracing is None:
        return _OFF
    route = route_of(request.url.path)
    attributes = {
        "http.request.method": request.method,
        "url.template": route,
        "sconnect.vendor": vendor,
    }
    return _tracing.step(f"{request.method} {route}", "client", attributes)


def running(name: str, **attributes: str | int) -> AbstractContextManager[Step]:
    """Work that begins by itself, such as an import run: a trace of its own."""
    return _OFF if _tracing is None else _tracing.step(name, "internal", _dotted(attributes))


def _about(message: Message | None) -> dict[str, str | int]:
    if message is None:
        return {"messaging.system": "rabbitmq"}
    about: dict[str, str | int] = {
        "messaging.system": "rabbitmq",
        "messaging.message.conversation_id": message.correlation_id,
        "sconnect.message_type": message.type,
        "sconnect.profile": message.profile,
        "sconnect.replay": message.replay,
    }
    order = order_key_of(message)
    return about if order is None else about | {"sconnect.order.number": order.number}


def _order_trace(message: Message | None) -> int | None:
    """The trace of a live order is its correlation id, so that waits, replays and restarts cannot lose it."""
    if message is None or message.mode is not Mode.LIVE or order_key_of(message) is None:
        return None
    try:
        return UUID(message.correlation_id).int or None
    except ValueError:
        return None


def _dotted(attributes: Attributes) -> dict[str, str | int]:
    return {name.replace("__", "."): value for name, value in attributes.items()}
