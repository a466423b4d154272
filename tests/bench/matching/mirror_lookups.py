"""The product's mirror under the clock: filled with a set's relations, asked for its orders' buyers."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter

from sqlalchemy import MetaData

from bench.matching.evaluation import MeasuredSet, write_countries
from customer_resolver.adapters.sql_mirror import SqlCustomerMirror
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition import (
    Recognition,
    Statistics,
    StatisticsCount,
    keys_of_buyer,
    recognise,
)
from customer_resolver.domain.relations import Relation
from customer_resolver.evaluation.catalogue import read_country_codes, read_relations
from customer_resolver.evaluation.orders import read_orders
from sconnect.persistence import create_engine

ADMINISTRATION_ID = "measured"
# A page of SnelStart: what the product saves at once.
PAGE_RELATIONS = 500


@asynccontextmanager
async def open_mirror(url: str) -> AsyncIterator[SqlCustomerMirror]:
    engine = create_engine(url)
    try:
        yield SqlCustomerMirror(engine, resolver_tables(MetaData()))
    finally:
        await engine.dispose()


def relations_of(measured: MeasuredSet) -> Iterator[Relation]:
    return read_relations(measured.customers, read_country_codes(write_countries(measured.folder)))


def buyers_of(measured: MeasuredSet, count: int) -> list[Buyer]:
    return [order.buyer for order in islice(read_orders(measured.orders, code_field="reference"), count)]


async def fill(mirror: SqlCustomerMirror, measured: MeasuredSet) -> float:
    """Read, normalise and store all relations as a full read does; returns the seconds."""
    started = perf_counter()
    count = StatisticsCount()
    relations = relations_of(measured)
    full_read = await mirror.begin_full_read(ADMINISTRATION_ID)
    while page := list(islice(relations, PAGE_RELATIONS)):
        for relation in page:
            count.add(relation)
        await mirror.save(ADMINISTRATION_ID, page)
    began_at = datetime.now(UTC)
    await mirror.finish_full_read(ADMINISTRATION_ID, full_read, began_at, count.statistics())
    return perf_counter() - started


async def time_lookups(mirror: SqlCustomerMirror, buyers: list[Buyer]) -> list[float]:
    """Milliseconds per buyer: keys, candidates, comparison, decision."""
    statistics = await mirror.statistics(ADMINISTRATION_ID)
    return [await _time_lookup(mirror, buyer, statistics) for buyer in buyers]


async def _time_lookup(mirror: SqlCustomerMirror, buyer: Buyer, statistics: Statistics) -> float:
    started = perf_counter()
    candidates = await mirror.candidates(ADMINISTRATION_ID, keys_of_buyer(buyer, ADMINISTRATION_ID))
    recognise(buyer, candidates, statistics, administration_id=ADMINISTRATION_ID, by=Recognition.SMART)
    return (perf_counter() - started) * 1000


async def time_changes(mirror: SqlCustomerMirror, measured: MeasuredSet, count: int) -> list[float]:
    """Milliseconds to bring one relation with a new e-mail address up to date, keys and commit included."""
    taken = []
    for number, relation in enumerate(islice(relations_of(measured), 1000, 1000 + count)):
        changed = replace(relation, emails=(f"changed{number}@example.nl",))
        started = perf_counter()
        await mirror.save(ADMINISTRATION_ID, [changed])
        taken.append((perf_counter() - started) * 1000)
    return taken


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def keep(file: Path, values: list[float]) -> None:
    file.write_text(json.dumps(values), encoding="utf-8")
