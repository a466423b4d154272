"""Forgets rows of orders that came to their end long ago."""

from sqlalchemy import MetaData, delete
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence import translate_database_errors
from sconnect.service.retention import Ends, Forget
from sconnect.stage.claims import RowState
from sconnect.stage.tables import stage_tables


def forget_order_rows(engine: AsyncEngine) -> Forget:
    """Of orders that are done: a row that waits for anybody is kept, however old it is."""
    table = stage_tables(MetaData()).order_rows

    @translate_database_errors()
    async def forget(ends: Ends) -> int:
        statement = delete(table).where(
            table.c.state == RowState.DONE, table.c.follow_ups_sent.is_(True), table.c.updated_at < ends.oss
        )
        async with engine.begin() as connection:
            return (await connection.execute(statement)).rowcount

    return forget
