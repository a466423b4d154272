"""The mirror in the service's database."""

import json
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, cast, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from customer_resolver.adapters.relation_documents import read_relation, write_relation
from customer_resolver.adapters.sql_key_rows import KeyRow, delete_keys, find_carriers, insert_keys
from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.recognition import (
    CARRIERS_MAX,
    NORMAL_FORM_VERSION,
    Candidates,
    Statistics,
    keys_of_relation,
)
from customer_resolver.domain.relations import Relation
from customer_resolver.ports import Freshness
from sconnect.persistence import insert_if_absent, reading, translate_database_errors

# Rows that are taken up again in one transaction, when keys are made anew or relations forgotten.
BATCH_ROWS_MAX = 500


class SqlCustomerMirror:
    """Relations and their keys; every call is one transaction (UpstreamUnavailable when it cannot be).

    Whoever changes an administration's relations holds its row meanwhile, so that keys and contents never
    come from two writers. `key_version` is the normal form that the keys are made with.
    """

    def __init__(
        self, engine: AsyncEngine, tables: ResolverTables, *, key_version: int = NORMAL_FORM_VERSION
    ) -> None:
        self._engine = engine
        self._administrations = tables.administrations
        self._relations = tables.relations
        self._key_version = key_version
        self._statistics: dict[str, tuple[datetime | None, Statistics]] = {}

    @translate_database_errors()
    async def freshness(self, administration_id: str) -> Freshness:
        table, relations = self._administrations, self._relations
        of_administration = relations.c.administration_id == administration_id
        # Two conditions instead of one `<>`, so that each is a look into the index.
        older = exists().where(of_administration, relations.c.key_version < self._key_version)
        newer = exists().where(of_administration, relations.c.key_version > self._key_version)
        statement = select(table, older.label("has_older_keys"), newer.label("has_newer_keys")).where(
            table.c.administration_id == administration_id
        )
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return Freshness()
        return Freshness(
            read_at=row.read_at,
            full_read_at=row.full_read_at,
            card_made_on=row.card_made_on,
            keys_are_current=not (row.has_older_keys or row.has_newer_keys),
        )

    @translate_database_errors()
    async def begin_full_read(self, administration_id: str) -> int:
        table = self._administrations
        async with self._engine.begin() as connection:
            full_read = await self._hold(connection, administration_id) + 1
            await connection.execute(
                update(table)
                .where(table.c.administration_id == administration_id)
                .values(full_read=full_read)
            )
        return full_read

    @translate_database_errors()
    async def save(self, administration_id: str, relations: Sequence[Relation]) -> None:
        if not relations:
            return
        contents = {relation.relation_id: write_relation(relation) for relation in relations}
        async with self._engine.begin() as connection:
            full_read = await self._hold(connection, administration_id)
            known = await self._known(connection, administration_id, list(contents))
            changed = {
                relation.relation_id: relation
                for relation in relations
                if not self._is_same(known.get(relation.relation_id), contents[relation.relation_id])
            }
            unchanged = [row.row_number for row in known.values() if row.relation_id not in changed]
            await self._mark_seen(connection, unchanged, full_read)
            await self._write(connection, administration_id, changed.values(), known, full_read)

    @translate_database_errors()
    async def count_unseen(self, administration_id: str, full_read: int) -> int:
        table = self._relations
        statement = (
            select(func.count())
            .select_from(table)
            .where(table.c.administration_id == administration_id, table.c.full_read < full_read)
        )
        async with reading(self._engine) as connection:
            return int((await connection.execute(statement)).scalar_one())

    @translate_database_errors()
    async def finish_full_read(
        self, administration_id: str, full_read: int, began_at: datetime, statistics: Statistics
    ) -> None:
        while await self._forget_unseen(administration_id, full_read):
            pass
        async with self._engine.begin() as connection:
            document = json.dumps(statistics.as_document(), ensure_ascii=False, separators=(",", ":"))
            moments = {"read_at": began_at, "full_read_at": began_at}
            await self._note(connection, administration_id, statistics=document, **moments)

    @translate_database_errors()
    async def finish_delta(self, administration_id: str, began_at: datetime) -> None:
        async with self._engine.begin() as connection:
            await self._note(connection, administration_id, read_at=began_at)

    @translate_database_errors()
    async def note_card_made(self, administration_id: str, card_made_on: datetime) -> None:
        async with self._engine.begin() as connection:
            await self._note(connection, administration_id, card_made_on=card_made_on)

    @translate_database_errors()
    async def make_keys_anew(self, administration_id: str) -> bool:
        """One batch; what was done stays done when the process ends in the middle."""
        table = self._relations
        stale = (table.c.administration_id == administration_id) & (table.c.key_version < self._key_version)
        async with self._engine.begin() as connection:
            full_read = await self._hold(connection, administration_id)
            rows = (await connection.execute(select(table).where(stale).limit(BATCH_ROWS_MAX))).all()
            known = {row.relation_id: row for row in rows}
            relations = [read_relation(row.content) for row in rows]
            await self._write(connection, administration_id, relations, known, full_read, seen=False)
        return bool(rows)

    @translate_database_errors()
    async def candidates(self, administration_id: str, keys: Collection[int]) -> Candidates:
        table = self._relations
        async with reading(self._engine) as connection:
            rows = await find_carriers(connection, keys, per_key_max=CARRIERS_MAX + 1)
            carriers = Counter(key for key, _ in rows)
            usable = {row for key, row in rows if carriers[key] <= CARRIERS_MAX}
            if not usable:
                return Candidates(carriers=dict(carriers))
            statement = select(table.c.content).where(table.c.row_number.in_(usable))
            found = (await connection.execute(statement)).scalars().all()
        return Candidates(relations=tuple(map(read_relation, found)), carriers=dict(carriers))

    async def find_by_number(self, administration_id: str, number: int) -> Relation | None:
        return await self._first(administration_id, self._relations.c.number == number)

    async def find_by_id(self, administration_id: str, relation_id: str) -> Relation | None:
        return await self._first(administration_id, self._relations.c.relation_id == relation_id)

    @translate_database_errors()
    async def highest_number(self, administration_id: str) -> int:
        table = self._relations
        statement = select(func.max(table.c.number)).where(table.c.administration_id == administration_id)
        async with reading(self._engine) as connection:
            return max((await connection.execute(statement)).scalar_one() or 0, 0)

    @translate_database_errors()
    async def statistics(self, administration_id: str) -> Statistics:
        """Of the last complete read; kept in memory until there is a later one."""
        table = self._administrations
        of_administration = table.c.administration_id == administration_id
        async with reading(self._engine) as connection:
            read_at = await connection.scalar(select(table.c.full_read_at).where(of_administration))
            kept_read_at, statistics = self._statistics.get(administration_id, (None, Statistics()))
            if read_at is None or read_at == kept_read_at:
                return statistics
            text = await connection.scalar(select(table.c.statistics).where(of_administration))
        statistics = Statistics.from_document(json.loads(text)) if text else Statistics()
        self._statistics[administration_id] = (read_at, statistics)
        return statistics

    @translate_database_errors()
    async def _first(self, administration_id: str, condition: Any) -> Relation | None:
        table = self._relations
        statement = (
            select(table.c.content)
            .where(table.c.administration_id == administration_id, condition)
            .order_by(table.c.active.desc())
            .limit(1)
        )
        async with reading(self._engine) as connection:
            content = (await connection.execute(statement)).scalar_one_or_none()
        return None if content is None else read_relation(content)

    async def _hold(self, connection: AsyncConnection, administration_id: str) -> int:
        """The administration is ours until the transaction ends; returns the number of its last full read."""
        table = self._administrations
        await connection.execute(insert_if_absent(table, administration_id=administration_id, full_read=0))
        statement = select(table.c.full_read).where(table.c.administration_id == administration_id)
        return int((await connection.execute(statement.with_for_update())).scalar_one())

    async def _known(
        self, connection: AsyncConnection, administration_id: str, relation_ids: Sequence[str]
    ) -> dict[str, Row[Any]]:
        table = self._relations
        wanted: Any = list(relation_ids)
        if connection.dialect.name == "postgresql":
            # Until its statistics are made PostgreSQL 15 compares every relation with every id of a list:
            # 0.8 s for a page while 30,000 relations were read for the first time. A sub-select it hashes.
            wanted = select(func.unnest(cast(wanted, ARRAY(Text))))
        statement = select(table).where(
            table.c.administration_id == administration_id, table.c.relation_id.in_(wanted)
        )
        return {row.relation_id: row for row in (await connection.execute(statement)).all()}

    def _is_same(self, row: Row[Any] | None, content: str) -> bool:
        return row is not None and row.content == content and row.key_version == self._key_version

    async def _mark_seen(
        self, connection: AsyncConnection, row_numbers: Sequence[int], full_read: int
    ) -> None:
        table = self._relations
        unseen = table.c.row_number.in_(row_numbers) & (table.c.full_read < full_read)
        if row_numbers:
            await connection.execute(update(table).where(unseen).values(full_read=full_read))

    async def _write(
        self,
        connection: AsyncConnection,
        administration_id: str,
        relations: Iterable[Relation],
        known: Mapping[str, Row[Any]],
        full_read: int,
        *,
        seen: bool = True,
    ) -> None:
        """Contents and keys; only keys that were not there yet, or are no more, cost a write."""
        keys = {each.relation_id: keys_of_relation(each, administration_id) for each in relations}
        if not keys:
            return
        rows = [
            {
                "administration_id": administration_id,
                "relation_id": each.relation_id,
                "number": each.number,
                "active": each.active,
                "content": write_relation(each),
                "packed_keys": _packed(keys[each.relation_id]),
                "key_version": self._key_version,
                "full_read": full_read if seen else known[each.relation_id].full_read,
            }
            for each in relations
        ]
        await connection.execute(self._upsert_relation, rows)
        numbers = {known_id: row.row_number for known_id, row in known.items()}
        if added := [relation_id for relation_id in keys if relation_id not in numbers]:
            new = await self._known(connection, administration_id, added)
            numbers |= {relation_id: row.row_number for relation_id, row in new.items()}
        old = {
            relation_id: _unpacked(row.packed_keys)
            for relation_id, row in known.items()
            if relation_id in keys
        }
        gone = [(key, numbers[each]) for each, had in old.items() for key in had - keys[each]]
        fresh = [(key, numbers[each]) for each, has in keys.items() for key in has - old.get(each, set())]
        await delete_keys(connection, gone)
        await insert_keys(connection, sorted(fresh))

    @property
    def _upsert_relation(self) -> Any:
        statement = insert(self._relations)
        key = ("administration_id", "relation_id")
        kept = {*key, "row_number"}
        changes = {name: column for name, column in statement.excluded.items() if name not in kept}
        return statement.on_conflict_do_update(index_elements=key, set_=changes)

    @translate_database_errors()
    async def _forget_unseen(self, administration_id: str, full_read: int) -> bool:
        """One batch of relations that are no more; whether there may be others."""
        table = self._relations
        unseen = (table.c.administration_id == administration_id) & (table.c.full_read < full_read)
        async with self._engine.begin() as connection:
            await self._hold(connection, administration_id)
            statement = select(table.c.row_number, table.c.packed_keys).where(unseen).limit(BATCH_ROWS_MAX)
            rows = (await connection.execute(statement)).all()
            gone: list[KeyRow] = [(key, row.row_number) for row in rows for key in _unpacked(row.packed_keys)]
            await delete_keys(connection, gone)
            numbers = [row.row_number for row in rows]
            if numbers:
                await connection.execute(delete(table).where(table.c.row_number.in_(numbers)))
        return bool(rows)

    async def _note(self, connection: AsyncConnection, administration_id: str, **values: Any) -> None:
        table = self._administrations
        await connection.execute(
            update(table).where(table.c.administration_id == administration_id).values(**values)
        )


def _packed(keys: Collection[int]) -> bytes:
    return struct.pack(f"<{len(keys)}q", *sorted(keys))


def _unpacked(keys: bytes) -> set[int]:
    return set(struct.unpack(f"<{len(keys) // 8}q", keys))
