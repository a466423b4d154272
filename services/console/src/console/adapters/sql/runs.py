"""Import runs and pauses; every function runs in the caller's transaction."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.orders import read_order
from console.adapters.sql.reasons import read_reason, reason_values
from console.adapters.sql.tables import import_runs, orders, profile_states
from console.domain.runs import ImportRun, RunSummary
from console.domain.standing import OrderStatus, ToldReason
from console.handlers.news import told_reason
from console.ports import Pause
from sconnect.contracts import ImportRunFinished, Message, ProfileChanged, ProfilePaused, ProfileResumed
from sconnect.persistence import upsert

STAGES = ("poller", "customer-resolver", "booking-writer")
# Of the orders of a run these are shown first.
MOST_URGENT = (OrderStatus.DEAD_LETTERED, OrderStatus.WAITING)


async def request(connection: AsyncConnection, run: ImportRun) -> None:
    await connection.execute(
        upsert(
            import_runs,
            ["run_id"],
            run_id=run.run_id,
            profile=run.profile,
            requested_at=run.requested_at,
            requested_by=run.requested_by,
        )
    )


async def finish(connection: AsyncConnection, message: ImportRunFinished) -> None:
    failure = told_reason(message.failure) if message.failure else None
    await connection.execute(
        upsert(
            import_runs,
            ["run_id"],
            run_id=message.run_id,
            profile=message.profile,
            started_at=message.started_at,
            finished_at=message.occurred_at,
            order_uuids=json.dumps(message.order_uuids),
            next_order_number=message.next_order_number,
            missing_numbers=json.dumps(message.missing_numbers),
            **reason_values(failure, "failure"),
        )
    )


async def find(connection: AsyncConnection, run_id: str) -> ImportRun | None:
    row = (await connection.execute(select(import_runs).where(import_runs.c.run_id == run_id))).one_or_none()
    return None if row is None else _read_run(row)


async def summary(connection: AsyncConnection, run_id: str, shown_max: int) -> RunSummary | None:
    """Of a run of thousands the database counts the orders, and only those that are shown are read."""
    met = func.json_array_length(_orders_of_run(connection)).label("met")
    found: Select[Any] = select(*_LIGHT, met).where(import_runs.c.run_id == run_id)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        return None
    its_orders = (orders.c.profile == row.profile) & orders.c.order_uuid.in_(_uuids_of(connection, run_id))
    counted = select(orders.c.status, func.count()).where(its_orders).group_by(orders.c.status)
    urgency = case(
        {status.value: place for place, status in enumerate(MOST_URGENT)},
        value=orders.c.status,
        else_=len(MOST_URGENT),
    )
    shown = (
        select(orders)
        .where(its_orders)
        .order_by(urgency, orders.c.sort_number, orders.c.order_uuid)
        .limit(shown_max)
    )
    return RunSummary(
        run=_read_run(row),
        met=row.met,
        counts={OrderStatus(status): count for status, count in (await connection.execute(counted)).all()},
        shown=[read_order(order) for order in (await connection.execute(shown)).all()],
    )


async def last_finished(connection: AsyncConnection) -> dict[str, ImportRun]:
    """By profile, the run that finished last; without its orders, which may be very many."""
    statement = select(*_LIGHT).where(import_runs.c.run_id.in_(_last_run_ids()))
    return {row.profile: _read_run(row) for row in (await connection.execute(statement)).all()}


async def forget(connection: AsyncConnection, finished_before: datetime) -> None:
    await connection.execute(
        delete(import_runs).where(
            import_runs.c.finished_at < finished_before, import_runs.c.run_id.not_in(_last_run_ids())
        )
    )


async def note_state(connection: AsyncConnection, message: Message) -> None:
    """Pauses and resumes of a profile at a stage; saving the profile anew ends every pause."""
    if isinstance(message, ProfilePaused):
        await _set_state(connection, message, message.stage, told_reason(message.reason))
    elif isinstance(message, ProfileResumed):
        await _set_state(connection, message, message.stage, None)
    elif isinstance(message, ProfileChanged):
        for stage in STAGES:
            await _set_state(connection, message, stage, None)


async def pauses(connection: AsyncConnection) -> list[Pause]:
    statement = select(profile_states).where(profile_states.c.paused).order_by(profile_states.c.occurred_at)
    return [
        Pause(
            profile=row.profile,
            stage=row.stage,
            reason=read_reason(row) or ToldReason(code=""),
            since=row.occurred_at,
        )
        for row in (await connection.execute(statement)).all()
    ]


async def _set_state(
    connection: AsyncConnection, message: Message, stage: str, reason: ToldReason | None
) -> None:
    values = {"paused": reason is not None, **reason_values(reason), "occurred_at": message.occurred_at}
    statement = insert(profile_states).values(profile=message.profile, stage=stage, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["profile", "stage"],
        set_={name: statement.excluded[name] for name in values},
        where=_is_newer(statement.excluded),
    )
    await connection.execute(statement)


def _is_newer(told: Any) -> ColumnElement[bool]:
    # Of two at the same moment the pause counts, whichever arrives first.
    return or_(
        told.occurred_at > profile_states.c.occurred_at,
        and_(told.occurred_at == profile_states.c.occurred_at, told.paused),
    )


_LIGHT = (
    *(column for column in import_runs.c if column is not import_runs.c.order_uuids),
    null().label("order_uuids"),
)


def _orders_of_run(connection: AsyncConnection) -> Any:
    """The uuids of a run as an array that the database can take apart."""
    if connection.dialect.name == "postgresql":
        return cast(import_runs.c.order_uuids, JSON)
    return import_runs.c.order_uuids


def _uuids_of(connection: AsyncConnection, run_id: str) -> Any:
    """The uuids of a run, one a row."""
    is_postgresql = connection.dialect.name == "postgresql"
    taken_apart = func.json_array_elements_text if is_postgresql else func.json_each
    each = taken_apart(_orders_of_run(connection)).table_valued("value").alias("met")
    return (
        select(each.c.value).select_from(import_runs.join(each, true())).where(import_runs.c.run_id == run_id)
    )


def _last_run_ids() -> Any:
    """Of each profile; of runs that finished at the same moment the one with the lowest id."""
    last = (
        select(import_runs.c.profile, func.max(import_runs.c.finished_at).label("finished_at"))
        .where(import_runs.c.finished_at.is_not(None))
        .group_by(import_runs.c.profile)
        .subquery()
    )
    same = (import_runs.c.profile == last.c.profile) & (import_runs.c.finished_at == last.c.finished_at)
    return (
        select(func.min(import_runs.c.run_id))
        .select_from(last.join(import_runs, same))
        .group_by(import_runs.c.profile)
    )


def _read_run(row: Row[Any]) -> ImportRun:
    return ImportRun(
        run_id=row.run_id,
        profile=row.profile,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        order_uuids=None if row.order_uuids is None else tuple(json.loads(row.order_uuids)),
        next_order_number=row.next_order_number,
        missing_numbers=tuple(json.loads(row.missing_numbers or "[]")),
        failure=read_reason(row, "failure"),
    )
