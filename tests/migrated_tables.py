"""Whether the migrations of a package make the tables that its code uses."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence.revisions import version_table


async def differences_from_migrations(engine: AsyncEngine, package: str, metadata: MetaData) -> list[Any]:
    """What a further migration would have to change in a migrated database; empty when nothing."""

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "version_table": version_table(package)}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with engine.connect() as connection:
        return await connection.run_sync(compare)
