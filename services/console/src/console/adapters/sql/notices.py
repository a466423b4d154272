"""What there is to tell people, and what each channel told them, in SQLite or PostgreSQL."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql import ledgers, runs
from console.adapters.sql.reasons import read_reason
from console.adapters.sql.tables import dead_letters, notice_channels, notices_told
from console.adapters.sql.transactions import Transactions
from console.domain.letters import LetterState
from console.domain.notices import ChannelMemory, Subject, SubjectKind, Untold
from console.notice_ports import NotDelivered
from console.ports import LedgerTrouble, Pause
from sconnect.ids import deterministic_id
from sconnect.persistence import translate_database_errors, upsert

LETTER_KEY = f"{SubjectKind.LETTER.value}:"
KEYS_PER_STATEMENT_MAX = 500

_told = notices_told.c
_is_open = dead_letters.c.state == LetterState.OPEN.value
_is_about_a_letter = _told.subject.startswith(LETTER_KEY)


class SqlNotices:
    """NoticeBook of console.notice_ports."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    @translate_database_errors()
    async def letters_open(self) -> int:
        async with self._transactions.reading() as connection:
            return await connection.scalar(select(func.count()).where(_is_open)) or 0

    @translate_database_errors()
    async def untold(self, channel: str) -> Untold:
        statement = select(func.count(), func.min(dead_letters.c.since)).where(_is_untold(channel))
        async with self._transactions.reading() as connection:
            count, oldest = (await connection.execute(statement)).one()
            others = [subject.since for subject in await _others(connection, channel)]
        moments = [*others, *([oldest] if oldest is not None else [])]
        return Untold(count=count + len(others), oldest=min(moments, default=None))

    @translate_database_errors()
    async def news(self, channel: str) -> list[Subject]:
        columns = (
            "id",
            "profile",
            "order_number",
            "reason_code",
            "reason_variant",
            "reason_details",
            "since",
        )
        statement = (
            select(*(dead_letters.c[name] for name in columns))
            .where(_is_untold(channel))
            .order_by(dead_letters.c.since, dead_letters.c.id)
        )
        async with self._transactions.reading() as connection:
            letters = [
                Subject(
                    kind=SubjectKind.LETTER,
                    key=f"{LETTER_KEY}{row.id}",
                    profile=row.profile,
                    since=row.since,
                    order_number=row.order_number,
                    reason=read_reason(row),
                )
                for row in (await connection.execute(statement)).all()
            ]
            return [*await _others(connection, channel), *letters]

    @translate_database_errors()
    async def forget_what_is_over(self) -> None:
        letter_id = func.substr(_told.subject, len(LETTER_KEY) + 1)
        solved = ~exists(select(1).where(_is_open, dead_letters.c.id == letter_id))
        async with self._transactions.reading() as connection:
            over = set(
                (await connection.scalars(select(_told.subject).where(_is_about_a_letter, solved))).all()
            )
            known = (await connection.scalars(select(_told.subject).where(~_is_about_a_letter))).all()
            over |= set(known) - {subject.key for subject in await _standing_still(connection)}
        if not over:
            return
        async with self._transactions.writing() as connection:
            for part in _parts(sorted(over)):
                await connection.execute(delete(notices_told).where(_told.subject.in_(part)))

    @translate_database_errors()
    async def memory(self, channel: str) -> ChannelMemory:
        statement = select(notice_channels).where(notice_channels.c.channel == channel)
        async with self._transactions.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return ChannelMemory()
        return ChannelMemory(
            last_sent_at=row.last_sent_at,
            last_count=row.last_count,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            trouble_at=row.trouble_at,
            trouble_key=row.trouble_key,
            trouble_details=None if row.trouble_details is None else json.loads(row.trouble_details),
        )

    @translate_database_errors()
    async def begin_attempt(self, channel: str, attempts: int, next_attempt_at: datetime) -> None:
        await self._remember(channel, attempts=attempts, next_attempt_at=next_attempt_at)

    @translate_database_errors()
    async def note_failure(
        self, channel: str, at: datetime, failure: NotDelivered, next_attempt_at: datetime
    ) -> None:
        await self._remember(channel, next_attempt_at=next_attempt_at, **_trouble(failure, at))

    @translate_database_errors()
    async def note_sent(
        self, channel: str, keys: Sequence[str], at: datetime, incomplete: NotDelivered | None
    ) -> None:
        sent = {"last_sent_at": at, "last_count": len(keys), "attempts": 0, "next_attempt_at": None}
        async with self._transactions.writing() as connection:
            for part in _parts(keys):
                rows = [{"channel": channel, "subject": key} for key in part]
                await connection.execute(insert(notices_told).on_conflict_do_nothing(), rows)
            await _remember(connection, channel, sent | _trouble(incomplete, at))

    async def _remember(self, channel: str, **values: Any) -> None:
        async with self._transactions.writing() as connection:
            await _remember(connection, channel, values)


async def _remember(connection: AsyncConnection, channel: str, values: Mapping[str, Any]) -> None:
    statement = upsert(notice_channels, ["channel"], channel=channel, **values)
    await connection.execute(statement)


def _trouble(failure: NotDelivered | None, at: datetime) -> dict[str, Any]:
    return {
        "trouble_at": at if failure else None,
        "trouble_key": failure.key if failure else None,
        "trouble_details": json.dumps(dict(failure.details)) if failure else None,
    }


def _is_untold(channel: str) -> ColumnElement[bool]:
    """Of a dead letter: it needs a person, and that channel did not tell so yet."""
    key = literal(LETTER_KEY) + dead_letters.c.id
    return _is_open & ~exists(select(1).where(_told.channel == channel, _told.subject == key))


async def _others(connection: AsyncConnection, channel: str) -> list[Subject]:
    """What is new for a channel beside letters."""
    statement = select(_told.subject).where(_told.channel == channel, ~_is_about_a_letter)
    told = set((await connection.scalars(statement)).all())
    return [subject for subject in await _standing_still(connection) if subject.key not in told]


async def _standing_still(connection: AsyncConnection) -> list[Subject]:
    """Paused profiles, and ledgers that stop orders."""
    pauses = [_of_pause(pause) for pause in await runs.pauses(connection)]
    troubles = await ledgers.troubles(connection)
    return pauses + [_of_ledgers(name, trouble) for name, trouble in troubles.items() if trouble.findings]


def _of_pause(pause: Pause) -> Subject:
    identity = deterministic_id(pause.profile, pause.stage, pause.since.isoformat())
    return Subject(
        kind=SubjectKind.PAUSE,
        key=f"{SubjectKind.PAUSE.value}:{identity}",
        profile=pause.profile,
        since=pause.since,
        stage=pause.stage,
        reason=pause.reason,
    )


def _of_ledgers(profile: str, trouble: LedgerTrouble) -> Subject:
    """The same findings at every look at the books are one thing to tell."""
    told = sorted(f"{finding.text_key} {sorted(finding.details.items())}" for finding in trouble.findings)
    identity = deterministic_id(profile, trouble.profile_version, *told)
    return Subject(
        kind=SubjectKind.LEDGERS,
        key=f"{SubjectKind.LEDGERS.value}:{identity}",
        profile=profile,
        since=trouble.since,
        findings=trouble.findings,
    )


def _parts(keys: Sequence[str]) -> list[Sequence[str]]:
    return [
        keys[start : start + KEYS_PER_STATEMENT_MAX] for start in range(0, len(keys), KEYS_PER_STATEMENT_MAX)
    ]
