"""How messages travel: one topology, confirmed publishing, and the edge that acks only after the work."""

from sconnect.messaging.delivery import Delivery, DeliveryHandler
from sconnect.messaging.edge import DeliveryJournal, Edge, SilentJournal
from sconnect.messaging.preview_edge import PreviewEdge
from sconnect.messaging.publisher import EventPublisher, RabbitPublisher
from sconnect.messaging.rabbit import connect_broker, subscribe

__all__ = [
    "Delivery",
    "DeliveryHandler",
    "DeliveryJournal",
    "Edge",
    "EventPublisher",
    "PreviewEdge",
    "RabbitPublisher",
    "SilentJournal",
    "connect_broker",
    "subscribe",
]
