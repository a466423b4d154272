"""Keeps an eye on a profile's ledgers: what broke in the books since the last look is told, once."""

import asyncio
from collections.abc import Iterable

import structlog

from booking_writer.domain.rules import Administration
from booking_writer.handlers.messages import STAGE
from booking_writer.ports import KnownFindings, LedgerFindings
from sconnect.clock import Clock
from sconnect.contracts import ProfileLedgersChecked, WireLedgerFinding
from sconnect.contracts.build import new_message
from sconnect.errors import TransientError
from sconnect.ids import content_hash, deterministic_id
from sconnect.ledgers import Finding, Severity, check_mapping, newly_found
from sconnect.messaging import EventPublisher
from sconnect.profiles import StoredProfile, mapping_settings

log = structlog.get_logger(__name__)


class LedgerWatch:
    """Compares every reading of the books with what was found in the one before.

    Orders that need a broken ledger are stopped by their own composition, whatever happens here: a database
    or a broker that is away keeps nothing waiting, and the next order looks again. Half-done when it dies:
    told but not remembered, and then told twice.
    """

    def __init__(self, *, findings: LedgerFindings, publisher: EventPublisher, clock: Clock) -> None:
        self._findings = findings
        self._publisher = publisher
        self._clock = clock
        self._looked_at: dict[str, tuple[int, Administration]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def look(self, stored: StoredProfile, administration: Administration) -> None:
        """Check the mapping, unless this version was checked against this very reading."""
        name = stored.profile.name
        async with self._one_at_a_time:
            version, known = self._looked_at.get(name, (0, None))
            if version == stored.version and known is administration:
                return
            try:
                await self._compare(stored, administration)
            except TransientError as error:
                log.warning("ledgers_not_compared", profile=name, cause=error.reason.text_key)
                return
            self._looked_at[name] = (stored.version, administration)

    async def _compare(self, stored: StoredProfile, administration: Administration) -> None:
        name = stored.profile.name
        now = KnownFindings(version=stored.version, findings=_errors(stored, administration))
        before = await self._findings.get(name) or KnownFindings(version=stored.version, findings=())
        if before == now:
            return
        new = newly_found(before.findings, now.findings)
        for finding in new:
            log.error("ledger_broken", profile=name, code=finding.code, **finding.details)
        await self._publisher.publish(self._event(name, now, new))
        await self._findings.remember(name, now)

    def _event(self, profile: str, now: KnownFindings, new: Iterable[Finding]) -> ProfileLedgersChecked:
        moment = self._clock.now()
        return new_message(
            ProfileLedgersChecked,
            profile=profile,
            occurred_at=moment,
            correlation_id=deterministic_id("profile", profile),
            id_parts=(STAGE, now.version, moment.isoformat(), _digest(now.findings)),
            stage=STAGE,
            version=now.version,
            findings=tuple(_wire(finding) for finding in now.findings),
            new=tuple(_wire(finding) for finding in new),
        )


def _errors(stored: StoredProfile, administration: Administration) -> tuple[Finding, ...]:
    settings = mapping_settings(stored.profile)
    if settings is None:
        return ()
    findings = check_mapping(settings, administration.books)
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def _digest(findings: Iterable[Finding]) -> str:
    return content_hash({"findings": [(finding.code, dict(finding.details)) for finding in findings]})


def _wire(finding: Finding) -> WireLedgerFinding:
    return WireLedgerFinding(code=finding.code, details=dict(finding.details))
