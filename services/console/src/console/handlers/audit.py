"""The log of who did what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.domain.audit import AuditEntry, AuditOutcome
from console.ports import AuditLog
from sconnect.clock import Clock

ENTRIES_PER_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPage:
    """`older` is what to ask for the next page with; None on the last one."""

    entries: Sequence[AuditEntry]
    older: int | None


class AuditDesk:
    """An action is written down before it is tried: without that it does not happen.

    Half-done when it dies: an action that was started, whose outcome nobody wrote down; it says so.
    """

    def __init__(self, *, log: AuditLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def begin(self, by: str, action: str, subject: Mapping[str, str]) -> int:
        return await self._log.begin_action(self._clock.now(), by, action, subject)

    async def end(self, number: int, outcome: AuditOutcome, made: Mapping[str, str] | None = None) -> None:
        """`made` names what came of it, when the address that was asked could not."""
        await self._log.end_action(number, outcome, made)

    async def page(self, before: int | None) -> AuditPage:
        entries = await self._log.actions(before=before, at_most=ENTRIES_PER_PAGE + 1)
        shown = entries[:ENTRIES_PER_PAGE]
        return AuditPage(entries=shown, older=shown[-1].id if len(entries) > len(shown) else None)
