"""One trace for each order through all services; costs nothing until a collector is set."""

from sconnect.tracing.steps import (
    Step,
    Tracing,
    calling,
    processing,
    publishing,
    running,
    start_tracing,
    stop_tracing,
)

__all__ = [
    "Step",
    "Tracing",
    "calling",
    "processing",
    "publishing",
    "running",
    "start_tracing",
    "stop_tracing",
]
