"""The last answer per order in the service's database."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.updates import FieldChange
from customer_resolver.ports import OrderReference, Resolution
from sconnect.persistence import execute_alone, reading, translate_database_errors, upsert_rows

_VALUES = tuple(
    field.name for field in fields(Resolution) if field.name not in ("order", "differs", "changes", "trace")
)


class SqlResolutions:
    """Every call is one transaction (UpstreamUnavailable when it cannot be)."""

    def __init__(self, engine: AsyncEngine, tables: ResolverTables) -> None:
        self._engine = engine
        self._table = tables.resolutions
        # Made once: every order that goes well needs it.
        self._upsert = upsert_rows(self._table, ("profile", "order_uuid"), self._table.c.keys())

    async def find(self, order: OrderReference) -> Resolution | None:
        return await self._first(order.profile, self._table.c.order_uuid == order.uuid)

    async def find_by_order_number(self, profile: str, order_number: str) -> Resolution | None:
        """The one that was answered last, should a shop have used a number twice."""
        return await self._first(profile, self._table.c.order_number == order_number)

    @translate_database_errors()
    async def save(self, resolution: Resolution, resolved_at: datetime) -> None:
        values = {name: getattr(resolution, name) for name in _VALUES} | {
            "profile": resolution.order.profile,
            "order_uuid": resolution.order.uuid,
            "resolved_at": resolved_at,
            "details": _details(resolution),
        }
        await execute_alone(self._engine, self._upsert, values)

    @translate_database_errors()
    async def _first(self, profile: str, condition: ColumnElement[bool]) -> Resolution | None:
        table = self._table
        statement = select(table).where(table.c.profile == profile, condition)
        async with reading(self._engine) as connection:
            rows: Any = await connection.execute(statement.order_by(table.c.resolved_at.desc()).limit(1))
            row = rows.mappings().one_or_none()
        if row is None:
            return None
        order = OrderReference(profile=row["profile"], uuid=row["order_uuid"])
        details = json.loads(row["details"] or "{}")
        return Resolution(
            order=order,
            differs=tuple(details.get("differs", ())),
            changes=tuple(FieldChange(**change) for change in details.get("changes", ())),
            trace=details.get("trace"),
            **{name: row[name] for name in _VALUES},
        )


def _details(resolution: Resolution) -> str | None:
    details = {
        "differs": list(resolution.differs),
        "changes": [asdict(change) for change in resolution.changes],
        "trace": resolution.trace,
    }
    return json.dumps(details, ensure_ascii=False) if any(details.values()) else None
