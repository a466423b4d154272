"""The runs that are wanted, going on and finished, in the poller's database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from poller.adapters.outbox import SqlOutbox, message_values
from poller.adapters.reasons import reason_values
from poller.adapters.tables import import_runs
from poller.ports import ImportRun
from sconnect.contracts import Message
from sconnect.errors import Reason
from sconnect.persistence import insert_if_absent, reading, translate_database_errors


class SqlImportRuns(SqlOutbox):
    """ImportRuns over the table `import_runs`."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, import_runs, key="run_id", order_by=["finished_at"])

    @translate_database_errors()
    async def request(self, run: ImportRun) -> None:
        statement = insert_if_absent(
            import_runs,
            run_id=run.run_id,
            profile=run.profile,
            requested_at=run.requested_at,
            requested_by=run.requested_by,
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    @translate_database_errors()
    async def next_open(self, profile: str) -> ImportRun | None:
        statement = (
            select(import_runs)
            .where(import_runs.c.profile == profile, import_runs.c.finished_at.is_(None))
            .order_by(import_runs.c.requested_at, import_runs.c.run_id)
            .limit(1)
        )
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return ImportRun(
            run_id=row.run_id,
            profile=row.profile,
            requested_at=row.requested_at,
            requested_by=row.requested_by,
        )

    @translate_database_errors()
    async def open_profiles(self) -> frozenset[str]:
        statement = select(import_runs.c.profile).where(import_runs.c.finished_at.is_(None)).distinct()
        async with reading(self._engine) as connection:
            return frozenset((await connection.execute(statement)).scalars())

    @translate_database_errors()
    async def finished_since(self, profile: str, instant: datetime) -> Sequence[str]:
        statement = select(import_runs.c.run_id).where(
            import_runs.c.profile == profile, import_runs.c.finished_at >= instant
        )
        async with reading(self._engine) as connection:
            return list((await connection.execute(statement)).scalars())

    @translate_database_errors()
    async def unfinished(self, profile: str) -> frozenset[str]:
        table = import_runs
        last_good = (
            select(func.max(table.c.finished_at))
            .where(table.c.profile == profile, table.c.reason_code.is_(None))
            .scalar_subquery()
        )
        failed_since = table.c.reason_code.is_not(None) & (
            last_good.is_(None) | (table.c.finished_at >= last_good)
        )
        statement = select(table.c.run_id).where(
            table.c.profile == profile, table.c.finished_at.is_(None) | failed_since
        )
        async with reading(self._engine) as connection:
            return frozenset((await connection.execute(statement)).scalars())

    @translate_database_errors()
    async def finish(
        self, run: ImportRun, *, started_at: datetime, at: datetime, failure: Reason | None, message: Message
    ) -> None:
        values = {"started_at": started_at, "finished_at": at}
        statement = update(import_runs).where(import_runs.c.run_id == run.run_id)
        async with self._engine.begin() as connection:
            await connection.execute(
                statement.values(**values, **reason_values(failure), **message_values(message))
            )

    @translate_database_errors()
    async def forget_finished_before(self, instant: datetime) -> None:
        finished = import_runs.c.finished_at < instant
        told = import_runs.c.outgoing_id.is_(None)
        async with self._engine.begin() as connection:
            await connection.execute(delete(import_runs).where(finished, told))
