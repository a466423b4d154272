"""Sessions and attempts to sign in; every function runs in the caller's transaction."""

from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.tables import people, sessions, sign_in_attempts
from console.domain.people import Role
from console.domain.visits import (
    FAILURES_COUNTED_FOR,
    FAILURES_PER_ACCOUNT_MAX,
    FAILURES_PER_ADDRESS_MAX,
    Session,
    closed_until,
)


async def begin_attempt(
    connection: AsyncConnection, account: str, address: str, at: datetime
) -> datetime | None:
    """Count an attempt before it is tried; a time when there were too many, and then it is not counted."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("LOCK TABLE sign_in_attempts IN SHARE ROW EXCLUSIVE MODE")
    oldest = at - FAILURES_COUNTED_FOR
    await connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.at <= oldest))
    most = {_account(account): FAILURES_PER_ACCOUNT_MAX, _address(address): FAILURES_PER_ADDRESS_MAX}
    closed = [
        until
        for subject, limit in most.items()
        if (until := closed_until(await _attempts(connection, subject), most=limit)) is not None
    ]
    if closed:
        return max(closed)
    await connection.execute(
        insert(sign_in_attempts), [{"counts_for": subject, "at": at} for subject in most]
    )
    return None


async def forget_attempts(connection: AsyncConnection, account: str) -> None:
    await connection.execute(
        delete(sign_in_attempts).where(sign_in_attempts.c.counts_for == _account(account))
    )


async def begin(connection: AsyncConnection, token_hash: str, name: str, address: str, at: datetime) -> None:
    await forget_attempts(connection, name)
    await _forget_one_attempt(connection, _address(address))
    await connection.execute(
        insert(sessions).values(token_hash=token_hash, name=name, address=address, created_at=at, seen_at=at)
    )
    await connection.execute(update(people).where(people.c.name == name).values(last_signed_in_at=at))


async def _forget_one_attempt(connection: AsyncConnection, subject: str) -> None:
    """The one that succeeded: a whole office may sign in from one address. Failures stay counted."""
    latest = select(func.max(sign_in_attempts.c.id)).where(sign_in_attempts.c.counts_for == subject)
    await connection.execute(
        delete(sign_in_attempts).where(sign_in_attempts.c.id == latest.scalar_subquery())
    )


async def find(connection: AsyncConnection, token_hash: str) -> Session | None:
    """With the role that the account has now; None when the account was switched off."""
    statement = (
        select(sessions, people.c.role, people.c.must_change_password)
        .join(people, people.c.name == sessions.c.name)
        .where(sessions.c.token_hash == token_hash, people.c.disabled.is_(False))
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return Session(
        name=row.name,
        role=Role(row.role),
        must_change_password=row.must_change_password,
        created_at=row.created_at,
        seen_at=row.seen_at,
        notice=row.notice,
    )


async def see(connection: AsyncConnection, token_hash: str, at: datetime) -> None:
    await connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=at))


async def end(connection: AsyncConnection, token_hash: str) -> None:
    await connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


async def leave_notice(connection: AsyncConnection, token_hash: str, notice: str | None) -> None:
    await connection.execute(
        update(sessions).where(sessions.c.token_hash == token_hash).values(notice=notice)
    )


async def forget(connection: AsyncConnection, *, created_before: datetime, seen_before: datetime) -> None:
    over = or_(sessions.c.created_at <= created_before, sessions.c.seen_at <= seen_before)
    await connection.execute(delete(sessions).where(over))


async def _attempts(connection: AsyncConnection, subject: str) -> list[datetime]:
    statement = select(sign_in_attempts.c.at).where(sign_in_attempts.c.counts_for == subject)
    return list((await connection.scalars(statement)).all())


def _account(name: str) -> str:
    return f"account:{name}"


def _address(address: str) -> str:
    return f"address:{address}"
