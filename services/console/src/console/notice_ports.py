"""What telling people outside the console needs, by role."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from console.domain.notices import ChannelMemory, Digest, Subject, Untold
from sconnect.errors import SConnectError


class NotDelivered(SConnectError):
    """A digest that nobody got, or not everybody; `key` and `details` make a sentence of section `notice`."""

    def __init__(
        self, key: str, details: Mapping[str, str], *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(f"{key} {dict(details)}")
        self.key = key
        self.details = details
        self.retry_after_seconds = retry_after_seconds


class NoticeChannel(Protocol):
    """A way to reach people; `where` is what an administrator may see of how it is set, never a secret."""

    @property
    def name(self) -> str: ...

    @property
    def where(self) -> Mapping[str, str]: ...

    async def deliver(self, digest: Digest) -> NotDelivered | None:
        """Raises NotDelivered when nobody got it; returns it when somebody did, but not all."""


class NoticeBook(Protocol):
    """What there is to tell, and what each channel told; raises UpstreamUnavailable without its database."""

    async def letters_open(self) -> int: ...

    async def untold(self, channel: str) -> Untold: ...

    async def news(self, channel: str) -> list[Subject]:
        """What that channel has not told yet, the oldest first."""

    async def forget_what_is_over(self) -> None:
        """Told subjects that are solved; when they come back they are news."""

    async def memory(self, channel: str) -> ChannelMemory: ...

    async def begin_attempt(self, channel: str, attempts: int, next_attempt_at: datetime) -> None:
        """Written before anything is sent: who dies now tries again then."""

    async def note_failure(
        self, channel: str, at: datetime, failure: NotDelivered, next_attempt_at: datetime
    ) -> None: ...

    async def note_sent(
        self, channel: str, keys: Sequence[str], at: datetime, incomplete: NotDelivered | None
    ) -> None:
        """These are told."""
