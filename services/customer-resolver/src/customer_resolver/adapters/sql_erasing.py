"""Forgets what the service's database knows of a person, known by an e-mail address."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from customer_resolver.adapters.relation_documents import read_relation
from customer_resolver.adapters.sql_links import SqlLinkMemory
from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.ports import Forgotten
from sconnect.persistence import reading, translate_database_errors

Card = tuple[str, str]
"""An administration, and a relation in it."""


@dataclass
class ErasedPerson:
    counts: dict[str, int] = field(default_factory=dict)
    under_way: int = 0
    customer_numbers: tuple[int, ...] = ()


class SqlPersonEraser:
    """One transaction for the mirror and the claims, one per remembered link.

    The address is looked for in the whole of the kept texts: this happens seldom, and keys of an address
    alone are not kept for all of them.
    """

    def __init__(self, engine: AsyncEngine, tables: ResolverTables, memory: SqlLinkMemory) -> None:
        self._engine = engine
        self._tables = tables
        self._memory = memory

    @translate_database_errors()
    async def erase(self, email: str, *, by: str) -> ErasedPerson:
        address, erased = email.strip().lower(), ErasedPerson()
        async with self._engine.begin() as connection:
            cards = await self._forget_relations(connection, address, erased)
            cards |= await self._forget_claims(connection, address, erased)
            await self._forget_what_was_changed(connection, cards, erased)
        await self._forget_links(address, cards, erased, by)
        return erased

    async def _forget_relations(
        self, connection: AsyncConnection, address: str, erased: ErasedPerson
    ) -> set[Card]:
        table, keys = self._tables.relations, self._tables.relation_keys
        rows = (await connection.execute(select(table).where(_holds(table.c.content, address)))).all()
        theirs = [row for row in rows if address in map(str.lower, read_relation(row.content).emails)]
        numbers = [row.row_number for row in theirs]
        gone = await connection.execute(delete(keys).where(keys.c.relation_row.in_(numbers)))
        await connection.execute(delete(table).where(table.c.row_number.in_(numbers)))
        erased.counts["mirrored_cards"] = len(theirs)
        erased.counts["recognition_keys"] = gone.rowcount
        erased.customer_numbers = tuple(sorted({row.number for row in theirs}))
        return {(row.administration_id, row.relation_id) for row in theirs}

    async def _forget_claims(
        self, connection: AsyncConnection, address: str, erased: ErasedPerson
    ) -> set[Card]:
        """What was sent to make a card. One that is being made now keeps a second from being made."""
        table = self._tables.claims
        rows = (await connection.execute(select(table).where(_holds(table.c.sent, address)))).all()
        settled = [row for row in rows if row.settled_at is not None]
        erased.under_way = len(rows) - len(settled)
        for row in settled:
            is_it = (
                (table.c.administration_id == row.administration_id)
                & (table.c.profile == row.profile)
                & (table.c.order_uuid == row.order_uuid)
            )
            # That a card was made for the order stays known, without whose: a replay makes no second one.
            await connection.execute(update(table).where(is_it).values(sent=None))
        erased.counts["sent_cards"] = len(settled)
        return {(row.administration_id, row.relation_id) for row in settled if row.relation_id}

    async def _forget_what_was_changed(
        self, connection: AsyncConnection, cards: Collection[Card], erased: ErasedPerson
    ) -> None:
        updates, resolutions = self._tables.card_updates, self._tables.resolutions
        gone = await connection.execute(delete(updates).where(_is_one_of(updates.c, cards)))
        erased.counts["card_updates"] = gone.rowcount
        # Whose an order is stays known by the number of the card, for credit orders; the comparison goes.
        told = await connection.execute(
            update(resolutions)
            .where(_is_one_of(resolutions.c, cards), resolutions.c.details.is_not(None))
            .values(details=None)
        )
        erased.counts["comparisons"] = told.rowcount

    async def _forget_links(
        self, address: str, cards: Collection[Card], erased: ErasedPerson, by: str
    ) -> None:
        table = self._tables.links
        theirs = _holds(table.c.buyer, address) | _is_one_of(table.c, cards)
        async with reading(self._engine) as connection:
            statement = select(table.c.id, table.c.buyer, table.c.administration_id, table.c.relation_id)
            rows = (await connection.execute(statement.where(theirs, table.c.forgotten.is_(None)))).all()
        links = [
            row.id
            for row in rows
            if (row.administration_id, row.relation_id) in cards
            or (json.loads(row.buyer).get("email") or "").lower() == address
        ]
        for link_id in links:
            # The teller removes the row when the console has heard of it.
            await self._memory.forget(link_id, Forgotten.BY_HAND, by=by)
        erased.counts["remembered_decisions"] = len(links)


def _holds(column: Column[Any], address: str) -> ColumnElement[bool]:
    return func.lower(column).contains(address, autoescape=True)


def _is_one_of(columns: Any, cards: Collection[Card]) -> ColumnElement[bool]:
    return tuple_(columns.administration_id, columns.relation_id).in_(sorted(cards))
