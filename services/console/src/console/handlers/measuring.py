"""Looks at queues and orders now and then, so that Prometheus can tell what waits and since when."""

from collections.abc import Mapping
from typing import Protocol

import structlog

from sconnect.clock import Clock
from sconnect.errors import TransientError
from sconnect.metrics import UnfinishedOrders, queue_depths_told, unfinished_orders_told

log = structlog.get_logger(__name__)


class QueueDepths(Protocol):
    async def depths(self) -> Mapping[str, int]:
        """The number of messages in each queue of the product; UpstreamUnavailable without RabbitMQ."""


class UnfinishedOrdersBook(Protocol):
    async def unfinished(self) -> list[UnfinishedOrders]:
        """By status and reason, how many orders are neither booked nor skipped, and since when."""


class Measuring:
    """A look every `interval_seconds`; without an answer there is no figure until the next."""

    def __init__(
        self, queues: QueueDepths, orders: UnfinishedOrdersBook, clock: Clock, *, interval_seconds: float
    ) -> None:
        self._queues = queues
        self._orders = orders
        self._clock = clock
        self._interval_seconds = interval_seconds

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(self._interval_seconds)

    async def look(self) -> None:
        await self._look_at_queues()
        await self._look_at_orders()

    async def _look_at_queues(self) -> None:
        try:
            depths = await self._queues.depths()
        except TransientError as error:
            log.warning("queues_not_measured", cause=error.reason.text_key)
            queue_depths_told(None, self._clock.now())
        else:
            queue_depths_told(depths, self._clock.now())

    async def _look_at_orders(self) -> None:
        try:
            unfinished = await self._orders.unfinished()
        except TransientError as error:
            log.warning("orders_not_measured", cause=error.reason.text_key)
            unfinished_orders_told(None, self._clock.now())
        else:
            unfinished_orders_told(unfinished, self._clock.now())
