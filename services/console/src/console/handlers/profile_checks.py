"""What the last examination of each profile found, so that a page can show it without asking the vendors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.findings import Finding
from console.handlers.profiles import ProfileDesk
from sconnect.clock import Clock
from sconnect.profiles import StoredProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What was found, and when; of the version that the profile had then."""

    version: int
    at: datetime
    findings: tuple[Finding, ...]


class ProfileChecks:
    """In memory: a console that is started again asks for a new check."""

    def __init__(self, *, profiles: ProfileDesk, clock: Clock) -> None:
        self._profiles = profiles
        self._clock = clock
        self._last: dict[str, Checked] = {}

    async def check(self, name: str) -> Checked:
        """Examine a saved profile anew. NotKnown when there is none of that name."""
        stored = await self._profiles.profile(name)
        return self.note(stored, await self._profiles.check(name))

    def note(self, stored: StoredProfile, findings: Sequence[Finding]) -> Checked:
        """Remember what an examination found that was made for another reason."""
        checked = Checked(version=stored.version, at=self._clock.now(), findings=tuple(findings))
        self._last[stored.profile.name] = checked
        return checked

    def last(self, stored: StoredProfile) -> Checked | None:
        """None when this version was not examined since the start."""
        checked = self._last.get(stored.profile.name)
        return checked if checked is not None and checked.version == stored.version else None
