"""Who may come in, who is in, and who did what, in SQLite or PostgreSQL."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from console.adapters.sql import people, sessions
from console.adapters.sql.tables import actions
from console.adapters.sql.transactions import Transactions
from console.domain.audit import AuditEntry, AuditOutcome
from console.domain.people import Person, Role
from console.domain.visits import Session
from sconnect.persistence import translate_database_errors


class SqlAccess:
    """PeopleBook, SessionBook and AuditLog of console.ports."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    @translate_database_errors()
    async def person(self, name: str) -> Person | None:
        async with self._transactions.reading() as connection:
            return await people.find(connection, name)

    @translate_database_errors()
    async def people(self) -> list[Person]:
        async with self._transactions.reading() as connection:
            return await people.all_of_them(connection)

    @translate_database_errors()
    async def add_person(self, person: Person, *, only_if_first: bool = False) -> bool:
        async with self._transactions.writing() as connection:
            return await people.add(connection, person, only_if_first=only_if_first)

    @translate_database_errors()
    async def change_person(
        self,
        name: str,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        password_hash: str | None = None,
        must_change_password: bool | None = None,
    ) -> bool:
        given = {
            "role": None if role is None else role.value,
            "disabled": disabled,
            "password_hash": password_hash,
            "must_change_password": must_change_password,
        }
        values = {column: value for column, value in given.items() if value is not None}
        async with self._transactions.writing() as connection:
            changed = await people.change(connection, name, values)
            if not changed:
                await connection.rollback()
            elif password_hash is not None:
                await sessions.forget_attempts(connection, name)
            return changed

    @translate_database_errors()
    async def keep_better_hash(self, name: str, password_hash: str) -> None:
        async with self._transactions.writing() as connection:
            await people.keep_better_hash(connection, name, password_hash)

    @translate_database_errors()
    async def begin_attempt(self, account: str, address: str, at: datetime) -> datetime | None:
        async with self._transactions.writing() as connection:
            return await sessions.begin_attempt(connection, account, address, at)

    @translate_database_errors()
    async def open_session(self, token_hash: str, name: str, address: str, at: datetime) -> None:
        async with self._transactions.writing() as connection:
            await sessions.begin(connection, token_hash, name, address, at)

    @translate_database_errors()
    async def session(self, token_hash: str) -> Session | None:
        async with self._transactions.reading() as connection:
            return await sessions.find(connection, token_hash)

    @translate_database_errors()
    async def see_session(self, token_hash: str, at: datetime) -> None:
        async with self._transactions.writing() as connection:
            await sessions.see(connection, token_hash, at)

    @translate_database_errors()
    async def close_session(self, token_hash: str) -> None:
        async with self._transactions.writing() as connection:
            await sessions.end(connection, token_hash)

    @translate_database_errors()
    async def leave_notice(self, token_hash: str, notice: str | None) -> None:
        async with self._transactions.writing() as connection:
            await sessions.leave_notice(connection, token_hash, notice)

    @translate_database_errors()
    async def forget_sessions(self, *, created_before: datetime, seen_before: datetime) -> None:
        async with self._transactions.writing() as connection:
            await sessions.forget(connection, created_before=created_before, seen_before=seen_before)

    @translate_database_errors()
    async def begin_action(self, at: datetime, by: str, action: str, subject: Mapping[str, str]) -> int:
        row = {
            "at": at,
            "by": by,
            "action": action,
            "subject": json.dumps(dict(subject)),
            "outcome": AuditOutcome.STARTED.value,
        }
        async with self._transactions.writing() as connection:
            number = await connection.scalar(insert(actions).values(**row).returning(actions.c.id))
        return int(number or 0)

    @translate_database_errors()
    async def end_action(
        self, number: int, outcome: AuditOutcome, made: Mapping[str, str] | None = None
    ) -> None:
        this = actions.c.id == number
        values = {"outcome": outcome.value}
        async with self._transactions.writing() as connection:
            if made:
                begun = await connection.scalar(select(actions.c.subject).where(this)) or "{}"
                values["subject"] = json.dumps({**json.loads(begun), **made})
            await connection.execute(update(actions).where(this).values(**values))

    @translate_database_errors()
    async def actions(self, *, before: int | None, at_most: int) -> list[AuditEntry]:
        statement = select(actions).order_by(actions.c.id.desc()).limit(at_most)
        if before is not None:
            statement = statement.where(actions.c.id < before)
        async with self._transactions.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return [
            AuditEntry(
                id=row.id,
                at=row.at,
                by=row.by,
                action=row.action,
                subject=json.loads(row.subject),
                outcome=AuditOutcome(row.outcome),
            )
            for row in rows
        ]

    @translate_database_errors()
    async def forget_actions(self, before: datetime) -> None:
        async with self._transactions.writing() as connection:
            await connection.execute(delete(actions).where(actions.c.at < before))
