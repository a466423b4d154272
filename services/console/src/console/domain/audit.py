"""Who did what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditOutcome(StrEnum):
    """STARTED: the console stopped before it could write down how the action ended."""

    STARTED = "started"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One action of a person. `action` has a text in section `audit`; `subject` names what it was about."""

    id: int
    at: datetime
    by: str
    action: str
    subject: Mapping[str, str]
    outcome: AuditOutcome
