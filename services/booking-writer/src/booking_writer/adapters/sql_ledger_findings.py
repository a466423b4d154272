"""What was told about a profile's ledgers, in the writer's database."""

import json

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncEngine

from booking_writer.adapters.tables import ledger_findings_table
from booking_writer.ports import KnownFindings
from sconnect.ledgers import Finding, Severity
from sconnect.persistence import reading, translate_database_errors, upsert


class SqlLedgerFindings:
    """LedgerFindings; every call is one short transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._table = ledger_findings_table(MetaData())

    @translate_database_errors()
    async def get(self, profile: str) -> KnownFindings | None:
        statement = select(self._table).where(self._table.c.profile == profile)
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        findings = tuple(
            Finding(severity=Severity(each["severity"]), code=each["code"], details=each["details"])
            for each in json.loads(row.findings)
        )
        return KnownFindings(version=row.profile_version, findings=findings)

    @translate_database_errors()
    async def remember(self, profile: str, found: KnownFindings) -> None:
        findings = [
            {"severity": each.severity, "code": each.code, "details": dict(each.details)}
            for each in found.findings
        ]
        async with self._engine.begin() as connection:
            await connection.execute(
                upsert(
                    self._table,
                    ["profile"],
                    profile=profile,
                    profile_version=found.version,
                    findings=json.dumps(findings, ensure_ascii=False),
                )
            )
