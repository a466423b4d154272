"""What the product counts about itself, for Prometheus: labels from closed lists, never a person or a key."""

from sconnect.metrics.counting import (
    CallOutcome,
    DeliveryOutcome,
    Vendor,
    allowance_waited,
    api_called,
    consuming_stopped,
    delivery_settled,
    import_run_finished,
    lease_refused,
    message_published,
    publish_failed,
    readiness_told,
)
from sconnect.metrics.registry import CONTENT_TYPE, REGISTRY, exposition
from sconnect.metrics.standing import UnfinishedOrders, queue_depths_told, unfinished_orders_told

__all__ = [
    "CONTENT_TYPE",
    "REGISTRY",
    "CallOutcome",
    "DeliveryOutcome",
    "UnfinishedOrders",
    "Vendor",
    "allowance_waited",
    "api_called",
    "consuming_stopped",
    "delivery_settled",
    "exposition",
    "import_run_finished",
    "lease_refused",
    "message_published",
    "publish_failed",
    "queue_depths_told",
    "readiness_told",
    "unfinished_orders_told",
]
