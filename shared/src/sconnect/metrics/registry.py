"""The registry of this process, and its text as Prometheus reads it."""

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

# Of our own, so that no library's metrics appear unseen.
REGISTRY: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """All metrics of this process, in Prometheus' text format (content type CONTENT_TYPE)."""
    return generate_latest(REGISTRY)
