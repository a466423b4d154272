"""Profiles: examined against the shop and the books before they are saved."""

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from console.domain.findings import Finding, refusal, warning
from console.domain.mapping import MappedLedger, check_mapping
from console.domain.permissions import CONNECTION_KEY_FIELD, check_permissions
from console.domain.refusals import NotKnown
from console.ports import Bookkeeping, Books, EventRecord, ProfileShelf, Shop
from sconnect.clock import Clock
from sconnect.contracts import ProfileChanged
from sconnect.contracts.build import new_message
from sconnect.errors import (
    MisconfiguredError,
    RejectedError,
    SConnectError,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.ids import deterministic_id
from sconnect.messaging import EventPublisher
from sconnect.profiles import AdministrationInfo, Profile, StoredProfile, read_profile

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
        shop: Shop,
        bookkeeping: Bookkeeping,
        record: EventRecord,
        publisher: EventPublisher,
        clock: Clock,
        allow_local_apis: bool,
    ) -> None:
        self._profiles = profiles
        self._shop = shop
        self._bookkeeping = bookkeeping
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
        books, findings = await self._examine(profile)
        refusals = [finding for finding in findings if finding.is_refusal]
        if books is None or refusals:
            raise ProfileRefused(refusals)
        before = await self._profiles.get(profile.name)
        stored = await self._profiles.save(
            profile,
            administration=AdministrationInfo(id=books.administration_id, name=books.administration_name),
            saved_by=by,
        )
        await self._tell(stored, by)
        return AppliedProfile(stored=stored, warnings=(*findings, *_other_administration(before, stored)))

    async def check(self, name: str) -> Sequence[Finding]:
        """Examine a saved profile anew. NotKnown when there is none of that name."""
        stored = await self.profile(name)
        _, findings = await self._examine(stored.profile)
        return findings

    async def _examine(self, profile: Profile) -> tuple[Books | None, tuple[Finding, ...]]:
        shop = await _trouble(self._shop.log_in(profile), about="shop.token", party="shop")
        try:
            books, bookkeeping = await self._examine_bookkeeping(profile)
        except (MisconfiguredError, TransientError, RejectedError) as error:
            trouble = _finding(error, about=CONNECTION_KEY_FIELD, party="bookkeeping")
            return None, (*shop, trouble)
        return books, (*shop, *bookkeeping)

    async def _examine_bookkeeping(self, profile: Profile) -> tuple[Books, tuple[Finding, ...]]:
        books = await self._bookkeeping.log_in(profile)
        permissions = check_permissions(books.granted, makes_customers=profile.customers.policy != "manual")
        if any(finding.is_refusal for finding in permissions):
            return books, permissions
        administration = await self._bookkeeping.administration(profile)
        mapping = check_mapping(mapped_ledgers(profile), profile.bookings.cost_centre, administration)
        return books, (*permissions, *mapping)

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


def mapped_ledgers(profile: Profile) -> tuple[MappedLedger, ...]:
    """Every ledger number in the profile, with its place in the file."""
    if profile.bookings.ledgers is None:
        return ()
    return tuple(_mapped("bookings.ledgers", profile.bookings.ledgers.model_dump(), treatment=""))


def _mapped(path: str, content: object, *, treatment: str) -> Iterator[MappedLedger]:
    if type(content) is int:
        yield MappedLedger(field=path, treatment=treatment, number=content)
    elif isinstance(content, Mapping):
        for key, value in content.items():
            # Inside oss the keys are rate codes: the treatment is the word above them.
            yield from _mapped(f"{path}.{key}", value, treatment=treatment if treatment == "oss" else key)
    elif isinstance(content, tuple):
        for number, value in enumerate(content):
            yield from _mapped(f"{path}.{number}", value, treatment="")


async def _trouble(call: Awaitable[None], *, about: str, party: str) -> tuple[Finding, ...]:
    try:
        await call
    except (MisconfiguredError, TransientError) as error:
        return (_finding(error, about=about, party=party),)
    return ()


def _finding(
    error: MisconfiguredError | TransientError | RejectedError, *, about: str, party: str
) -> Finding:
    """What kept us from logging in: a refused key by its own sentence, anything else as no answer."""
    if isinstance(error, MisconfiguredError):
        return refusal(f"reason.{error.reason.text_key}", about=about, **error.reason.details)
    if isinstance(error, RejectedError):
        return refusal(f"command.{party}_refuses", about=about, **error.reason.details)
    return refusal(f"command.{party}_unreachable", about=about, **error.reason.details)


def _other_administration(before: StoredProfile | None, stored: StoredProfile) -> tuple[Finding, ...]:
    if before is None or before.administration_id == stored.administration_id:
        return ()
    names = {"before": before.administration_name, "now": stored.administration_name}
    return (warning("command.other_administration", about=CONNECTION_KEY_FIELD, **names),)
