"""The mirror in the service's database."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.relations import Relation, RelationAddress, RelationRole
from customer_resolver.ports import Freshness
from sconnect.persistence import insert_if_absent, translate_database_errors

EMAIL_SEPARATOR = ";"
_KEY_COLUMNS = ("administration_id", "relation_id")


class SqlCustomerMirror:
    """Relations and their keys; every call is one transaction (UpstreamUnavailable when it cannot be)."""

    def __init__(self, engine: AsyncEngine, tables: ResolverTables) -> None:
        self._engine = engine
        self._administrations = tables.administrations
        self._relations = tables.relations
        self._keys = tables.relation_keys

    @translate_database_errors()
    async def freshness(self, administration_id: str) -> Freshness:
        table = self._administrations
        statement = select(table).where(table.c.administration_id == administration_id)
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return Freshness()
        return Freshness(read_at=row.read_at, full_read_at=row.full_read_at, card_made_on=row.card_made_on)

    @translate_database_errors()
    async def begin_full_read(self, administration_id: str) -> int:
        table = self._administrations
        absent = insert_if_absent(table, administration_id=administration_id, full_read=0)
        begin = (
            update(table)
            .where(table.c.administration_id == administration_id)
            .values(full_read=table.c.full_read + 1)
            .returning(table.c.full_read)
        )
        async with self._engine.begin() as connection:
            await connection.execute(absent)
            return int((await connection.execute(begin)).scalar_one())

    @translate_database_errors()
    async def save(self, administration_id: str, relations: Sequence[Relation]) -> None:
        if not relations:
            return
        async with self._engine.begin() as connection:
            full_read = await self._current_full_read(connection, administration_id)
            # In one order everywhere, or two savers wait for each other's rows for ever.
            ordered = sorted(relations, key=lambda relation: relation.relation_id)
            rows = [_row_values(administration_id, relation, full_read) for relation in ordered]
            await connection.execute(self._upsert_relation, rows)
            await self._replace_keys(connection, administration_id, relations)

    @translate_database_errors()
    async def count_unseen(self, administration_id: str, full_read: int) -> int:
        table = self._relations
        unseen = (table.c.administration_id == administration_id) & (table.c.full_read < full_read)
        async with self._engine.begin() as connection:
            statement = select(func.count()).select_from(table).where(unseen)
            return int((await connection.execute(statement)).scalar_one())

    @translate_database_errors()
    async def finish_full_read(self, administration_id: str, full_read: int, began_at: datetime) -> None:
        table = self._relations
        unseen = (table.c.administration_id == administration_id) & (table.c.full_read < full_read)
        async with self._engine.begin() as connection:
            await connection.execute(delete(table).where(unseen))
            await self._note(connection, administration_id, read_at=began_at, full_read_at=began_at)

    @translate_database_errors()
    async def finish_delta(self, administration_id: str, began_at: datetime) -> None:
        async with self._engine.begin() as connection:
            await self._note(connection, administration_id, read_at=began_at)

    @translate_database_errors()
    async def note_card_made(self, administration_id: str, card_made_on: datetime) -> None:
        async with self._engine.begin() as connection:
            await self._note(connection, administration_id, card_made_on=card_made_on)

    @translate_database_errors()
    async def find_by_email(self, administration_id: str, email: str) -> tuple[Relation, ...]:
        row_number = self._relations.c.row_number
        statement = (
            self._select(administration_id)
            .join(self._keys, self._keys.c.relation_row == row_number)
            .where(self._keys.c.key == email_key(administration_id, email))
            .order_by(self._relations.c.number)
        )
        async with self._engine.begin() as connection:
            rows = (await connection.execute(statement)).all()
        # Two addresses may have one hash: only the address itself decides.
        return tuple(relation for relation in map(_relation, rows) if email in relation.emails)

    async def find_by_number(self, administration_id: str, number: int) -> Relation | None:
        return await self._first(administration_id, self._relations.c.number == number)

    async def find_by_id(self, administration_id: str, relation_id: str) -> Relation | None:
        return await self._first(administration_id, self._relations.c.relation_id == relation_id)

    @translate_database_errors()
    async def highest_number(self, administration_id: str) -> int:
        table = self._relations
        statement = select(func.max(table.c.number)).where(table.c.administration_id == administration_id)
        async with self._engine.begin() as connection:
            return max((await connection.execute(statement)).scalar_one() or 0, 0)

    @translate_database_errors()
    async def _first(self, administration_id: str, condition: Any) -> Relation | None:
        statement = self._select(administration_id).where(condition).order_by(self._relations.c.active.desc())
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement.limit(1))).one_or_none()
        return None if row is None else _relation(row)

    def _select(self, administration_id: str) -> Select[Any]:
        return select(self._relations).where(self._relations.c.administration_id == administration_id)

    @property
    def _upsert_relation(self) -> Any:
        statement = insert(self._relations)
        kept = {*_KEY_COLUMNS, "row_number"}
        changes = {name: column for name, column in statement.excluded.items() if name not in kept}
        return statement.on_conflict_do_update(index_elements=_KEY_COLUMNS, set_=changes)

    async def _current_full_read(self, connection: AsyncConnection, administration_id: str) -> int:
        table = self._administrations
        statement = select(table.c.full_read).where(table.c.administration_id == administration_id)
        return int((await connection.execute(statement)).scalar_one_or_none() or 0)

    async def _replace_keys(
        self, connection: AsyncConnection, administration_id: str, relations: Sequence[Relation]
    ) -> None:
        emails = {relation.relation_id: relation.emails for relation in relations}
        table = self._relations
        statement = select(table.c.row_number, table.c.relation_id).where(
            table.c.administration_id == administration_id, table.c.relation_id.in_(emails)
        )
        rows = (await connection.execute(statement)).all()
        row_numbers = [row.row_number for row in rows]
        await connection.execute(delete(self._keys).where(self._keys.c.relation_row.in_(row_numbers)))
        keys = [
            {"key": email_key(administration_id, email), "relation_row": row.row_number}
            for row in rows
            for email in emails[row.relation_id]
        ]
        if keys:
            await connection.execute(insert(self._keys).on_conflict_do_nothing(), keys)

    async def _note(self, connection: AsyncConnection, administration_id: str, **moments: datetime) -> None:
        table = self._administrations
        await connection.execute(
            update(table).where(table.c.administration_id == administration_id).values(**moments)
        )


def email_key(administration_id: str, email: str) -> int:
    """64 bits of a hash of administration and address, so that a key row needs no other column."""
    digest = hashlib.blake2b(f"{administration_id}\x1femail\x1f{email}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _row_values(administration_id: str, relation: Relation, full_read: int) -> dict[str, Any]:
    return {
        "administration_id": administration_id,
        "relation_id": relation.relation_id,
        "number": relation.number,
        "name": relation.name,
        "emails": EMAIL_SEPARATOR.join(relation.emails),
        "postcode": relation.postcode,
        "vat_number": relation.vat_number,
        "country_code": relation.country_code,
        "active": relation.active,
        "role": relation.role.value,
        "modified_on": relation.modified_on,
        "full_read": full_read,
    }


def _relation(row: Row[Any]) -> Relation:
    return Relation(
        relation_id=row.relation_id,
        number=row.number,
        name=row.name,
        emails=tuple(row.emails.split(EMAIL_SEPARATOR)) if row.emails else (),
        address=RelationAddress(postcode=row.postcode, country_code=row.country_code or ""),
        vat_number=row.vat_number,
        active=row.active,
        role=RelationRole(row.role),
        modified_on=row.modified_on,
    )
