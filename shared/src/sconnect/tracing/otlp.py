"""Steps as OpenTelemetry spans, sent over OTLP/HTTP; the only file that knows the SDK.

What the SDK reads from OTEL_* variables counts: headers and certificates of the exporter, sampling, batches.
"""

import threading
from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sconnect.tracing.steps import Attributes, Step

# More than one try at a collector that is away would hold up a stop.
CLOSE_SECONDS_MAX = 2.0
TRACES_PATH = "/v1/traces"

_propagator = TraceContextTextMapPropagator()
_wanted_trace_id: ContextVar[int | None] = ContextVar("wanted_trace_id", default=None)


class OtlpTracing:
    """Tracing with a provider of its own: no global one is set, so no library begins to tell of itself."""

    def __init__(self, endpoint: str, *, service: str, instance: str | None) -> None:
        resource = {"service.name": service, "service.namespace": "sconnect"}
        if instance is not None:
            resource["service.instance.id"] = instance
        self._provider = TracerProvider(
            resource=Resource.create(resource), id_generator=_OrderIds(), shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + TRACES_PATH)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sconnect")

    def step(
        self,
        name: str,
        kind: str,
        attributes: Attributes,
        *,
        trace_id: int | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> "_SpanStep":
        before = get_current() if headers is None else _before(headers)
        known = get_current_span(before).get_span_context()
        links = []
        if trace_id is not None and known.trace_id != trace_id:
            links = [Link(known)] if known.is_valid else []
            before = Context()
        wanted = _wanted_trace_id.set(trace_id)
        try:
            span = self._tracer.start_span(
                name, before, kind=SpanKind[kind.upper()], attributes=dict(attributes), links=links
            )
        finally:
            _wanted_trace_id.reset(wanted)
        return _SpanStep(span)

    def close(self) -> None:
        # The exporter may hang on a collector that does not answer.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS_MAX)


def _before(headers: Mapping[str, Any]) -> Context:
    texts = {name: value for name, value in headers.items() if isinstance(value, str)}
    return _propagator.extract(texts, context=Context())


class _OrderIds(RandomIdGenerator):
    """A trace that begins with an order gets the order's id."""

    def generate_trace_id(self) -> int:
        return _wanted_trace_id.get() or super().generate_trace_id()


class _SpanStep:
    """A span that is current inside the block, and tells the class of an error, never its text."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token: Token[Context] | None = None

    def __enter__(self) -> Step:
        self._token = attach(set_span_in_context(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.fail(kind.__name__)
        if self._token is not None:
            detach(self._token)
        self._span.end()

    def note(self, **attributes: str | int) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(name.replace("__", "."), value)

    def fail(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def headers(self) -> dict[str, str]:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, set_span_in_context(self._span))
        return carrier
