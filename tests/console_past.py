"""What months of use leave in a console's database beside its orders, written in bulk as in console_crowd."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from console.adapters.sql.tables import (
    actions,
    customer_links,
    dead_letters,
    import_runs,
    letter_job_items,
    letter_jobs,
    notices_told,
    people,
)
from console.domain.letter_jobs import Selection
from console.domain.letters import LetterState
from console_crowd import PROFILES
from fakes_console import NOON
from sconnect.persistence import execute_alone

ROWS_AT_ONCE = 2000
BIG_JOB = "job-0"
JOBS = 50
ACCOUNTS = 50
# Every five minutes, for thirty days.
RUNS_PER_PROFILE = 8640
SELECTION = json.dumps(asdict(Selection(everything=True)))


async def fill_past(engine: AsyncEngine, orders: int) -> None:
    """Letters that were put away and that are over, remembered customers, jobs, runs, accounts, the log."""
    async with engine.begin() as connection:
        await _letters_of_the_past(connection, orders // 50)
        await _jobs(connection, orders // 20)
        for table, rows in _plain_rows(orders):
            for start in range(0, len(rows), ROWS_AT_ONCE):
                await connection.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
    if engine.dialect.name == "postgresql":
        await _as_autovacuum_does(engine)


async def _as_autovacuum_does(engine: AsyncEngine) -> None:
    """A server that has run for months has done this by itself, again and again."""
    await execute_alone(engine, text("VACUUM ANALYZE"))


async def _letters_of_the_past(connection: AsyncConnection, put_away: int) -> None:
    """Copies of those that wait: as many that are over, and some that were put away."""
    for state, many in ((LetterState.OVERTAKEN, None), (LetterState.DISCARDED, put_away)):
        is_put_away = state is LetterState.DISCARDED
        own: dict[str, Any] = {
            "id": dead_letters.c.id + f"-{state.value}",
            "state": literal(state.value),
            "discarded_by": literal("boekhouder" if is_put_away else None),
            "discarded_why": literal("Zelf geboekt" if is_put_away else None),
            "decided_at": dead_letters.c.since,
        }
        columns = [own.get(column.name, column).label(column.name) for column in dead_letters.c]
        waiting = select(*columns).where(dead_letters.c.state == LetterState.OPEN.value)
        chosen = waiting.order_by(dead_letters.c.id).limit(many) if many else waiting
        await connection.execute(insert(dead_letters).from_select(list(dead_letters.c.keys()), chosen))


async def _jobs(connection: AsyncConnection, big: int) -> None:
    jobs = [
        {
            "id": f"job-{number}",
            "kind": "replay",
            "selection": SELECTION,
            "way": "chosen",
            "requested_by": "boekhouder",
            "requested_at": NOON - timedelta(hours=number),
            "finished_at": NOON - timedelta(hours=number),
        }
        for number in range(JOBS)
    ]
    await connection.execute(insert(letter_jobs), jobs)
    waiting = select(dead_letters.c.id).where(dead_letters.c.state == LetterState.OPEN.value)
    letters = (await connection.scalars(waiting.order_by(dead_letters.c.id).limit(big))).all()
    for job in jobs:
        of_job = letters if job["id"] == BIG_JOB else letters[:100]
        items = [
            {"job_id": job["id"], "position": place, "letter_id": letter, "outcome": "done"}
            for place, letter in enumerate(of_job, start=1)
        ]
        if items:
            await connection.execute(insert(letter_job_items), items)


def _plain_rows(orders: int) -> list[tuple[Table, list[dict[str, Any]]]]:
    runs = min(RUNS_PER_PROFILE, orders)
    return [
        (customer_links, [_link(number) for number in range(orders // 5)]),
        (import_runs, [_run(number, profile) for number in range(runs) for profile in PROFILES]),
        (actions, [_action(number) for number in range(orders // 2)]),
        (people, [_person(number) for number in range(ACCOUNTS)]),
        (notices_told, [{"channel": "mail", "subject": f"letter:{n}"} for n in range(orders // 10)]),
    ]


def _link(number: int) -> dict[str, Any]:
    return {
        "link_id": f"link-{number}",
        "profile": PROFILES[number % len(PROFILES)],
        "customer_number": 10_000 + number,
        "customer_name": f"Klant {number} Voorbeeld",
        "buyer": f"Koper {number} Voorbeeld",
        "order_number": str(number + 1),
        "decided_by": "boekhouder" if number % 2 else None,
        "decided_at": NOON - timedelta(minutes=number),
    }


def _run(number: int, profile: str) -> dict[str, Any]:
    at = NOON - timedelta(minutes=5 * number)
    return {
        "run_id": f"run-{profile}-{number}",
        "profile": profile,
        "started_at": at,
        "finished_at": at,
        "order_uuids": "[]",
        "missing_numbers": "[]",
        "next_order_number": 100_001,
    }


def _action(number: int) -> dict[str, Any]:
    return {
        "at": NOON - timedelta(minutes=number),
        "by": "boekhouder",
        "action": "start_import",
        "subject": f'{{"name": "{PROFILES[number % len(PROFILES)]}"}}',
        "outcome": "done",
    }


def _person(number: int) -> dict[str, Any]:
    return {
        "name": f"medewerker {number}",
        "role": "bookkeeper",
        "password_hash": "$argon2id$none",
        "must_change_password": False,
        "disabled": False,
        "created_at": NOON,
    }
