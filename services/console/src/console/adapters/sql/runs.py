"""Import runs and pauses; every function runs in the caller's transaction."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.reasons import read_reason, reason_values
from console.adapters.sql.tables import import_runs, profile_states
from console.domain.runs import ImportRun
from console.domain.standing import ToldReason
from console.handlers.news import told_reason
from console.ports import Pause
from sconnect.contracts import ImportRunFinished, Message, ProfileChanged, ProfilePaused, ProfileResumed
from sconnect.persistence import upsert

STAGES = ("poller", "customer-resolver", "booking-writer")


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


async def last_finished(connection: AsyncConnection) -> dict[str, ImportRun]:
    """By profile, the run that finished last."""
    statement = select(import_runs).where(import_runs.c.run_id.in_(_last_run_ids()))
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


def _last_run_ids() -> Any:
    ranked = (
        select(
            import_runs.c.run_id,
            func.row_number()
            .over(
                partition_by=import_runs.c.profile,
                order_by=(import_runs.c.finished_at.desc(), import_runs.c.run_id),
            )
            .label("place"),
        )
        .where(import_runs.c.finished_at.is_not(None))
        .subquery()
    )
    return select(ranked.c.run_id).where(ranked.c.place == 1)


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
