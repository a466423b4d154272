"""Takes in everything that the services tell."""

from console.ports import EventRecord
from sconnect.contracts import Message, Mode
from sconnect.messaging import Delivery


class EventConsumer:
    """The message handler of the console's queue. Safe to run twice: the record knows every event's id.

    Nothing can be half-done, for one event is one transaction; until then the operator sees the order as
    it was.
    """

    def __init__(self, record: EventRecord) -> None:
        self._record = record

    async def __call__(self, message: Message, _delivery: Delivery) -> None:
        # Queues declared by an earlier release still let previews in.
        if message.mode is Mode.LIVE:
            await self._record.record(message)
