"""Choosing the ledger that orders wait for: kept in the profile, and then the orders go on."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.domain.ledger_places import LedgerPlace, RankedLedger, ranked, read_place
from console.domain.letter_jobs import JobKind, JobOrder, LetterJob, Selection
from console.domain.refusals import NotKnown, NotNow
from console.handlers.letter_jobs import LetterJobDesk
from console.handlers.profiles import ProfileDesk
from console.ports import Bookkeeping, LetterList
from sconnect.clock import Clock
from sconnect.errors import MisconfiguredError, Reason, RejectedError, TransientError
from sconnect.ledgers import Account, LedgerColumn, LineKind
from sconnect.profiles import Ledgers, Profile, StoredProfile

# A person who solves ten places in a row waits for SnelStart once.
BOOKS_KEPT = timedelta(minutes=5)
BOOKS_KEPT_MAX = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceChoice:
    """What could stand at one place; `present` is what stands there now."""

    place: LedgerPlace
    kind: LineKind
    column: LedgerColumn | None
    present: int | None
    ledgers: tuple[RankedLedger, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerChoices:
    """The places of which one must get a ledger; `unread` is why the administration shows none."""

    stored: StoredProfile
    field: str
    letters: int
    places: tuple[PlaceChoice, ...]
    unread: Reason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _KeptBooks:
    ledgers: Mapping[int, Account]
    profile_version: int
    read_at: datetime

    def serves(self, stored: StoredProfile, now: datetime) -> bool:
        return self.profile_version == stored.version and now - self.read_at < BOOKS_KEPT


class LedgerChoiceDesk:
    """A bookkeeper may choose here, though profiles are for administrators: only where orders wait for it.

    Half-done when it dies: a profile that was saved, whose orders still wait; choosing again sends them on.
    """

    def __init__(
        self,
        *,
        profiles: ProfileDesk,
        bookkeeping: Bookkeeping,
        listed: LetterList,
        jobs: LetterJobDesk,
        clock: Clock,
    ) -> None:
        self._profiles = profiles
        self._bookkeeping = bookkeeping
        self._listed = listed
        self._jobs = jobs
        self._clock = clock
        self._kept: dict[str, _KeptBooks] = {}
        # Two choices for one profile at once: the second must see what the first one saved.
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def choices(self, profile: str, field: str, *, anew: bool = False) -> LedgerChoices:
        """What could stand at the place that orders wait for; read from the administration, at most five
        minutes ago unless `anew`.

        NotKnown: no such profile. NotNow: no order waits for that place.
        """
        stored = await self._profiles.profile(profile)
        letters = await self._waiting_for(profile, field)
        places = self._places(stored.profile, field)
        try:
            accounts = await self._accounts(stored, anew=anew)
        except (MisconfiguredError, TransientError, RejectedError) as error:
            return LedgerChoices(stored=stored, field=field, letters=letters, places=(), unread=error.reason)
        has_cost_centre = stored.profile.bookings.cost_centre is not None
        return LedgerChoices(
            stored=stored,
            field=field,
            letters=letters,
            places=tuple(
                PlaceChoice(
                    place=place,
                    kind=kind,
                    column=place.column,
                    present=ledger_at(stored.profile.bookings.ledgers or Ledgers(), place),
                    ledgers=tuple(ranked(accounts, kind, place.column, has_cost_centre=has_cost_centre)),
                )
                for place, kind in places
            ),
        )

    async def choose(self, profile: str, field: str, chosen: str, number: int, *, by: str) -> LetterJob:
        """Keep the ledger at the place `chosen` of the profile and send on all orders that wait for `field`.

        NotNow: nothing waits for it, or the ledger cannot stand there. ProfileRefused: the profile was
        examined and not saved.
        """
        async with self._turns[profile]:
            choices = await self.choices(profile, field)
            place = next((each for each in choices.places if each.place.field == chosen), None)
            if choices.unread is not None or place is None:
                raise NotNow("ledgers_unread")
            _require_fitting(place, number)
            stored = choices.stored
            ledgers = with_ledger(stored.profile.bookings.ledgers or Ledgers(), place.place, number)
            unconfirmed = [f for f in stored.profile.bookings.unconfirmed_ledgers if f != chosen]
            await self._profiles.save_ledgers(stored, ledgers, unconfirmed=unconfirmed, by=by)
        return await self._jobs.start(
            JobOrder(kind=JobKind.REPLAY, selection=Selection(profile=profile, ledger_field=field), by=by)
        )

    async def _waiting_for(self, profile: str, field: str) -> int:
        waits = await self._listed.ledger_waits()
        letters = sum(wait.letters for wait in waits if (wait.profile, wait.field) == (profile, field))
        if not letters:
            raise NotNow("ledger_not_waited_for", profile=profile)
        return letters

    def _places(self, profile: Profile, field: str) -> Sequence[tuple[LedgerPlace, LineKind]]:
        place = read_place(field)
        if place is None:
            raise NotKnown("ledger_not_waited_for", profile=profile.name)
        ledgers = profile.bookings.ledgers or Ledgers()
        if place.refinement is not None:
            if place.refinement >= len(ledgers.refinements):
                raise NotNow("ledger_not_waited_for", profile=profile.name)
            return [(place, LineKind(ledgers.refinements[place.refinement].kind))]
        return [(each, each.kind) for each in place.alternatives() if each.kind is not None]

    async def _accounts(self, stored: StoredProfile, *, anew: bool) -> Mapping[int, Account]:
        name, now = stored.profile.name, self._clock.now()
        kept = self._kept.get(name)
        if not anew and kept is not None and kept.serves(stored, now):
            return kept.ledgers
        await self._bookkeeping.log_in(stored.profile)
        books = await self._bookkeeping.books(stored.profile)
        fresh = {key: each for key, each in self._kept.items() if now - each.read_at < BOOKS_KEPT}
        fresh[name] = _KeptBooks(ledgers=books.accounts, profile_version=stored.version, read_at=now)
        self._kept = dict(list(fresh.items())[-BOOKS_KEPT_MAX:])
        return books.accounts


def ledger_at(ledgers: Ledgers, place: LedgerPlace) -> int | None:
    """What stands at a place of a profile's ledgers."""
    *path, last = _path(place)
    found: Any = ledgers.model_dump(mode="json", by_alias=True)
    for step in path:
        found = found[step]
    number: int | None = found.get(last)
    return number


def with_ledger(ledgers: Ledgers, place: LedgerPlace, number: int) -> Ledgers:
    """The same ledgers with this number at that place."""
    document = ledgers.model_dump(mode="json", by_alias=True)
    *path, last = _path(place)
    found: Any = document
    for step in path:
        found = found[step]
    found[last] = number
    return Ledgers.model_validate_json(json.dumps(document))


def _path(place: LedgerPlace) -> list[str | int]:
    """From `revenue.oss.SR` the keys and positions that lead there in a profile's file."""
    if place.column is None:
        return [place.field]
    column: list[str | int] = [*place.column.value.split(".")]
    if place.refinement is not None:
        return ["refinements", place.refinement, *column]
    return [place.field.partition(".")[0], *column]


def _require_fitting(place: PlaceChoice, number: int) -> None:
    ledger = next((each for each in place.ledgers if each.account.number == number), None)
    if ledger is None:
        raise NotNow("ledger_not_there", ledger=str(number))
    if not ledger.fits:
        raise NotNow("ledger_does_not_fit", ledger=str(number))
