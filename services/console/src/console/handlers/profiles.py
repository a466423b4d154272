"""Profiles: examined against the shop and the books before they are saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from console.domain.findings import Finding, warning
from console.domain.permissions import CONNECTION_KEY_FIELD
from console.domain.refusals import NotKnown
from console.handlers.examination import Examiner
from console.ports import EventRecord, ProfileShelf
from sconnect.clock import Clock
from sconnect.contracts import ProfileChanged
from sconnect.contracts.build import new_message
from sconnect.errors import SConnectError, UpstreamUnavailable
from sconnect.ids import deterministic_id
from sconnect.messaging import EventPublisher
from sconnect.profiles import AdministrationInfo, Ledgers, Profile, StoredProfile, read_profile

log = structlog.get_logger(__name__)


class ProfileRefused(SConnectError):
    """The profile was examined and not saved; `findings` holds at least one refusal."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(", ".join(finding.text_key for finding in findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedProfile:
    stored: StoredProfile
    warnings: tuple[Finding, ...]


class ProfileDesk:
    """Applying twice gives the same profile. Half-done when it dies: a saved profile that nobody was told
    of; the services read it from the database at their next look all the same.
    """

    def __init__(
        self,
        *,
        profiles: ProfileShelf,
        examiner: Examiner,
        record: EventRecord,
        publisher: EventPublisher,
        clock: Clock,
        allow_local_apis: bool,
    ) -> None:
        self._profiles = profiles
        self._examiner = examiner
        self._record = record
        self._publisher = publisher
        self._clock = clock
        self._allow_local_apis = allow_local_apis

    async def profiles(self) -> Sequence[StoredProfile]:
        return await self._profiles.all()

    async def profile(self, name: str) -> StoredProfile:
        """NotKnown when there is none of that name."""
        stored = await self._profiles.get(name)
        if stored is None:
            raise NotKnown("profile_unknown", name=name)
        return stored

    async def apply(self, document: Mapping[str, Any], *, by: str) -> AppliedProfile:
        """Save a profile that passed every examination; ProfileProblems or ProfileRefused otherwise."""
        profile = read_profile(document, {}, allow_local_apis=self._allow_local_apis)
        return await self._save(profile, by=by)

    async def save_ledgers(
        self, before: StoredProfile, ledgers: Ledgers, *, unconfirmed: Sequence[str], by: str
    ) -> AppliedProfile:
        """Save a profile with other ledgers, those marked that no person has confirmed."""
        bookings = before.profile.bookings.model_copy(
            update={"ledgers": ledgers, "unconfirmed_ledgers": tuple(unconfirmed)}
        )
        return await self._save(before.profile.model_copy(update={"bookings": bookings}), by=by)

    async def check(self, name: str) -> Sequence[Finding]:
        """Examine a saved profile anew. NotKnown when there is none of that name."""
        stored = await self.profile(name)
        return (await self._examiner.examine(stored.profile)).findings

    async def _save(self, profile: Profile, *, by: str) -> AppliedProfile:
        examination = await self._examiner.examine(profile)
        opened, refusals = examination.opened, examination.refusals
        if opened is None or refusals:
            raise ProfileRefused(refusals)
        before = await self._profiles.get(profile.name)
        stored = await self._profiles.save(
            profile,
            administration=AdministrationInfo(id=opened.administration_id, name=opened.administration_name),
            saved_by=by,
        )
        await self._tell(stored, by)
        return AppliedProfile(
            stored=stored, warnings=(*examination.findings, *_other_administration(before, stored))
        )

    async def _tell(self, stored: StoredProfile, by: str) -> None:
        event = new_message(
            ProfileChanged,
            profile=stored.profile.name,
            occurred_at=self._clock.now(),
            correlation_id=deterministic_id("profile", stored.profile.name),
            id_parts=(stored.version,),
            version=stored.version,
            changed_by=by,
        )
        await self._record.record(event)
        try:
            await self._publisher.publish(event)
        except UpstreamUnavailable as error:
            log.warning("profile_change_not_told", profile=event.profile, cause=error.reason.text_key)


def _other_administration(before: StoredProfile | None, stored: StoredProfile) -> tuple[Finding, ...]:
    if before is None or before.administration_id == stored.administration_id:
        return ()
    names = {"before": before.administration_name, "now": stored.administration_name}
    return (warning("command.other_administration", about=CONNECTION_KEY_FIELD, **names),)
