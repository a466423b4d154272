"""What needs a person: by reason, one by one with the order that it is about, and what was just decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.domain.letter_list import LedgerWait, LetterFilter, LetterGroup, LetterPlace, grouped
from console.domain.letters import DeadLetter
from console.domain.refusals import NotKnown
from console.domain.standing import OrderRow
from console.ports import LetterBox, LetterList, OrderBook
from sconnect.clock import Clock
from sconnect.contracts import SalesOrder, SalesOrderCustomerResolved, SalesOrderReceived, decode
from sconnect.errors import RejectedError

LETTERS_PER_PAGE = 20
PUT_AWAY_PER_PAGE = 50
JUST_DECIDED = timedelta(minutes=30)
JUST_DECIDED_MAX = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterCase:
    """A letter, where its order stands, and the order as it was set aside: None when it was not kept."""

    letter: DeadLetter
    row: OrderRow | None
    order: SalesOrder | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """`more` is what to ask for the next page with; None on the last one."""

    cases: Sequence[LetterCase]
    more: LetterPlace | None


class NeedsDesk:
    """Only looks. What is shown of a buyer comes from the message that was set aside, and is kept nowhere
    else."""

    def __init__(self, *, letters: LetterBox, listed: LetterList, orders: OrderBook, clock: Clock) -> None:
        self._letters = letters
        self._listed = listed
        self._orders = orders
        self._clock = clock

    async def groups(self) -> Sequence[LetterGroup]:
        """What waits, by reason."""
        return grouped(await self._listed.counts())

    async def groups_of(self, profile: str | None) -> tuple[Sequence[LetterGroup], Sequence[LetterGroup]]:
        """What waits of one profile, and what waits of all."""
        counts = await self._listed.counts()
        everybodys = grouped(counts)
        return (everybodys if profile is None else grouped(counts, profile)), everybodys

    async def ledger_waits(self) -> Sequence[LedgerWait]:
        """The places of ledgers that orders wait for."""
        return await self._listed.ledger_waits()

    async def page(self, wanted: LetterFilter, *, after: LetterPlace | None) -> CasePage:
        """The letters that wait, the oldest first."""
        found = await self._listed.waiting(wanted, after=after, at_most=LETTERS_PER_PAGE + 1)
        shown = found[:LETTERS_PER_PAGE]
        more = None
        if len(found) > len(shown):
            more = LetterPlace(at=shown[-1].since, letter_id=shown[-1].id)
        return CasePage(cases=await self._cases(shown), more=more)

    async def put_away(self, *, after: LetterPlace | None) -> CasePage:
        """What was discarded, the latest first; without the orders' contents."""
        found = await self._listed.put_away(after=after, at_most=PUT_AWAY_PER_PAGE + 1)
        shown = found[:PUT_AWAY_PER_PAGE]
        last = shown[-1] if len(found) > len(shown) else None
        more = LetterPlace(at=last.decided_at, letter_id=last.id) if last and last.decided_at else None
        return CasePage(cases=await self._cases(shown), more=more)

    async def just_decided(self) -> Sequence[LetterCase]:
        """What people decided in the last half hour, the latest first, with what became of it."""
        since = self._clock.now() - JUST_DECIDED
        return await self._cases(await self._listed.decided_since(since, at_most=JUST_DECIDED_MAX))

    async def case(self, letter_id: str) -> LetterCase:
        """NotKnown when there is no such letter."""
        letter = await self._letters.letter(letter_id)
        if letter is None:
            raise NotKnown("letter_unknown", id=letter_id)
        return (await self._cases([letter]))[0]

    async def _cases(self, letters: Sequence[DeadLetter]) -> list[LetterCase]:
        rows = await self._rows(letters)
        return [
            LetterCase(
                letter=letter,
                row=rows.get((letter.profile, letter.order_uuid or "")),
                order=order_set_aside(letter),
            )
            for letter in letters
        ]

    async def _rows(self, letters: Iterable[DeadLetter]) -> dict[tuple[str, str], OrderRow]:
        wanted: dict[str, list[str]] = {}
        for letter in letters:
            if letter.order_uuid is not None:
                wanted.setdefault(letter.profile, []).append(letter.order_uuid)
        return {
            (profile, row.order_uuid): row
            for profile, uuids in wanted.items()
            for row in await self._orders.orders(profile, uuids)
        }


def order_set_aside(letter: DeadLetter) -> SalesOrder | None:
    """The order in the message that was set aside; None when there is none that can be read."""
    if letter.message is None or letter.order_uuid is None:
        return None
    try:
        message = decode(letter.message.encode())
    except RejectedError:
        return None
    return message.order if isinstance(message, SalesOrderReceived | SalesOrderCustomerResolved) else None
