"""What the console hears, told to its read model in the order given."""

from console.adapters.sql import SqlReadModel
from sconnect.contracts import Message


async def tell(read_model: SqlReadModel, *messages: Message) -> None:
    for message in messages:
        await read_model.record(message)
