"""Many dead letters at once: a job that is written down first, and goes on where it stopped."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import structlog

from console.domain.letter_jobs import ItemOutcome, JobKind, JobOrder, LetterJob, Way, way_of
from console.domain.letters import REPLAYABLE, DeadLetter, LetterState
from console.domain.refusals import NotKnown, NotNow, NotSensible
from console.handlers.letters import (
    Decision,
    as_received_again,
    discard_event,
    replay_request,
    to_the_poller,
)
from console.ports import BegunDiscard, BegunReplay, JobItem, JobResult, LetterJobs, PendingReplay, SweepLease
from sconnect.clock import Clock
from sconnect.errors import TransientError
from sconnect.messaging import EventPublisher

LEASE_NAME = "letter-jobs"
# Renewed with every window that is published; how long a job stands still when its runner was killed.
LEASE_SECONDS = 20
LETTERS_PER_BATCH = 100
PUBLISHED_AT_ONCE = 50
RETRY_SECONDS = 5.0
JOBS_LISTED_MAX = 50
RESULTS_PER_PAGE = 50

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedLetter:
    """What a job would do with one letter; `refusal` is a text key when it would leave it as it is."""

    letter: DeadLetter
    way: Way | None
    refusal: str | None = None


class LetterJobDesk:
    """Takes jobs in and tells how far they are. Asked twice, the second job finds little or nothing left.

    Half-done when it dies: nothing, for a job and its letters are written down together.
    """

    def __init__(self, *, jobs: LetterJobs, clock: Clock, on_job: Callable[[], None]) -> None:
        self._jobs = jobs
        self._clock = clock
        self._on_job = on_job

    async def plan(self, order: JobOrder) -> Sequence[PlannedLetter]:
        """What the job would do, without doing it. NotSensible when it contradicts itself."""
        _require_sense(order)
        return [_planned(letter, order) for letter in await self._jobs.chosen(order)]

    async def start(self, order: JobOrder) -> LetterJob:
        _require_sense(order)
        job = LetterJob(id=str(uuid4()), order=order, requested_at=self._clock.now())
        await self._jobs.add(job)
        self._on_job()
        return await self.job(job.id)

    async def job(self, job_id: str) -> LetterJob:
        """NotKnown when there is none of that id."""
        job = await self._jobs.job(job_id)
        if job is None:
            raise NotKnown("job_unknown", id=job_id)
        return job

    async def results(self, job_id: str, *, after: int) -> tuple[Sequence[JobResult], int | None]:
        """How its letters fared, part by part, and the position that the next part comes after."""
        found = await self._jobs.results(job_id, after=after, at_most=RESULTS_PER_PAGE + 1)
        shown = found[:RESULTS_PER_PAGE]
        return shown, shown[-1].position if len(found) > len(shown) else None

    async def latest(self) -> Sequence[LetterJob]:
        return await self._jobs.latest(limit=JOBS_LISTED_MAX)


class LetterJobRunner:
    """One job at a time, whoever runs it; in batches, each of which is written down before it is published.

    Safe to run twice: a replay is published under an id made from its number. Half-done when it dies: letters
    that wait for their turn, and a batch that is published again by the next runner. The bookkeeper sees the
    job stand still until then.
    """

    def __init__(
        self,
        *,
        jobs: LetterJobs,
        publisher: EventPublisher,
        lease: SweepLease,
        clock: Clock,
        on_finished: Callable[[], None],
    ) -> None:
        self._jobs = jobs
        self._publisher = publisher
        self._lease = lease
        self._clock = clock
        self._on_finished = on_finished
        self._woken = asyncio.Event()
        # What an earlier process left is looked for once at the start.
        self._woken.set()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if not await self._work():
                await self._clock.sleep(RETRY_SECONDS)
                self._woken.set()

    async def _work(self) -> bool:
        """False when something is left that could not be done now."""
        try:
            return await self.finish_all()
        except TransientError as error:
            log.warning("letter_jobs_put_off", cause=error.reason.text_key)
            return False

    async def finish_all(self) -> bool:
        """Do every open job; False when somebody else is at it."""
        token = await self._lease.take(LEASE_NAME, LEASE_SECONDS)
        if token is None:
            return await self._jobs.next_open() is None
        try:
            while (job := await self._jobs.next_open()) is not None:
                if not await self._finish_job(job, token):
                    return False
        finally:
            await self._lease.release(LEASE_NAME, token)
        return True

    async def _finish_job(self, job: LetterJob, token: str) -> bool:
        if not await self._publish_begun(job, token):
            return False
        while items := await self._jobs.items(job.id, ItemOutcome.WAITING, limit=LETTERS_PER_BATCH):
            if not await self._lease.renew(LEASE_NAME, token, LEASE_SECONDS):
                return False
            if job.order.kind is JobKind.DISCARD:
                await self._discard(job, items)
            elif not await self._replay(job, items, token):
                return False
        await self._jobs.finish(job.id, self._clock.now())
        self._on_finished()
        log.info("letter_job_finished", job=job.id, kind=job.order.kind, letters=job.total)
        return True

    async def _replay(self, job: LetterJob, items: Sequence[JobItem], token: str) -> bool:
        begun = []
        for item in items:
            try:
                begun.append(self._begun(job.order, item))
            except NotNow as refusal:
                await self._jobs.refuse_item(job.id, item.position, refusal.key, refusal.details)
        marked = await self._jobs.begin_replays(job.id, begun, self._clock.now())
        for overtaken in {replay.position for replay in begun} - {replay.position for replay in marked}:
            await self._jobs.refuse_item(job.id, overtaken, "letter_overtaken", {})
        return await self._publish_begun(job, token)

    def _begun(self, order: JobOrder, item: JobItem) -> BegunReplay:
        letter = item.letter
        if (refusal := refusal_of(letter, order)) is not None:
            raise NotNow(refusal)
        if item.row is None:
            return BegunReplay(position=item.position, letter_id=letter.id)
        decision = None
        if order.decision_kind in ("use_customer", "create_customer"):
            decision = Decision(kind=order.decision_kind, value=order.decision_value)  # type: ignore[arg-type]
        request = replay_request(item.row, decision, by=order.by, now=self._clock.now())
        kept = letter.message is not None and letter.queue is not None
        way = way_of(order.way, reason_code=letter.reason.code, message_kept=kept)
        again = as_received_again(letter, request) if way is Way.AS_RECEIVED else to_the_poller(request)
        return BegunReplay(position=item.position, letter_id=letter.id, request=request, outgoing=again)

    async def _discard(self, job: LetterJob, items: Sequence[JobItem]) -> None:
        begun = []
        for item in items:
            if (refusal := refusal_of(item.letter, job.order)) is not None:
                await self._jobs.refuse_item(job.id, item.position, refusal, {})
                continue
            why = job.order.why or ""
            event = discard_event(item.letter, item.row, why=why, by=job.order.by, now=self._clock.now())
            begun.append(BegunDiscard(position=item.position, event=event))
        await self._jobs.begin_discards(job.id, begun)
        for discard in begun:
            await self._publisher.publish(discard.event)
        await self._jobs.finish_items(job.id, [discard.position for discard in begun], [])

    async def _publish_begun(self, job: LetterJob, token: str) -> bool:
        """Publish in order, a window at a time, what was written down; a repeat is known by its id.

        False when the lease is lost.
        """
        while begun := await self._jobs.unpublished(job.id, limit=PUBLISHED_AT_ONCE):
            if not await self._lease.renew(LEASE_NAME, token, LEASE_SECONDS):
                return False
            await asyncio.gather(*(self._publish(pending) for _, pending in begun))
            positions = [position for position, _ in begun]
            await self._jobs.finish_items(job.id, positions, [pending.letter_id for _, pending in begun])
        return True

    async def _publish(self, pending: PendingReplay) -> None:
        outgoing = pending.outgoing
        await self._publisher.publish_to_queue(
            outgoing.queue, outgoing.body, headers={}, message_id=outgoing.message_id
        )


def refusal_of(letter: DeadLetter, order: JobOrder) -> str | None:
    """The text key of why this letter is left as it is; None when it is not."""
    if order.kind is JobKind.DISCARD:
        allowed = letter.state in (LetterState.OPEN, LetterState.REPLAYED)
        return None if allowed else f"letter_{letter.state.value}"
    if letter.state not in REPLAYABLE:
        return f"letter_{letter.state.value}"
    if letter.order_uuid is None and order.decision_kind is not None:
        return "letter_without_order"
    if letter.order_uuid is None and letter.state is LetterState.DISCARDED and not letter.copy_held:
        return "message_not_kept"
    return None


def _planned(letter: DeadLetter, order: JobOrder) -> PlannedLetter:
    refusal = refusal_of(letter, order)
    if refusal is not None or order.kind is JobKind.DISCARD:
        return PlannedLetter(letter=letter, way=None, refusal=refusal)
    if letter.order_uuid is None:
        return PlannedLetter(letter=letter, way=Way.AS_RECEIVED)
    # Whether the body is kept is known when its turn comes; what came through a queue is.
    way = way_of(order.way, reason_code=letter.reason.code, message_kept=letter.queue is not None)
    return PlannedLetter(letter=letter, way=way)


def _require_sense(order: JobOrder) -> None:
    if not order.selection.says_something:
        raise NotSensible("nothing_chosen")
    if order.decision_kind is not None and not order.selection.is_narrow:
        raise NotSensible("decision_too_wide")
