"""Dead letters; every function runs in the caller's transaction."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.reasons import read_reason, reason_values
from console.adapters.sql.tables import dead_letters
from console.domain.ledger_places import waited_for
from console.domain.letter_list import LetterPlace
from console.domain.letters import REPLAYABLE, DeadLetter, LetterMark, LetterState
from console.domain.standing import FIRST_VERSION, Discard, Standing, ToldReason
from console.ports import Outgoing, PendingReplay
from sconnect.persistence import insert_if_absent

IDS_PER_STATEMENT_MAX = 500

_STATE = dead_letters.c.state
# Of one moment by number.
OLDEST_FIRST = (
    dead_letters.c.since,
    func.length(dead_letters.c.order_number),
    dead_letters.c.order_number,
    dead_letters.c.id,
)


async def add(connection: AsyncConnection, letter: DeadLetter) -> None:
    """Keep a dead letter that is not known yet."""
    await connection.execute(
        insert_if_absent(
            dead_letters,
            id=letter.id,
            profile=letter.profile,
            order_uuid=letter.order_uuid,
            order_number=letter.order_number,
            revision=letter.version[0] if letter.version else None,
            replay=letter.version[1] if letter.version else None,
            service=letter.service,
            queue=letter.queue,
            **reason_values(letter.reason),
            suggestions=json.dumps([dict(suggestion) for suggestion in letter.suggestions]),
            attempts=letter.attempts,
            since=letter.since,
            message=letter.message,
            state=letter.state.value,
            copy_held=letter.copy_held,
            ledger_field=waited_for(letter.reason),
        )
    )


async def overtake(connection: AsyncConnection, profile: str, uuid: str, standing: Standing) -> None:
    """Close the order's dead letters whose version no longer matters."""
    if not standing.overtakes(FIRST_VERSION):
        return
    revision, replay = standing.heard
    older = or_(
        dead_letters.c.revision < revision,
        and_(dead_letters.c.revision == revision, dead_letters.c.replay < replay),
    )
    of_order = (dead_letters.c.profile == profile) & (dead_letters.c.order_uuid == uuid)
    moot = of_order if standing.booking else of_order & older
    await connection.execute(
        update(dead_letters)
        .where(moot, _STATE != LetterState.OVERTAKEN)
        .values(state=LetterState.OVERTAKEN.value, outgoing_queue=None, outgoing_id=None, outgoing_body=None)
    )


async def find(connection: AsyncConnection, letter_id: str) -> DeadLetter | None:
    return next(
        iter(await read_rows(connection, select(dead_letters).where(dead_letters.c.id == letter_id))), None
    )


async def open_ones(
    connection: AsyncConnection, profile: str | None, after: LetterPlace | None, at_most: int | None
) -> list[DeadLetter]:
    """What waits for a person, the oldest first; without their messages, which would fill the memory."""
    light = [column for column in dead_letters.c if column is not dead_letters.c.message]
    statement = select(*light, null().label("message")).where(_STATE == LetterState.OPEN)
    if profile is not None:
        statement = statement.where(dead_letters.c.profile == profile)
    if after is not None:
        statement = statement.where(comes_after(after))
    return await read_rows(
        connection, statement.order_by(dead_letters.c.since, dead_letters.c.id).limit(at_most)
    )


def comes_after(place: LetterPlace) -> ColumnElement[bool]:
    """In a list of the oldest first."""
    since, letter_id = dead_letters.c.since, dead_letters.c.id
    return and_(since >= place.at, or_(since > place.at, letter_id > place.letter_id))


async def discard(connection: AsyncConnection, letter_id: str, discarded: Discard, at: datetime) -> None:
    """Put it away, unless a later decision was taken."""
    columns = dead_letters.c
    undecided = _STATE.in_([LetterState.OPEN.value, LetterState.REPLAYED.value])
    last_decision = or_(columns.decided_at.is_(None), columns.decided_at < at)
    await connection.execute(
        update(dead_letters)
        .where(columns.id == letter_id, undecided, last_decision)
        .values(
            state=LetterState.DISCARDED.value,
            discarded_by=discarded.by,
            discarded_why=discarded.why,
            decided_at=at,
        )
    )


async def begin_replay(
    connection: AsyncConnection, letter_id: str, outgoing: Outgoing | None, at: datetime
) -> bool:
    """Mark a replay before it is published; False when the letter cannot be replayed any more."""
    result = await connection.execute(
        update(dead_letters)
        .where(dead_letters.c.id == letter_id, _STATE.in_([state.value for state in REPLAYABLE]))
        .values(
            state=LetterState.REPLAYING.value,
            decided_at=at,
            discarded_by=None,
            discarded_why=None,
            outgoing_queue=outgoing.queue if outgoing else None,
            outgoing_id=outgoing.message_id if outgoing else None,
            outgoing_body=outgoing.body.decode() if outgoing else None,
        )
    )
    return result.rowcount == 1


async def begin_replays(
    connection: AsyncConnection, outgoing: Mapping[str, Outgoing | None], at: datetime
) -> frozenset[str]:
    """`begin_replay` for at most IDS_PER_STATEMENT_MAX letters; the ids of those that could be marked."""
    replayable = _STATE.in_([state.value for state in REPLAYABLE])
    statement = (
        select(dead_letters.c.id)
        .where(dead_letters.c.id.in_(list(outgoing)), replayable)
        .order_by(dead_letters.c.id)
        .with_for_update()
    )
    marked = frozenset((await connection.scalars(statement)).all())
    if marked:
        await connection.execute(
            _MARK_REPLAYING,
            [
                {
                    "letter_id": letter_id,
                    "new_decided_at": at,
                    "new_queue": each.queue if each else None,
                    "new_id": each.message_id if each else None,
                    "new_body": each.body.decode() if each else None,
                }
                for letter_id, each in outgoing.items()
                if letter_id in marked
            ],
        )
    return marked


async def finish_replays(connection: AsyncConnection, letter_ids: Collection[str]) -> None:
    """The broker has these replays."""
    await connection.execute(
        update(dead_letters)
        .where(dead_letters.c.id.in_(list(letter_ids)), _STATE.in_([LetterState.REPLAYING.value]))
        .values(state=LetterState.REPLAYED.value, outgoing_queue=None, outgoing_id=None, outgoing_body=None)
    )


async def pending_replays(connection: AsyncConnection) -> list[PendingReplay]:
    """Replays that were marked and not confirmed by the broker; those of one moment as a job takes them."""
    waiting = (_STATE == LetterState.REPLAYING) & dead_letters.c.outgoing_body.is_not(None)
    in_order = select(dead_letters).where(waiting).order_by(dead_letters.c.decided_at, *OLDEST_FIRST)
    rows = (await connection.execute(in_order)).all()
    return [
        PendingReplay(
            letter_id=row.id,
            outgoing=Outgoing(
                queue=row.outgoing_queue, message_id=row.outgoing_id, body=row.outgoing_body.encode()
            ),
        )
        for row in rows
    ]


async def finish_replay(connection: AsyncConnection, letter_id: str) -> None:
    """The broker has the replay; a letter that was overtaken meanwhile stays so."""
    await _change(connection, letter_id, LetterState.REPLAYING, LetterState.REPLAYED)


async def reopen(connection: AsyncConnection, letter_id: str) -> None:
    await _change(connection, letter_id, LetterState.REPLAYED, LetterState.OPEN)


async def expected(connection: AsyncConnection, queue: str) -> dict[str, LetterMark]:
    held = (dead_letters.c.queue == queue) & dead_letters.c.copy_held
    rows = (await connection.execute(_MARKS.where(held))).all()
    return {row.id: _read_mark(row) for row in rows}


async def mark(connection: AsyncConnection, letter_id: str) -> LetterMark | None:
    row = (await connection.execute(_MARKS.where(dead_letters.c.id == letter_id))).one_or_none()
    return None if row is None else _read_mark(row)


async def note_copies(connection: AsyncConnection, ids: Collection[str], *, held: bool) -> None:
    wanted = sorted(ids)
    for start in range(0, len(wanted), IDS_PER_STATEMENT_MAX):
        part = wanted[start : start + IDS_PER_STATEMENT_MAX]
        await connection.execute(
            update(dead_letters).where(dead_letters.c.id.in_(part)).values(copy_held=held)
        )


async def forget_discarded(connection: AsyncConnection, decided_before: datetime) -> None:
    expired = (_STATE == LetterState.DISCARDED) & (dead_letters.c.decided_at <= decided_before)
    await connection.execute(
        update(dead_letters).where(expired, dead_letters.c.message.is_not(None)).values(message=None)
    )


async def _change(connection: AsyncConnection, letter_id: str, old: LetterState, new: LetterState) -> None:
    await connection.execute(
        update(dead_letters)
        .where(dead_letters.c.id == letter_id, _STATE.in_([old.value]))
        .values(state=new.value, outgoing_queue=None, outgoing_id=None, outgoing_body=None)
    )


async def read_rows(connection: AsyncConnection, statement: Select[Any]) -> list[DeadLetter]:
    return [_read(row) for row in (await connection.execute(statement)).all()]


def _read(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        profile=row.profile,
        order_uuid=row.order_uuid,
        order_number=row.order_number,
        version=None if row.revision is None else (row.revision, row.replay),
        service=row.service,
        queue=row.queue,
        reason=read_reason(row) or ToldReason(code=""),
        suggestions=tuple(json.loads(row.suggestions)),
        attempts=row.attempts,
        since=row.since,
        message=row.message,
        state=LetterState(row.state),
        copy_held=row.copy_held,
        discard=Discard(by=row.discarded_by, why=row.discarded_why) if row.discarded_by else None,
        decided_at=row.decided_at,
    )


def _read_mark(row: Row[Any]) -> LetterMark:
    return LetterMark(
        state=LetterState(row.state),
        about_an_order=row.order_uuid is not None,
        decided_at=row.decided_at,
    )


_MARKS: Select[Any] = select(dead_letters.c.id, _STATE, dead_letters.c.order_uuid, dead_letters.c.decided_at)
_MARK_REPLAYING = (
    update(dead_letters)
    .where(dead_letters.c.id == bindparam("letter_id"))
    .values(
        state=LetterState.REPLAYING.value,
        decided_at=bindparam("new_decided_at"),
        discarded_by=None,
        discarded_why=None,
        outgoing_queue=bindparam("new_queue"),
        outgoing_id=bindparam("new_id"),
        outgoing_body=bindparam("new_body"),
    )
)
