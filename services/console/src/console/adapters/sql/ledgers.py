"""What the booking-writer told about ledgers; every function runs in the caller's transaction."""

import json

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.tables import ledger_findings
from console.domain.findings import about_ledgers
from console.ports import LedgerTrouble
from sconnect.contracts import ProfileLedgersChecked
from sconnect.ledgers import Finding, Severity


async def note(connection: AsyncConnection, message: ProfileLedgersChecked) -> None:
    """The newest word counts, whatever order they come in."""
    values = {
        "profile_version": message.version,
        "findings": json.dumps([finding.model_dump() for finding in message.findings], ensure_ascii=False),
        "occurred_at": message.occurred_at,
    }
    statement = insert(ledger_findings).values(profile=message.profile, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["profile"],
        set_={name: statement.excluded[name] for name in values},
        where=statement.excluded.occurred_at > ledger_findings.c.occurred_at,
    )
    await connection.execute(statement)


async def troubles(connection: AsyncConnection) -> dict[str, LedgerTrouble]:
    """By profile."""
    return {
        row.profile: LedgerTrouble(
            profile_version=row.profile_version,
            findings=tuple(
                about_ledgers(Finding(severity=Severity.ERROR, code=each["code"], details=each["details"]))
                for each in json.loads(row.findings)
            ),
            since=row.occurred_at,
        )
        for row in (await connection.execute(select(ledger_findings))).all()
    }
