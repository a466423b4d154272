"""What the handlers of dead letters need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from console.domain.letter_jobs import ItemOutcome, ItemTrouble, JobOrder, LetterJob
from console.domain.letter_list import LedgerWait, LetterCount, LetterFilter, LetterPlace
from console.domain.letters import DeadLetter, LetterMark
from console.domain.standing import OrderRow
from sconnect.contracts import DeadLetterDiscarded, OrderReplayRequested


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message on its way to one work queue."""

    queue: str
    message_id: str
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingReplay:
    letter_id: str
    outgoing: Outgoing


class LetterBox(Protocol):
    async def letters(
        self, profile: str | None, *, after: LetterPlace | None = None, at_most: int | None = None
    ) -> list[DeadLetter]:
        """What waits for a person, the oldest first, those that come after `after`; without messages."""

    async def letter(self, letter_id: str) -> DeadLetter | None: ...

    async def begin_replay(
        self, letter_id: str, request: OrderReplayRequested | None, outgoing: Outgoing | None, at: datetime
    ) -> bool:
        """Remember a replay before it is published, and the request in the order's trail.

        False when the letter has been overtaken, or is being replayed already. Without `outgoing` the copy
        in the queue is what will be sent on.
        """

    async def pending_replays(self) -> list[PendingReplay]:
        """Replays that were begun and whose message the broker has not confirmed."""

    async def finish_replay(self, letter_id: str) -> None: ...


class LetterList(Protocol):
    """The letters as a person looks at them."""

    async def counts(self) -> list[LetterCount]:
        """Of what waits, by profile and reason."""

    async def ledger_waits(self) -> list[LedgerWait]: ...

    async def waiting(
        self, wanted: LetterFilter, *, after: LetterPlace | None, at_most: int
    ) -> list[DeadLetter]:
        """What waits, the oldest first, with the messages."""

    async def put_away(self, *, after: LetterPlace | None, at_most: int) -> list[DeadLetter]:
        """What was discarded, the latest first; without the messages, as the next."""

    async def decided_since(self, at: datetime, *, at_most: int) -> list[DeadLetter]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class JobItem:
    """One letter of a job, with its order as far as it is known."""

    position: int
    letter: DeadLetter
    row: OrderRow | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunReplay:
    """What a replay writes down and then publishes; both are None for a copy that is about no order."""

    position: int
    letter_id: str
    request: OrderReplayRequested | None = None
    outgoing: Outgoing | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunDiscard:
    position: int
    event: DeadLetterDiscarded


@dataclass(frozen=True, kw_only=True, slots=True)
class JobResult:
    """One letter of a job; `trouble` is why it was left as it is, `row` where its order stands now."""

    position: int
    letter_id: str
    profile: str
    order_number: str | None
    outcome: ItemOutcome
    trouble: ItemTrouble | None
    row: OrderRow | None


class LetterJobs(Protocol):
    """Jobs over many dead letters; each call is one transaction."""

    async def chosen(self, job: JobOrder) -> list[DeadLetter]:
        """The letters that a job would take, the oldest first; without their messages."""

    async def add(self, job: LetterJob) -> None:
        """Remember the job and the letters it takes."""

    async def job(self, job_id: str) -> LetterJob | None: ...

    async def latest(self, *, limit: int) -> list[LetterJob]: ...

    async def next_open(self) -> LetterJob | None:
        """The oldest that is not finished."""

    async def items(self, job_id: str, outcome: ItemOutcome, *, limit: int) -> list[JobItem]:
        """The first letters that stand so, in their order."""

    async def begin_replays(
        self, job_id: str, begun: Sequence[BegunReplay], at: datetime
    ) -> list[BegunReplay]:
        """Mark each as a replay that is to be published; returns those that could still be marked."""

    async def begin_discards(self, job_id: str, begun: Sequence[BegunDiscard]) -> None: ...

    async def unpublished(self, job_id: str, *, limit: int) -> list[tuple[int, PendingReplay]]:
        """Begun replays whose message the broker has not confirmed, by position."""

    async def finish_items(self, job_id: str, positions: Sequence[int], letter_ids: Sequence[str]) -> None:
        """These are done; the replays among them are confirmed."""

    async def refuse_item(self, job_id: str, position: int, key: str, details: Mapping[str, str]) -> None: ...

    async def finish(self, job_id: str, at: datetime) -> None: ...

    async def results(self, job_id: str, *, after: int, at_most: int) -> list[JobResult]:
        """How each letter fared, in their order, those that come after that position."""


class LetterIndex(Protocol):
    """What the sweep over the dead-letter queues needs of the letters."""

    async def expected(self, queue: str) -> Mapping[str, LetterMark]:
        """By letter id, the letters that a copy in this queue is held of. They are few: of years of letters
        nearly all are settled."""

    async def mark(self, letter_id: str) -> LetterMark | None:
        """Of any letter; None when there is none of that id."""

    async def add(self, letter: DeadLetter) -> None: ...

    async def reopen(self, letter_id: str) -> None: ...

    async def note_copies(self, *, held: Collection[str], gone: Collection[str]) -> None: ...

    async def forget_discarded(self, decided_before: datetime) -> None:
        """Drop the bodies of letters discarded before that moment."""
