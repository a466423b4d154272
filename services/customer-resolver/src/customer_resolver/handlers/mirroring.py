"""Keeps the mirror of each administration's relations fresh enough to decide on."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, time, timedelta

import structlog

from customer_resolver.domain.recognition import StatisticsCount
from customer_resolver.handlers.administrations import Administration
from customer_resolver.ports import CustomerMirror, ReadLeases
from sconnect.allowance import patient_calls
from sconnect.clock import SHOP_TIME_ZONE, Clock
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, SConnectError
from sconnect.tasks import cancel_until_done

# SnelStart's ModifiedOn carries no zone; Dutch time is two hours ahead of UTC at most, and clocks differ.
DELTA_OVERLAP = timedelta(hours=3)
# A card counts as a sign of freshness when the refresh before it began no longer ago than this.
FRESH_BEFORE_CARD = timedelta(minutes=2)
# Renewed after every page; a page takes one call, whose deadline is 20 seconds.
READ_LEASE_SECONDS = 60.0
# How long a complete read waits for its turn at each page, when orders use up what SnelStart allows.
READ_PATIENCE_SECONDS = 30.0
# Rows move between pages when others delete relations meanwhile: gone is what two complete reads do not show.
COMPLETE_READS_MAX = 2

log = structlog.get_logger(__name__)


def full_read_is_due(last: datetime | None, now: datetime, *, hour: int) -> bool:
    """Whether the hour (Dutch time) at which a night's complete read begins has passed since the last one."""
    if last is None:
        return True
    today = now.astimezone(SHOP_TIME_ZONE).date()
    begins = datetime.combine(today, time(hour), SHOP_TIME_ZONE).astimezone(UTC)
    if begins > now:
        begins = datetime.combine(today - timedelta(days=1), time(hour), SHOP_TIME_ZONE).astimezone(UTC)
    return last < begins


class MirrorKeeper:
    """Reads relations into the mirror: all of them first and every night, the modified ones in between.

    Deltas may run beside a complete read: what a slow page puts back, the next delta's overlap corrects.
    After a release with another normal form the keys are made anew before anything is decided on them.
    """

    def __init__(
        self,
        *,
        mirror: CustomerMirror,
        leases: ReadLeases,
        clock: Clock,
        age_seconds_max: float,
        full_read_hour: int,
        first_read_wait_seconds: float,
    ) -> None:
        self._mirror = mirror
        self._leases = leases
        self._clock = clock
        self._age_max = timedelta(seconds=age_seconds_max)
        self._full_read_hour = full_read_hour
        self._first_read_wait_seconds = first_read_wait_seconds
        self._work: dict[str, asyncio.Task[None]] = {}

    async def ensure_recent(self, administration: Administration) -> None:
        """A complete mirror, of which the last delta is not too old or is being read by a colleague.

        Raises ConcurrentChange while the first complete read, or new keys, take longer than an order should
        wait.
        """
        freshness = await self._mirror.freshness(administration.id)
        if freshness.full_read_at is None or freshness.read_at is None:
            await self._wait_for(self._full_read(administration))
        elif not freshness.keys_are_current:
            await self._wait_for(self._new_keys(administration))
        elif self._clock.now() - freshness.read_at > self._age_max:
            await self._read_delta(administration, freshness.read_at)

    async def refresh(self, administration: Administration) -> datetime:
        """One delta read; what others changed in the administration before the moment it returns is known.

        It begins where the mirror was known to be fresh on the administration's own clock, so that many new
        customers in a row do not read each other again and again.
        """
        began_at = self._clock.now()
        freshness = await self._mirror.freshness(administration.id)
        if freshness.read_at is None:
            raise _being_read()
        since = freshness.read_at - DELTA_OVERLAP
        if freshness.card_made_on is not None:
            since = max(since, freshness.card_made_on - FRESH_BEFORE_CARD)
        await self._read_since(administration, since)
        return began_at

    async def read_all_if_due(self, administration: Administration) -> None:
        """The night's complete read, or the very first, and new keys; one process at a time."""
        freshness = await self._mirror.freshness(administration.id)
        if not freshness.keys_are_current:
            await asyncio.shield(self._new_keys(administration))
        if full_read_is_due(freshness.full_read_at, self._clock.now(), hour=self._full_read_hour):
            await asyncio.shield(self._full_read(administration))

    async def close(self) -> None:
        """Stop the complete reads under way; another process or the next start begins them again."""
        await cancel_until_done(self._work.values())

    async def _read_delta(self, administration: Administration, last_read_at: datetime) -> None:
        name = f"mirror-delta:{administration.id}"
        token = await self._leases.take(name, READ_LEASE_SECONDS)
        if token is None:
            return
        try:
            began_at = self._clock.now()
            await self._read_since(administration, last_read_at - DELTA_OVERLAP)
            await self._mirror.finish_delta(administration.id, began_at)
        finally:
            await self._leases.release(name, token)

    async def _read_since(self, administration: Administration, moment: datetime) -> None:
        async for page in administration.directory.relations(modified_since=moment):
            await self._mirror.save(administration.id, page)

    async def _wait_for(self, work: "asyncio.Task[None]") -> None:
        try:
            async with asyncio.timeout(self._first_read_wait_seconds):
                await asyncio.shield(work)
        except TimeoutError:
            raise _being_read() from None

    def _full_read(self, administration: Administration) -> "asyncio.Task[None]":
        return self._once(f"mirror-full:{administration.id}", lambda: self._read_all(administration))

    def _new_keys(self, administration: Administration) -> "asyncio.Task[None]":
        return self._once(f"mirror-keys:{administration.id}", lambda: self._make_keys(administration))

    def _once(self, name: str, begin: Callable[[], Coroutine[None, None, None]]) -> "asyncio.Task[None]":
        """This process's one task of that name; it outlives whoever asked for it."""
        task = self._work.get(name)
        if task is None:
            task = asyncio.create_task(begin())
            self._work[name] = task
            task.add_done_callback(lambda ended: self._ended(name, ended))
        return task

    def _ended(self, name: str, task: "asyncio.Task[None]") -> None:
        self._work.pop(name, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, SConnectError) and not isinstance(error, ConcurrentChange):
            log.warning("mirror_not_read", work=name, cause=str(error))

    async def _make_keys(self, administration: Administration) -> None:
        name = f"mirror-keys:{administration.id}"
        token = await self._leases.take(name, READ_LEASE_SECONDS)
        if token is None:
            raise _being_read()
        try:
            while await self._mirror.make_keys_anew(administration.id):
                if not await self._leases.renew(name, token, READ_LEASE_SECONDS):
                    raise _being_read()
            log.info("mirror_keys_made", administration=administration.id)
        finally:
            await self._leases.release(name, token)

    async def _read_all(self, administration: Administration) -> None:
        name = f"mirror-full:{administration.id}"
        token = await self._leases.take(name, READ_LEASE_SECONDS)
        if token is None:
            raise _being_read()
        try:
            began_at = self._clock.now()
            full_read = await self._mirror.begin_full_read(administration.id)
            count = StatisticsCount()
            with patient_calls(READ_PATIENCE_SECONDS):
                await self._save_every_page(administration, name, token, count)
            for _ in range(COMPLETE_READS_MAX - 1):
                if await self._mirror.count_unseen(administration.id, full_read):
                    with patient_calls(READ_PATIENCE_SECONDS):
                        await self._save_every_page(administration, name, token)
            await self._mirror.finish_full_read(administration.id, full_read, began_at, count.statistics())
            log.info("mirror_read", administration=administration.id, full_read=full_read)
        finally:
            await self._leases.release(name, token)

    async def _save_every_page(
        self, administration: Administration, lease: str, token: str, count: StatisticsCount | None = None
    ) -> None:
        async for page in administration.directory.relations():
            await self._mirror.save(administration.id, page)
            if count is not None:
                for relation in page:
                    count.add(relation)
            if not await self._leases.renew(lease, token, READ_LEASE_SECONDS):
                raise _being_read()


def _being_read() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="mirror_being_read"))
