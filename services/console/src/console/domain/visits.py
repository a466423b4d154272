"""How long somebody stays signed in, and when signing in is closed for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.people import Role

# A stolen password list is tried on one account or from one address; both are slowed down.
FAILURES_PER_ACCOUNT_MAX = 5
FAILURES_PER_ADDRESS_MAX = 20
FAILURES_COUNTED_FOR = timedelta(minutes=15)
# Not every request writes that it was there.
SEEN_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionLimits:
    """Signed out after `idle` without a request of a person, and after `absolute` in any case."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Somebody who signed in, as the account is now. `notice` is a text key to show at the next page."""

    name: str
    role: Role
    must_change_password: bool
    created_at: datetime
    seen_at: datetime
    notice: str | None = None

    def is_over(self, now: datetime, limits: SessionLimits) -> bool:
        return now - self.seen_at >= limits.idle or now - self.created_at >= limits.absolute


def closed_until(failures: Sequence[datetime], *, most: int) -> datetime | None:
    """When signing in opens again; None while it is open. `failures` are those still counted."""
    if len(failures) < most:
        return None
    return sorted(failures)[-most] + FAILURES_COUNTED_FOR
