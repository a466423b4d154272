"""Remembered links in the service's database; a row that is not told yet is its own outbox."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.memory import memory_keys
from customer_resolver.domain.recognition import NORMAL_FORM_VERSION
from customer_resolver.ports import Forgotten, LinkNews, OrderReference, RememberedLink
from sconnect.persistence import insert_if_absent, reading, translate_database_errors, upsert

NEWS_MAX = 100


class SqlLinkMemory:
    """Every call is one transaction (UpstreamUnavailable when it cannot be).

    The keys are hashes of one normal form: links of another are given new keys from their buyer before the
    first look into an administration.
    """

    def __init__(
        self, engine: AsyncEngine, tables: ResolverTables, *, key_version: int = NORMAL_FORM_VERSION
    ) -> None:
        self._engine = engine
        self._links = tables.links
        self._keys = tables.link_keys
        self._key_version = key_version
        self._current: set[str] = set()

    @translate_database_errors()
    async def recall(self, administration_id: str, keys: Sequence[int]) -> tuple[RememberedLink, ...]:
        if administration_id not in self._current:
            await self._make_keys_anew(administration_id)
            self._current.add(administration_id)
        statement = (
            select(self._links, self._keys.c.key)
            .join(self._keys, self._keys.c.link_id == self._links.c.id)
            .where(self._keys.c.administration_id == administration_id, self._keys.c.key.in_(keys))
        )
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        strongest_first = sorted(rows, key=lambda row: keys.index(row.key))
        return tuple({row.id: _link(row) for row in strongest_first}.values())

    @translate_database_errors()
    async def remember(self, link: RememberedLink, keys: Sequence[int]) -> None:
        async with self._engine.begin() as connection:
            added = await connection.execute(insert_if_absent(self._links, **self._values(link)))
            if added.rowcount == 1:
                await self._give_keys(connection, link.id, link.administration_id, keys)

    @translate_database_errors()
    async def forget(self, link_id: str, why: Forgotten, *, by: str | None = None) -> None:
        async with self._engine.begin() as connection:
            await self._forget(connection, link_id, why, by)

    @translate_database_errors()
    async def untold(self) -> tuple[LinkNews, ...]:
        table = self._links
        statement = select(table).where(table.c.told.is_(False)).order_by(table.c.decided_at).limit(NEWS_MAX)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(
            LinkNews(
                link=_link(row),
                forgotten=None if row.forgotten is None else Forgotten(row.forgotten),
                forgotten_by=row.forgotten_by,
            )
            for row in rows
        )

    @translate_database_errors()
    async def mark_told(self, news: LinkNews) -> None:
        table = self._links
        is_it = table.c.id == news.link.id
        async with self._engine.begin() as connection:
            if news.forgotten is not None:
                await connection.execute(delete(table).where(is_it))
            else:
                # Forgotten while it was told: that is news of its own.
                unchanged = is_it & table.c.forgotten.is_(None)
                await connection.execute(update(table).where(unchanged).values(told=True))

    async def _give_keys(
        self, connection: AsyncConnection, link_id: str, administration_id: str, keys: Sequence[int]
    ) -> None:
        had = select(self._keys.c.link_id).where(
            self._keys.c.administration_id == administration_id, self._keys.c.key.in_(keys)
        )
        overruled = set((await connection.execute(had)).scalars()) - {link_id}
        for key in sorted(set(keys)):
            values = {"administration_id": administration_id, "key": key, "link_id": link_id}
            await connection.execute(upsert(self._keys, ("administration_id", "key"), **values))
        for other in sorted(overruled):
            left = select(self._keys.c.key).where(self._keys.c.link_id == other).limit(1)
            if (await connection.execute(left)).first() is None:
                await self._forget(connection, other, Forgotten.REPLACED, None)

    async def _forget(
        self, connection: AsyncConnection, link_id: str, why: Forgotten, by: str | None
    ) -> None:
        table = self._links
        remembered = (table.c.id == link_id) & table.c.forgotten.is_(None)
        values = {"forgotten": why.value, "forgotten_by": by, "told": False}
        if (await connection.execute(update(table).where(remembered).values(**values))).rowcount == 1:
            await connection.execute(delete(self._keys).where(self._keys.c.link_id == link_id))

    async def _make_keys_anew(self, administration_id: str) -> None:
        table = self._links
        stale = (
            (table.c.administration_id == administration_id)
            & (table.c.key_version < self._key_version)
            & table.c.forgotten.is_(None)
        )
        async with self._engine.begin() as connection:
            # The latest decision last: it overrules.
            rows = await connection.execute(select(table).where(stale).order_by(table.c.decided_at))
            for row in rows.all():
                await connection.execute(delete(self._keys).where(self._keys.c.link_id == row.id))
                is_it = table.c.id == row.id
                await connection.execute(update(table).where(is_it).values(key_version=self._key_version))
                keys = memory_keys(_link(row).buyer, administration_id)
                await self._give_keys(connection, row.id, administration_id, keys)

    def _values(self, link: RememberedLink) -> dict[str, Any]:
        return {
            "id": link.id,
            "administration_id": link.administration_id,
            "profile": link.order.profile,
            "order_uuid": link.order.uuid,
            "order_number": link.order_number,
            "buyer": json.dumps(_buyer_document(link.buyer), ensure_ascii=False),
            "relation_id": link.relation_id,
            "customer_number": link.customer_number,
            "customer_name": link.customer_name,
            "decided_by": link.decided_by,
            "decided_at": link.decided_at,
            "turned_down": json.dumps(sorted(link.turned_down)),
            "key_version": self._key_version,
            "told": False,
        }


def _link(row: Row[Any]) -> RememberedLink:
    return RememberedLink(
        id=row.id,
        administration_id=row.administration_id,
        order=OrderReference(profile=row.profile, uuid=row.order_uuid),
        order_number=row.order_number,
        buyer=_buyer(json.loads(row.buyer)),
        relation_id=row.relation_id,
        customer_number=row.customer_number,
        customer_name=row.customer_name,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        turned_down=frozenset(json.loads(row.turned_down)),
    )


def _buyer_document(buyer: Buyer) -> dict[str, Any]:
    address = buyer.address
    return {
        "email": buyer.email,
        "company": buyer.company,
        "person": buyer.person,
        "is_business": buyer.is_business,
        "account_id": buyer.account_id,
        "street": address.street,
        "postcode": address.postcode,
        "house_number": address.house_number,
        "country_code": address.country_code,
    }


def _buyer(document: dict[str, Any]) -> Buyer:
    place = {name: document.pop(name) for name in ("street", "postcode", "house_number", "country_code")}
    return Buyer(**document, address=Address(**place))
