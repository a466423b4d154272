"""Profiles: examined against the shop and the books before they are saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from console.domain.findings import Finding, warning
from console.domain.permissions import CONNECTION_KEY_FIELD
from console.domain.profile_settings import patched
from console.domain.refusals import NotKnown, NotNow, NotSensible
from console.handlers.examination import Examiner
from console.handlers.profile_keys import Completed, require_keys_at_their_addresses, with_kept_keys
from console.ports import EventRecord, ProfileShelf
from sconnect.clock import Clock
from sconnect.contracts import ProfileChanged
from sconnect.contracts.build import new_message
from sconnect.errors import SConnectError, UpstreamUnavailable
from sconnect.ids import deterministic_id
from sconnect.messaging import EventPublisher
from sconnect.profiles import (
    AdministrationInfo,
    Ledgers,
    Profile,
    ProfileOutdated,
    StoredProfile,
    read_profile,
    take_out_secrets,
)

log = structlog.get_logger(__name__)

NO_PROFILE_YET = 0


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
        """Save a profile that passed every examination; ProfileProblems or ProfileRefused otherwise.

        Of a profile that exists, the keys that the document does not name stay as they are.
        """
        before = await self._named(document)
        if before is None:
            return await self._save(self._read(document), by=by)
        completed = with_kept_keys(document, before.profile, given=document)
        return await self._save(self._read_completed(completed, before.profile), by=by)

    async def create(self, document: Mapping[str, Any], *, by: str) -> AppliedProfile:
        """Save a profile under a name that none has; NotNow when one has it."""
        profile = self._read(document)
        if await self._profiles.get(profile.name) is not None:
            raise NotNow("profile_exists", name=profile.name)
        return await self._save(profile, by=by, over_version=NO_PROFILE_YET)

    async def change(
        self, name: str, changes: Mapping[str, Any], *, by: str, over_version: int | None = None
    ) -> AppliedProfile:
        """Save the profile with these changes (RFC 7396), its keys as they are unless they are among them.

        What concerns neither vendor, the interval and switching off, is saved without asking them: it must
        also work when a key does not. NotKnown: no such profile. NotNow: it is not `over_version` any more.
        """
        before = await self.profile(name)
        if over_version not in (None, before.version):
            raise NotNow("profile_changed_meanwhile", name=name)
        profile = self.changed(before, changes)
        if _concerns_no_vendor(before.profile, profile):
            return await self._keep(profile, _administration_of(before), by=by, over_version=before.version)
        return await self._save(profile, by=by, over_version=before.version)

    async def replace(
        self, name: str, document: Mapping[str, Any], *, by: str, over_version: int | None = None
    ) -> AppliedProfile:
        """Save other settings, without keys, in the place of the present ones. Otherwise as `change`."""
        before = await self.profile(name)
        if over_version not in (None, before.version):
            raise NotNow("profile_changed_meanwhile", name=name)
        completed = with_kept_keys(document, before.profile, given={})
        profile = self._read_completed(completed, before.profile)
        return await self._save(profile, by=by, over_version=before.version)

    async def copy(self, name: str, new_name: str, changes: Mapping[str, Any], *, by: str) -> AppliedProfile:
        """Save a profile like another one, with these changes and switched off. Otherwise as `create`."""
        source = await self.profile(name)
        document, _ = take_out_secrets(source.profile)
        wanted = patched(document, changes) | {"name": new_name, "enabled": False}
        completed = with_kept_keys(wanted, source.profile, given=changes)
        require_keys_at_their_addresses(self._read(completed.document), source.profile, completed.kept)
        return await self.create(completed.document, by=by)

    def changed(self, before: StoredProfile, changes: Mapping[str, Any]) -> Profile:
        """The profile as it would be with these changes, not saved. ProfileInvalid when it would be none."""
        if changes.get("name", before.profile.name) != before.profile.name:
            raise NotSensible("profile_renamed", name=before.profile.name)
        document, _ = take_out_secrets(before.profile)
        completed = with_kept_keys(patched(document, changes), before.profile, given=changes)
        return self._read_completed(completed, before.profile)

    def read(self, document: Mapping[str, Any]) -> Profile:
        """A whole document as a profile, not saved. ProfileInvalid with all that is wrong."""
        return self._read(document)

    async def save_ledgers(
        self, before: StoredProfile, ledgers: Ledgers, *, unconfirmed: Sequence[str], by: str
    ) -> AppliedProfile:
        """Save a profile with other ledgers, those marked that no person has confirmed.

        NotNow: somebody changed the profile meanwhile.
        """
        bookings = before.profile.bookings.model_copy(
            update={"ledgers": ledgers, "unconfirmed_ledgers": tuple(unconfirmed)}
        )
        profile = before.profile.model_copy(update={"bookings": bookings})
        return await self._save(profile, by=by, over_version=before.version)

    async def check(self, name: str) -> Sequence[Finding]:
        """Examine a saved profile anew. NotKnown when there is none of that name."""
        stored = await self.profile(name)
        return (await self._examiner.examine(stored.profile)).findings

    def _read(self, document: Mapping[str, Any]) -> Profile:
        return read_profile(document, {}, allow_local_apis=self._allow_local_apis)

    def _read_completed(self, completed: Completed, before: Profile) -> Profile:
        profile = self._read(completed.document)
        require_keys_at_their_addresses(profile, before, completed.kept)
        return profile

    async def _named(self, document: Mapping[str, Any]) -> StoredProfile | None:
        name = document.get("name")
        usable = isinstance(name, str) and name.isprintable()
        return await self._profiles.get(name) if usable and name else None

    async def _save(self, profile: Profile, *, by: str, over_version: int | None = None) -> AppliedProfile:
        examination = await self._examiner.examine(profile)
        opened, refusals = examination.opened, examination.refusals
        if opened is None or refusals:
            raise ProfileRefused(refusals)
        before = await self._profiles.get(profile.name)
        administration = AdministrationInfo(id=opened.administration_id, name=opened.administration_name)
        kept = await self._keep(profile, administration, by=by, over_version=over_version)
        warnings = (*examination.findings, *_other_administration(before, kept.stored))
        return AppliedProfile(stored=kept.stored, warnings=warnings)

    async def _keep(
        self, profile: Profile, administration: AdministrationInfo, *, by: str, over_version: int | None
    ) -> AppliedProfile:
        try:
            stored = await self._profiles.save(
                profile, administration=administration, saved_by=by, over_version=over_version
            )
        except ProfileOutdated:
            raise NotNow("profile_changed_meanwhile", name=profile.name) from None
        await self._tell(stored, by)
        return AppliedProfile(stored=stored, warnings=())

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


def _concerns_no_vendor(before: Profile, after: Profile) -> bool:
    as_before = {"planning": before.planning, "enabled": before.enabled}
    switches_on = after.enabled and not before.enabled
    return not switches_on and after.model_copy(update=as_before) == before


def _administration_of(stored: StoredProfile) -> AdministrationInfo:
    return AdministrationInfo(id=stored.administration_id, name=stored.administration_name)


def _other_administration(before: StoredProfile | None, stored: StoredProfile) -> tuple[Finding, ...]:
    if before is None or before.administration_id == stored.administration_id:
        return ()
    names = {"before": before.administration_name, "now": stored.administration_name}
    return (warning("command.other_administration", about=CONNECTION_KEY_FIELD, **names),)
