"""The last update of each card in the service's database."""

import json
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.updates import FieldChange
from customer_resolver.ports import OrderReference, OrderVersion, SentUpdate
from sconnect.persistence import reading, translate_database_errors, upsert


class SqlCardUpdates:
    """Every call is one transaction (UpstreamUnavailable when it cannot be)."""

    def __init__(self, engine: AsyncEngine, tables: ResolverTables) -> None:
        self._engine = engine
        self._table = tables.card_updates

    @translate_database_errors()
    async def last(self, administration_id: str, relation_id: str) -> SentUpdate | None:
        table = self._table
        statement = select(table).where(
            table.c.administration_id == administration_id, table.c.relation_id == relation_id
        )
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        order = OrderVersion(
            order=OrderReference(profile=row.profile, uuid=row.order_uuid),
            revision=row.revision,
            replay=row.replay,
            placed_at=row.placed_at,
        )
        changes = tuple(FieldChange(**change) for change in json.loads(row.changes))
        return SentUpdate(order=order, changes=changes)

    @translate_database_errors()
    async def record(self, administration_id: str, relation_id: str, sent: SentUpdate) -> None:
        version = sent.order
        statement = upsert(
            self._table,
            ("administration_id", "relation_id"),
            administration_id=administration_id,
            relation_id=relation_id,
            profile=version.order.profile,
            order_uuid=version.order.uuid,
            revision=version.revision,
            replay=version.replay,
            placed_at=version.placed_at,
            changes=json.dumps([asdict(change) for change in sent.changes], ensure_ascii=False),
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)
