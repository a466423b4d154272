"""The dead letters as a person looks at them: counted, and part by part."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, null, or_, select

from console.adapters.sql import letters
from console.adapters.sql.tables import dead_letters
from console.adapters.sql.transactions import Transactions
from console.domain.letter_list import LedgerWait, LetterCount, LetterFilter, LetterPlace
from console.domain.letters import DeadLetter, LetterState
from sconnect.persistence import translate_database_errors

_LETTER = dead_letters.c
_OPEN = _LETTER.state == LetterState.OPEN.value
_LIGHT = tuple(column for column in _LETTER if column is not _LETTER.message)


class SqlLetterList:
    """LetterList of console.ports."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    @translate_database_errors()
    async def counts(self) -> list[LetterCount]:
        kept = case((_LETTER.queue.is_not(None), 1), else_=0)
        statement = (
            select(_LETTER.profile, _LETTER.reason_code, kept.label("kept"), func.count().label("letters"))
            .where(_OPEN)
            # In the order of the index.
            .group_by(_LETTER.reason_code, _LETTER.profile, kept)
        )
        async with self._transactions.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return [
            LetterCount(
                profile=row.profile,
                reason_code=row.reason_code,
                message_kept=bool(row.kept),
                letters=row.letters,
            )
            for row in rows
        ]

    @translate_database_errors()
    async def ledger_waits(self) -> list[LedgerWait]:
        statement = (
            select(_LETTER.profile, _LETTER.ledger_field, _LETTER.reason_code, func.count().label("letters"))
            .where(_OPEN, _LETTER.ledger_field.is_not(None))
            .group_by(_LETTER.profile, _LETTER.ledger_field, _LETTER.reason_code)
            .order_by(_LETTER.profile, _LETTER.ledger_field, _LETTER.reason_code)
        )
        async with self._transactions.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return [
            LedgerWait(
                profile=row.profile,
                field=row.ledger_field,
                reason_code=row.reason_code,
                letters=row.letters,
            )
            for row in rows
        ]

    @translate_database_errors()
    async def waiting(
        self, wanted: LetterFilter, *, after: LetterPlace | None, at_most: int
    ) -> list[DeadLetter]:
        conditions = [_OPEN, *_conditions(wanted)]
        if after is not None:
            conditions.append(letters.comes_after(after))
        statement = select(dead_letters).where(*conditions).order_by(_LETTER.since, _LETTER.id).limit(at_most)
        async with self._transactions.reading() as connection:
            return await letters.read_rows(connection, statement)

    @translate_database_errors()
    async def put_away(self, *, after: LetterPlace | None, at_most: int) -> list[DeadLetter]:
        conditions: list[ColumnElement[bool]] = [_LETTER.state == LetterState.DISCARDED.value]
        if after is not None:
            earlier = or_(_LETTER.decided_at < after.at, _LETTER.id < after.letter_id)
            conditions += [_LETTER.decided_at <= after.at, earlier]
        return await self._newest(conditions, at_most)

    @translate_database_errors()
    async def decided_since(self, at: datetime, *, at_most: int) -> list[DeadLetter]:
        return await self._newest([_LETTER.decided_at > at, _LETTER.state != LetterState.OPEN.value], at_most)

    async def _newest(self, conditions: Sequence[ColumnElement[bool]], at_most: int) -> list[DeadLetter]:
        statement = (
            select(*_LIGHT, null().label("message"))
            .where(*conditions)
            .order_by(_LETTER.decided_at.desc(), _LETTER.id.desc())
            .limit(at_most)
        )
        async with self._transactions.reading() as connection:
            return await letters.read_rows(connection, statement)


def _conditions(wanted: LetterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.reason_code is not None:
        conditions.append(_LETTER.reason_code == wanted.reason_code)
    if wanted.profile is not None:
        conditions.append(_LETTER.profile == wanted.profile)
    return conditions
