"""Accounts; every function runs in the caller's transaction."""

from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.tables import people, sessions
from console.domain.people import Person, Role
from sconnect.persistence import insert_if_absent


async def find(connection: AsyncConnection, name: str) -> Person | None:
    row = (await connection.execute(select(people).where(people.c.name == name))).one_or_none()
    return None if row is None else _read(row)


async def all_of_them(connection: AsyncConnection) -> list[Person]:
    return [_read(row) for row in (await connection.execute(select(people).order_by(people.c.name))).all()]


async def add(connection: AsyncConnection, person: Person, *, only_if_first: bool) -> bool:
    await _one_at_a_time(connection)
    if only_if_first and await connection.scalar(select(func.count()).select_from(people)):
        return False
    statement = insert_if_absent(
        people,
        name=person.name,
        role=person.role.value,
        password_hash=person.password_hash,
        must_change_password=person.must_change_password,
        disabled=person.disabled,
        created_at=person.created_at,
    )
    return (await connection.execute(statement)).rowcount == 1


async def change(connection: AsyncConnection, name: str, values: dict[str, Any]) -> bool:
    """Change the account and end its sessions; False when no administrator would be left."""
    await _one_at_a_time(connection)
    before = await _in_charge(connection)
    await connection.execute(update(people).where(people.c.name == name).values(**values))
    await connection.execute(delete(sessions).where(sessions.c.name == name))
    return await _in_charge(connection) > 0 or before == 0


async def keep_better_hash(connection: AsyncConnection, name: str, password_hash: str) -> None:
    await connection.execute(update(people).where(people.c.name == name).values(password_hash=password_hash))


async def _in_charge(connection: AsyncConnection) -> int:
    """The number of administrators who can sign in."""
    usable = (people.c.role == Role.ADMINISTRATOR.value) & people.c.disabled.is_(False)
    return await connection.scalar(select(func.count()).select_from(people).where(usable)) or 0


async def _one_at_a_time(connection: AsyncConnection) -> None:
    """Of two who take away the last two administrators at once, the second must see what the first did."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE")


def _read(row: Row[Any]) -> Person:
    return Person(
        name=row.name,
        role=Role(row.role),
        password_hash=row.password_hash,
        must_change_password=row.must_change_password,
        disabled=row.disabled,
        created_at=row.created_at,
        last_signed_in_at=row.last_signed_in_at,
    )
