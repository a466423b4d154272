"""What was told about ledgers is remembered the same way in a process and in both databases."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from booking_writer.adapters.sql_ledger_findings import SqlLedgerFindings
from booking_writer.ports import KnownFindings, LedgerFindings
from fakes_booking_writer import FakeLedgerFindings
from sconnect.ledgers import Finding, Severity
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

BROKEN = KnownFindings(
    version=3,
    findings=(
        Finding(
            severity=Severity.ERROR,
            code="ledger_inactive",
            details={"field": "bookings.ledgers.revenue.nl_high", "ledger": "8100"},
        ),
    ),
)


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def findings(request: pytest.FixtureRequest) -> AsyncIterator[LedgerFindings]:
    if request.param == "fake":
        yield FakeLedgerFindings()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    migrate(url, "booking_writer")
    engine = create_engine(url)
    yield SqlLedgerFindings(engine)
    await engine.dispose()


async def test_what_was_found_last_is_what_is_known(findings: LedgerFindings) -> None:
    assert await findings.get("houten-speelgoed") is None

    await findings.remember("houten-speelgoed", BROKEN)
    await findings.remember("moestuin", KnownFindings(version=1, findings=()))
    assert await findings.get("houten-speelgoed") == BROKEN

    whole = KnownFindings(version=4, findings=())
    await findings.remember("houten-speelgoed", whole)
    assert await findings.get("houten-speelgoed") == whole
