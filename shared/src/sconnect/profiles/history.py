"""The versions that a profile has had: its settings without the keys, who saved them, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Row, String, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence import Instant, reading, translate_database_errors


def profile_versions_table(metadata: MetaData) -> Table:
    """The table `profile_versions` of the coordination database.

    It outlives a profile that is deleted. `changed_keys` names the keys that were new in a version
    (`shop.token`); what they were stands nowhere.
    """
    return Table(
        "profile_versions",
        metadata,
        Column("name", String(64), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("document", Text, nullable=False),
        Column("changed_keys", Text, nullable=False),
        Column("administration_id", String(64), nullable=False),
        Column("administration_name", Text, nullable=False),
        Column("saved_at", Instant, nullable=False),
        Column("saved_by", Text, nullable=False),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileVersion:
    """`document` holds the settings as a profile's file writes them, without the keys."""

    name: str
    version: int
    document: Mapping[str, Any]
    changed_keys: tuple[str, ...]
    administration_name: str
    saved_at: datetime
    saved_by: str


class ProfileHistory:
    """Reads what `ProfileStore` wrote down at each save; UpstreamUnavailable while the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._table = profile_versions_table(MetaData())

    @translate_database_errors()
    async def versions(
        self, name: str, *, before: int | None = None, at_most: int
    ) -> tuple[ProfileVersion, ...]:
        """The newest first, those with a number below `before`."""
        wanted = select(self._table).where(self._table.c.name == name)
        if before is not None:
            wanted = wanted.where(self._table.c.version < before)
        newest = wanted.order_by(self._table.c.version.desc()).limit(at_most)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(newest)).all()
        return tuple(_read(row) for row in rows)

    @translate_database_errors()
    async def version(self, name: str, version: int) -> ProfileVersion | None:
        one = select(self._table).where(self._table.c.name == name, self._table.c.version == version)
        async with reading(self._engine) as connection:
            row = (await connection.execute(one)).one_or_none()
        return None if row is None else _read(row)


def _read(row: Row[Any]) -> ProfileVersion:
    return ProfileVersion(
        name=row.name,
        version=row.version,
        document=json.loads(row.document),
        changed_keys=tuple(json.loads(row.changed_keys)),
        administration_name=row.administration_name,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
    )
