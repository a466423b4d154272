"""Tells people outside the console what needs them, over the channels that are set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from console.domain.notices import ChannelMemory, Digest, NoticePlan, wait_after
from console.notice_ports import NotDelivered, NoticeBook, NoticeChannel
from console.ports import SweepLease
from sconnect.clock import Clock
from sconnect.errors import TransientError

log = structlog.get_logger(__name__)

LOOK_INTERVAL_SECONDS = 30.0
LEASE = "notices"
# Longer than any channel may take.
LEASE_SECONDS = 120.0


class Notifier:
    """Sends each channel a digest of what is new for it.

    An attempt is written down before it is made, and what was told after it: when the process dies in
    between, that one digest is sent again, with the same identity. None is lost.
    """

    def __init__(
        self,
        *,
        channels: Sequence[NoticeChannel],
        book: NoticeBook,
        lease: SweepLease,
        clock: Clock,
        plan: NoticePlan,
    ) -> None:
        self._channels = channels
        self._book = book
        self._lease = lease
        self._clock = clock
        self._plan = plan

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            await self.round()
            await self._clock.sleep(LOOK_INTERVAL_SECONDS)

    async def round(self) -> None:
        """Tell whom there is news for, when it is time; what fails is tried again later."""
        try:
            token = await self._lease.take(LEASE, LEASE_SECONDS) if self._channels else None
            if token is None:
                return
            try:
                await self._book.forget_what_is_over()
                for channel in self._channels:
                    if await self._lease.renew(LEASE, token, LEASE_SECONDS):
                        await self._tell(channel)
            finally:
                await self._lease.release(LEASE, token)
        except TransientError as error:
            log.warning("notices_put_off", cause=error.reason.text_key)

    async def _tell(self, channel: NoticeChannel) -> None:
        now = self._clock.now()
        memory = await self._book.memory(channel.name)
        if not self._plan.is_due(memory, await self._book.untold(channel.name), now):
            return
        attempts = memory.attempts + 1
        await self._book.begin_attempt(channel.name, attempts, now + wait_after(attempts))
        subjects = await self._book.news(channel.name)
        digest = Digest.of(channel.name, subjects, now, letters_open=await self._book.letters_open())
        try:
            incomplete = await channel.deliver(digest)
        except NotDelivered as failure:
            await self._note_failure(channel.name, failure, now + _wait(failure, attempts))
            return
        log.info("notice_sent", channel=channel.name, subjects=len(subjects), digest=digest.id)
        await self._book.note_sent(
            channel.name, [subject.key for subject in subjects], self._clock.now(), incomplete
        )

    async def _note_failure(self, channel: str, failure: NotDelivered, next_attempt_at: datetime) -> None:
        log.warning("notice_not_sent", channel=channel, cause=failure.key)
        await self._book.note_failure(channel, self._clock.now(), failure, next_attempt_at)


def _wait(failure: NotDelivered, attempts: int) -> timedelta:
    return max(wait_after(attempts), timedelta(seconds=failure.retry_after_seconds or 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelStatus:
    """A channel as it is set (`where`), what is remembered of it, and how much it has yet to tell."""

    name: str
    where: Mapping[str, str]
    memory: ChannelMemory
    untold: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeStatus:
    interval: timedelta
    channels: tuple[ChannelStatus, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestOutcome:
    """`trouble` is None when the message was taken by all whom it was for."""

    channel: str
    trouble: NotDelivered | None


class NoticeDesk:
    """Shows how notices are set, and sends a test message."""

    def __init__(
        self, *, channels: Sequence[NoticeChannel], book: NoticeBook, clock: Clock, plan: NoticePlan
    ) -> None:
        self._channels = channels
        self._book = book
        self._clock = clock
        self._plan = plan

    async def status(self) -> NoticeStatus:
        channels = [
            ChannelStatus(
                name=channel.name,
                where=channel.where,
                memory=await self._book.memory(channel.name),
                untold=(await self._book.untold(channel.name)).count,
            )
            for channel in self._channels
        ]
        return NoticeStatus(interval=self._plan.interval, channels=tuple(channels))

    async def test(self) -> list[TestOutcome]:
        """Send a test message over every channel at once; nothing counts as told, no interval begins."""
        letters_open = await self._book.letters_open()
        return [await self._test(channel, letters_open) for channel in self._channels]

    async def _test(self, channel: NoticeChannel, letters_open: int) -> TestOutcome:
        digest = Digest.test(channel.name, self._clock.now(), letters_open=letters_open)
        try:
            trouble = await channel.deliver(digest)
        except NotDelivered as failure:
            trouble = failure
        log.info("notice_tested", channel=channel.name, cause=trouble.key if trouble else None)
        return TestOutcome(channel=channel.name, trouble=trouble)
