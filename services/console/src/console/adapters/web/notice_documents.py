"""Notifications as JSON, and their sentences."""

from collections.abc import Mapping
from datetime import datetime

from console.adapters.web.document import Document
from console.handlers.notices import ChannelStatus, NoticeStatus, TestOutcome
from console.notice_ports import NotDelivered
from sconnect.texts import render


class ChannelDocument(Document):
    """`where` is how it is set, without secrets; `untold` is how much it has yet to tell.

    `trouble` is why the last digest was not delivered (it is tried again at `next_attempt_at`) or whom it
    did not reach.
    """

    channel: str
    where: dict[str, str]
    untold: int
    last_sent_at: datetime | None
    last_count: int
    trouble: str | None
    trouble_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None

    @classmethod
    def of(cls, status: ChannelStatus, language: str) -> "ChannelDocument":
        memory = status.memory
        trouble = memory.trouble_key and notice_sentence(
            memory.trouble_key, memory.trouble_details or {}, language
        )
        return cls(
            channel=status.name,
            where=dict(status.where),
            untold=status.untold,
            last_sent_at=memory.last_sent_at,
            last_count=memory.last_count,
            trouble=trouble,
            trouble_at=memory.trouble_at,
            attempts=memory.attempts,
            next_attempt_at=memory.next_attempt_at,
        )


class NoticeStatusDocument(Document):
    """At most one digest per `interval_minutes` and channel; no channels: nobody is told."""

    interval_minutes: int
    channels: tuple[ChannelDocument, ...]

    @classmethod
    def of(cls, status: NoticeStatus, language: str) -> "NoticeStatusDocument":
        return cls(
            interval_minutes=int(status.interval.total_seconds()) // 60,
            channels=tuple(ChannelDocument.of(channel, language) for channel in status.channels),
        )


class TestDocument(Document):
    """`trouble` is None when the test message was taken by all whom it was for."""

    channel: str
    trouble: str | None

    @classmethod
    def of(cls, outcome: TestOutcome, language: str) -> "TestDocument":
        return cls(channel=outcome.channel, trouble=trouble_sentence(outcome.trouble, language))


def trouble_sentence(trouble: NotDelivered | None, language: str) -> str | None:
    return None if trouble is None else notice_sentence(trouble.key, trouble.details, language)


def notice_sentence(key: str, details: Mapping[str, str], language: str) -> str:
    return render(f"notice.{key}", details, language)
