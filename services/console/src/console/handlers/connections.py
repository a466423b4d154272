"""The two connections of a profile: tried before they are saved, and what they show to choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from console.domain.findings import Finding
from console.domain.profile_settings import patched
from console.handlers.examination import Examiner, VendorTrouble
from console.handlers.profiles import ProfileDesk
from console.ports import Bookkeeping, Shop, ShopStatus
from sconnect.clock import Clock
from sconnect.ledgers import Books
from sconnect.profiles import BookkeepingSettings, Profile, ShopSettings, StoredProfile

Key = TypeVar("Key")
Content = TypeVar("Content")

LISTS_KEPT = timedelta(minutes=15)
LISTS_KEPT_MAX = 50
# Only one side of a profile is tried; the other one is no part of the question yet.
_STAND_IN: Final = "not-given"


class Side(StrEnum):
    """The sections of a profile that hold a connection."""

    SHOP = "shop"
    BOOKKEEPING = "bookkeeping"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionReport:
    """`findings` with a refusal: it does not work. `statuses` and `administration` are what it showed."""

    findings: tuple[Finding, ...]
    administration: str | None = None
    statuses: tuple[ShopStatus, ...] = ()

    @property
    def works(self) -> bool:
        return not any(finding.is_refusal for finding in self.findings)


class ConnectionDesk:
    """Reads at the vendors and changes nothing; `lists` is what the connections show to choose from."""

    def __init__(self, *, profiles: ProfileDesk, examiner: Examiner, lists: "VendorLists") -> None:
        self._profiles = profiles
        self._examiner = examiner
        self.lists = lists

    async def try_out(
        self, side: Side, settings: Mapping[str, Any], *, before: StoredProfile | None
    ) -> ConnectionReport:
        """What one side says with these settings, those of `before` where they say nothing.

        ProfileInvalid: they can be no settings of that side.
        """
        profile = self._draft(side, settings, before)
        if side is Side.SHOP:
            findings = await self._examiner.try_shop(profile)
            statuses = () if findings else await self.lists.statuses(profile)
            return ConnectionReport(findings=findings, statuses=tuple(statuses))
        opened, findings = await self._examiner.try_bookkeeping(profile)
        name = None if opened is None else opened.administration_name
        return ConnectionReport(findings=findings, administration=name)

    def _draft(self, side: Side, settings: Mapping[str, Any], before: StoredProfile | None) -> Profile:
        if before is not None:
            return self._profiles.changed(before, {"enabled": False, side.value: settings})
        nothing_yet = {
            "name": _STAND_IN,
            "enabled": False,
            "shop": {"token": _STAND_IN, "start_order_number": 0, "order_statuses": "all"},
            "bookkeeping": {"subscription_key": _STAND_IN, "connection_key": _STAND_IN},
        }
        return self._profiles.read(patched(nothing_yet, {side.value: settings}))


class VendorLists:
    """What people choose from: the ledgers of an administration, the statuses of a shop.

    Kept in memory for LISTS_KEPT, so that a page does not ask the vendors each time it is shown.
    """

    def __init__(self, shop: Shop, bookkeeping: Bookkeeping, clock: Clock) -> None:
        self._shop = shop
        self._bookkeeping = bookkeeping
        self._clock = clock
        self._books: dict[BookkeepingSettings, tuple[datetime, Books]] = {}
        self._statuses: dict[ShopSettings, tuple[datetime, Sequence[ShopStatus]]] = {}

    async def books(self, profile: Profile) -> Books | None:
        """None while the administration cannot be read; a later look tries again."""
        kept = self._fresh(self._books, profile.bookkeeping)
        if kept is not None:
            return kept
        try:
            books = await self._bookkeeping.books(profile)
        except VendorTrouble:
            return None
        self._keep(self._books, profile.bookkeeping, books)
        return books

    async def statuses(self, profile: Profile) -> Sequence[ShopStatus]:
        """None of them while the shop cannot be read, or does not show them to this key."""
        kept = self._fresh(self._statuses, profile.shop)
        if kept is not None:
            return kept
        try:
            statuses = await self._shop.statuses(profile)
        except VendorTrouble:
            return ()
        self._keep(self._statuses, profile.shop, statuses)
        return statuses

    def note_books(self, profile: Profile, books: Books) -> None:
        """Read for another reason just now."""
        self._keep(self._books, profile.bookkeeping, books)

    def forget(self, profile: Profile) -> None:
        """Somebody wants to see what is there now."""
        self._books.pop(profile.bookkeeping, None)
        self._statuses.pop(profile.shop, None)

    def _fresh(self, kept: Mapping[Key, tuple[datetime, Content]], key: Key) -> Content | None:
        at, content = kept.get(key, (None, None))
        return content if at is not None and self._clock.now() - at < LISTS_KEPT else None

    def _keep(self, kept: dict[Key, tuple[datetime, Content]], key: Key, content: Content) -> None:
        kept.pop(key, None)
        kept[key] = (self._clock.now(), content)
        while len(kept) > LISTS_KEPT_MAX:
            kept.pop(next(iter(kept)))
