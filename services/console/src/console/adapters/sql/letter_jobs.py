"""Jobs over many dead letters: each step is one transaction, so that a job goes on where it stopped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql import letters, orders
from console.adapters.sql.read_model import record_in
from console.adapters.sql.tables import dead_letters, letter_job_items, letter_jobs
from console.adapters.sql.tables import orders as orders_table
from console.adapters.sql.transactions import Transactions
from console.domain.letter_jobs import ItemOutcome, ItemTrouble, JobKind, JobOrder, LetterJob, Selection, Way
from console.domain.letters import DeadLetter, LetterState
from console.domain.standing import OrderRow
from console.ports import BegunDiscard, BegunReplay, JobItem, JobResult, Outgoing, PendingReplay
from sconnect.contracts import OrderReplayRequested
from sconnect.persistence import translate_database_errors

TROUBLES_SHOWN_MAX = 50

_ITEM = letter_job_items.c
_LETTER = dead_letters.c


class SqlLetterJobs:
    """LetterJobs of console.ports."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    @translate_database_errors()
    async def chosen(self, job: JobOrder) -> list[DeadLetter]:
        light = [column for column in _LETTER if column is not _LETTER.message]
        statement = select(*light, null().label("message")).where(*_conditions(job))
        async with self._transactions.reading() as connection:
            return await letters.read_rows(connection, statement.order_by(*letters.OLDEST_FIRST))

    @translate_database_errors()
    async def add(self, job: LetterJob) -> None:
        order = job.order
        number = func.row_number().over(order_by=letters.OLDEST_FIRST)
        chosen = select(
            literal(job.id), number, _LETTER.id, _LETTER.order_number, literal(ItemOutcome.WAITING.value)
        ).where(*_conditions(order))
        names = ["job_id", "position", "letter_id", "order_number", "outcome"]
        async with self._transactions.writing() as connection:
            await connection.execute(
                insert(letter_jobs).values(
                    id=job.id,
                    kind=order.kind.value,
                    selection=json.dumps(asdict(order.selection)),
                    way=order.way.value,
                    decision_kind=order.decision_kind,
                    decision_value=order.decision_value,
                    why=order.why,
                    requested_by=order.by,
                    requested_at=job.requested_at,
                )
            )
            await connection.execute(insert(letter_job_items).from_select(names, chosen))

    @translate_database_errors()
    async def job(self, job_id: str) -> LetterJob | None:
        async with self._transactions.reading() as connection:
            row = (
                await connection.execute(select(letter_jobs).where(letter_jobs.c.id == job_id))
            ).one_or_none()
            return None if row is None else (await _read_jobs(connection, [row]))[0]

    @translate_database_errors()
    async def latest(self, *, limit: int) -> list[LetterJob]:
        statement = select(letter_jobs).order_by(letter_jobs.c.requested_at.desc()).limit(limit)
        async with self._transactions.reading() as connection:
            rows = (await connection.execute(statement)).all()
            return await _read_jobs(connection, rows)

    @translate_database_errors()
    async def next_open(self) -> LetterJob | None:
        statement = (
            select(letter_jobs)
            .where(letter_jobs.c.finished_at.is_(None))
            .order_by(letter_jobs.c.requested_at, letter_jobs.c.id)
            .limit(1)
        )
        async with self._transactions.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
            return None if row is None else (await _read_jobs(connection, [row]))[0]

    @translate_database_errors()
    async def items(self, job_id: str, outcome: ItemOutcome, *, limit: int) -> list[JobItem]:
        statement = (
            select(_ITEM.position, _ITEM.letter_id)
            .where(_ITEM.job_id == job_id, _ITEM.outcome == outcome.value)
            .order_by(_ITEM.position)
            .limit(limit)
        )
        async with self._transactions.reading() as connection:
            places = (await connection.execute(statement)).all()
            found = select(dead_letters).where(_LETTER.id.in_([place.letter_id for place in places]))
            by_id = {letter.id: letter for letter in await letters.read_rows(connection, found)}
            rows = await _rows_of(connection, by_id.values())
        return [
            JobItem(
                position=place.position,
                letter=by_id[place.letter_id],
                row=rows.get((by_id[place.letter_id].profile, by_id[place.letter_id].order_uuid or "")),
            )
            for place in places
            if place.letter_id in by_id  # or it was forgotten since the places were read
        ]

    @translate_database_errors()
    async def begin_replays(
        self, job_id: str, begun: Sequence[BegunReplay], at: datetime
    ) -> list[BegunReplay]:
        requests = {replay.letter_id: replay.request for replay in begun}
        async with self._transactions.writing() as connection:
            await _lock_orders(connection, [request for request in requests.values() if request])
            outgoing = {replay.letter_id: replay.outgoing for replay in begun}
            marked = await letters.begin_replays(connection, outgoing, at)
            told = [request for letter_id, request in requests.items() if request and letter_id in marked]
            if told:
                await orders.record_many(connection, [(request, request.order) for request in told])
            taken = [replay for replay in begun if replay.letter_id in marked]
            await _set_outcome(connection, job_id, [replay.position for replay in taken], ItemOutcome.BEGUN)
        return taken

    @translate_database_errors()
    async def begin_discards(self, job_id: str, begun: Sequence[BegunDiscard]) -> None:
        async with self._transactions.writing() as connection:
            for discard in begun:
                await record_in(connection, discard.event)
            positions = [discard.position for discard in begun]
            await _set_outcome(connection, job_id, positions, ItemOutcome.BEGUN)

    @translate_database_errors()
    async def unpublished(self, job_id: str, *, limit: int) -> list[tuple[int, PendingReplay]]:
        statement = (
            select(_ITEM.position, _LETTER.id, *_OUTGOING)
            .join(dead_letters, _LETTER.id == _ITEM.letter_id)
            .where(_ITEM.job_id == job_id, _ITEM.outcome == ItemOutcome.BEGUN.value)
            .where(_LETTER.outgoing_body.is_not(None))
            .order_by(_ITEM.position)
            .limit(limit)
        )
        async with self._transactions.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return [(row.position, _pending(row)) for row in rows]

    @translate_database_errors()
    async def finish_items(self, job_id: str, positions: Sequence[int], letter_ids: Sequence[str]) -> None:
        async with self._transactions.writing() as connection:
            await letters.finish_replays(connection, letter_ids)
            await _set_outcome(connection, job_id, positions, ItemOutcome.DONE)

    @translate_database_errors()
    async def refuse_item(self, job_id: str, position: int, key: str, details: Mapping[str, str]) -> None:
        async with self._transactions.writing() as connection:
            await connection.execute(
                update(letter_job_items)
                .where(_ITEM.job_id == job_id, _ITEM.position == position)
                .values(
                    outcome=ItemOutcome.REFUSED.value,
                    trouble_key=key,
                    trouble_details=json.dumps(dict(details)),
                )
            )

    @translate_database_errors()
    async def finish(self, job_id: str, at: datetime) -> None:
        """Also settles what was begun and has nothing left to publish."""
        async with self._transactions.writing() as connection:
            await connection.execute(
                update(letter_job_items)
                .where(_ITEM.job_id == job_id, _ITEM.outcome == ItemOutcome.BEGUN.value)
                .values(outcome=ItemOutcome.DONE.value)
            )
            await connection.execute(
                update(letter_jobs).where(letter_jobs.c.id == job_id).values(finished_at=at)
            )

    @translate_database_errors()
    async def results(self, job_id: str, *, after: int, at_most: int) -> list[JobResult]:
        statement = (
            select(letter_job_items, _LETTER.profile, _LETTER.order_uuid)
            .join(dead_letters, _LETTER.id == _ITEM.letter_id)
            .where(_ITEM.job_id == job_id, _ITEM.position > after)
            .order_by(_ITEM.position)
            .limit(at_most)
        )
        async with self._transactions.reading() as connection:
            items = (await connection.execute(statement)).all()
            rows = await _rows_of(connection, items)
        return [
            JobResult(
                position=item.position,
                letter_id=item.letter_id,
                profile=item.profile,
                order_number=item.order_number,
                outcome=ItemOutcome(item.outcome),
                trouble=_trouble(item) if item.trouble_key else None,
                row=rows.get((item.profile, item.order_uuid or "")),
            )
            for item in items
        ]


_OUTGOING = (_LETTER.outgoing_queue, _LETTER.outgoing_id, _LETTER.outgoing_body)


def _pending(row: Any) -> PendingReplay:
    outgoing = Outgoing(queue=row.outgoing_queue, message_id=row.outgoing_id, body=row.outgoing_body.encode())
    return PendingReplay(letter_id=row.id, outgoing=outgoing)


def _conditions(job: JobOrder) -> list[ColumnElement[bool]]:
    selection = job.selection
    if selection.of_job is not None:
        of_job = select(_ITEM.letter_id).where(_ITEM.job_id == selection.of_job)
        return [_LETTER.id.in_(of_job), _LETTER.state == LetterState.DISCARDED.value]
    conditions: list[ColumnElement[bool]] = [_LETTER.state == LetterState.OPEN.value]
    if selection.letter_ids:
        conditions = [_LETTER.id.in_(selection.letter_ids)]
    if selection.profile is not None:
        conditions.append(_LETTER.profile == selection.profile)
    if selection.order_number is not None:
        conditions.append(_LETTER.order_number == selection.order_number)
    if selection.reason_code is not None:
        conditions.append(_LETTER.reason_code == selection.reason_code)
    if selection.ledger_field is not None:
        conditions.append(_LETTER.ledger_field == selection.ledger_field)
    return conditions


async def _set_outcome(
    connection: AsyncConnection, job_id: str, positions: Sequence[int], outcome: ItemOutcome
) -> None:
    for start in range(0, len(positions), letters.IDS_PER_STATEMENT_MAX):
        part = positions[start : start + letters.IDS_PER_STATEMENT_MAX]
        await connection.execute(
            update(letter_job_items)
            .where(_ITEM.job_id == job_id, _ITEM.position.in_(part))
            .values(outcome=outcome.value)
        )


async def _lock_orders(connection: AsyncConnection, requests: Sequence[OrderReplayRequested]) -> None:
    """The orders before their letters, as everywhere: two transactions never wait for each other."""
    if connection.dialect.name == "postgresql":
        uuids = sorted(request.order.uuid for request in requests)
        chosen = select(orders_table.c.order_uuid).where(orders_table.c.order_uuid.in_(uuids))
        await connection.execute(chosen.order_by(orders_table.c.order_uuid).with_for_update())


async def _rows_of(connection: AsyncConnection, chosen: Any) -> dict[tuple[str, str], OrderRow]:
    by_profile: dict[str, list[str]] = {}
    for letter in chosen:
        if letter.order_uuid is not None:
            by_profile.setdefault(letter.profile, []).append(letter.order_uuid)
    return {
        (profile, row.order_uuid): row
        for profile, uuids in by_profile.items()
        for row in await orders.by_uuids(connection, profile, uuids)
    }


async def _read_jobs(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[LetterJob]:
    counts = await _counts(connection, [row.id for row in rows])
    return [
        _job(
            row,
            counts.get(row.id, {}),
            await _troubles(connection, row.id) if ItemOutcome.REFUSED in counts.get(row.id, {}) else (),
        )
        for row in rows
    ]


async def _counts(connection: AsyncConnection, job_ids: Sequence[str]) -> dict[str, dict[ItemOutcome, int]]:
    """By job and outcome, the number of letters."""
    statement = (
        select(_ITEM.job_id, _ITEM.outcome, func.count())
        .where(_ITEM.job_id.in_(job_ids))
        .group_by(_ITEM.job_id, _ITEM.outcome)
    )
    found: dict[str, dict[ItemOutcome, int]] = {}
    for job_id, outcome, count in (await connection.execute(statement)).all():
        found.setdefault(job_id, {})[ItemOutcome(outcome)] = count
    return found


async def _troubles(connection: AsyncConnection, job_id: str) -> tuple[ItemTrouble, ...]:
    statement = (
        select(letter_job_items)
        .where(_ITEM.job_id == job_id, _ITEM.outcome == ItemOutcome.REFUSED.value)
        .order_by(_ITEM.position)
        .limit(TROUBLES_SHOWN_MAX)
    )
    return tuple(_trouble(item) for item in (await connection.execute(statement)).all())


def _job(row: Row[Any], counts: Mapping[ItemOutcome, int], troubles: tuple[ItemTrouble, ...]) -> LetterJob:
    selection = json.loads(row.selection)
    return LetterJob(
        id=row.id,
        order=JobOrder(
            kind=JobKind(row.kind),
            selection=Selection(**{**selection, "letter_ids": tuple(selection["letter_ids"])}),
            by=row.requested_by,
            way=Way(row.way),
            decision_kind=row.decision_kind,
            decision_value=row.decision_value,
            why=row.why,
        ),
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        counts=counts,
        troubles=troubles,
    )


def _trouble(item: Row[Any]) -> ItemTrouble:
    return ItemTrouble(
        letter_id=item.letter_id,
        order_number=item.order_number,
        key=item.trouble_key,
        details=json.loads(item.trouble_details),
    )
