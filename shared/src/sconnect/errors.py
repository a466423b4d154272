"""Every error the connector knows, in one tree, and the closed list of reasons a person can be shown.

SConnectError
├── TransientError            the world may heal: wait and try again
│   ├── UpstreamUnavailable     no connection, time-out, 5xx
│   │   └── DatabaseUnavailable    it is our own database
│   ├── RateLimited             the other side asked us to slow down
│   │   └── AllowanceSpent         we did not even ask: its limit is reached
│   ├── ConcurrentChange        another worker holds the order or was first
│   └── ProfileUnavailable      the profile is paused or switched off
├── RejectedError             this order needs a person or other data: dead-letter queue
│   ├── UnreadableMessage       a body no contract can read
│   └── UnknownMessageVersion   a type or version this release does not know
├── MisconfiguredError        this profile cannot work until its settings change: pause it
└── StartupError              the process itself cannot start: one sentence, exit code 2
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class ReasonCode(StrEnum):
    """Why an order is not in the books. Closed and stable: codes are never renamed or reused."""

    # What the shop sent
    UNREADABLE_ORDER = "UNREADABLE_ORDER"
    BAD_NUMBER = "BAD_NUMBER"
    NO_TOTAL = "NO_TOTAL"
    FOREIGN_CURRENCY = "FOREIGN_CURRENCY"
    CREDIT_SIGN_AMBIGUOUS = "CREDIT_SIGN_AMBIGUOUS"
    TEST_ORDER = "TEST_ORDER"
    STATUS_NOT_YET = "STATUS_NOT_YET"
    BEFORE_START = "BEFORE_START"
    # The customer
    AMBIGUOUS_CUSTOMER = "AMBIGUOUS_CUSTOMER"
    NO_CERTAIN_MATCH = "NO_CERTAIN_MATCH"
    MANUAL_POLICY = "MANUAL_POLICY"
    NO_EMAIL = "NO_EMAIL"
    CUSTOMER_REFUSED = "CUSTOMER_REFUSED"
    CUSTOMER_LACKS_VAT_NUMBER = "CUSTOMER_LACKS_VAT_NUMBER"
    # The booking
    ZERO_TOTAL = "ZERO_TOTAL"
    NOTHING_TO_BOOK = "NOTHING_TO_BOOK"
    UNKNOWN_LINE_TYPE = "UNKNOWN_LINE_TYPE"
    RATE_MISSING = "RATE_MISSING"
    UNKNOWN_VAT_RATE = "UNKNOWN_VAT_RATE"
    ZERO_RATE_UNMAPPED = "ZERO_RATE_UNMAPPED"
    VAT_MISMATCH = "VAT_MISMATCH"
    VAT_RATE_MISMATCH = "VAT_RATE_MISMATCH"
    LINE_AMOUNT_MISMATCH = "LINE_AMOUNT_MISMATCH"
    TOTAL_MISMATCH = "TOTAL_MISMATCH"
    TAX_STRATEGY_CONFLICT = "TAX_STRATEGY_CONFLICT"
    MISSING_VAT_NUMBER = "MISSING_VAT_NUMBER"
    INVALID_VAT_NUMBER = "INVALID_VAT_NUMBER"
    OSS_NOT_ENABLED = "OSS_NOT_ENABLED"
    OSS_REQUIRED_BY_SNELSTART = "OSS_REQUIRED_BY_SNELSTART"
    OSS_CUSTOMER_HAS_VAT_NUMBER = "OSS_CUSTOMER_HAS_VAT_NUMBER"
    OSS_LEDGER_RESTRICTION = "OSS_LEDGER_RESTRICTION"
    UNSUPPORTED_REGION = "UNSUPPORTED_REGION"
    TAX_REGION_UNKNOWN = "TAX_REGION_UNKNOWN"
    KOR_WITH_VAT = "KOR_WITH_VAT"
    LEDGER_UNMAPPED = "LEDGER_UNMAPPED"
    LEDGER_UNFIT = "LEDGER_UNFIT"
    PERIOD_BLOCKED = "PERIOD_BLOCKED"
    CONFLICTS_WITH_EXISTING = "CONFLICTS_WITH_EXISTING"
    REFUSED_BY_SNELSTART = "REFUSED_BY_SNELSTART"
    # The way
    UNREADABLE_MESSAGE = "UNREADABLE_MESSAGE"
    UNKNOWN_VERSION = "UNKNOWN_VERSION"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    PROFILE_PAUSED = "PROFILE_PAUSED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    DELIVERY_LIMIT = "DELIVERY_LIMIT"
    UNEXPECTED = "UNEXPECTED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """A reason code with the facts its sentence names; never a secret, never personal data.

    `variant` picks a more exact sentence for the same code (text key `CODE.variant`).
    """

    code: ReasonCode
    details: Mapping[str, str] = field(default_factory=dict)
    variant: str | None = None

    @property
    def text_key(self) -> str:
        return self.code.value if self.variant is None else f"{self.code.value}.{self.variant}"


class SConnectError(Exception):
    """Anything the connector itself decided to raise."""


class TransientError(SConnectError):
    """The work can be tried again later; `retry_after_seconds` when the other side named a wait."""

    counts_as_attempt: ClassVar[bool] = True

    def __init__(self, reason: Reason, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{reason.text_key} {dict(reason.details)}")
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class UpstreamUnavailable(TransientError):
    """No connection, a time-out or a 5xx answer; `outcome_unknown` when a write may have been carried out."""

    def __init__(
        self, reason: Reason, *, retry_after_seconds: float | None = None, outcome_unknown: bool = False
    ) -> None:
        super().__init__(reason, retry_after_seconds=retry_after_seconds)
        self.outcome_unknown = outcome_unknown


class DatabaseUnavailable(UpstreamUnavailable):
    """Our own database is locked, away, restarting or full: nobody outside has anything to do with it."""

    def __init__(self) -> None:
        super().__init__(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="database"))


class RateLimited(TransientError):
    """A 429: the request was not carried out."""


class AllowanceSpent(RateLimited):
    """Not sent, for the administration's limit is reached; the wait is our estimate, nobody failed."""

    counts_as_attempt: ClassVar[bool] = False


class ConcurrentChange(TransientError):
    """Another worker holds the lease or claimed the key first; nobody's failure, so no attempt is counted."""

    counts_as_attempt: ClassVar[bool] = False


class ProfileUnavailable(TransientError):
    """The profile is paused or switched off at this stage; its orders wait without using up attempts."""

    counts_as_attempt: ClassVar[bool] = False


class RejectedError(SConnectError):
    """This order cannot go on without a person or other data."""

    def __init__(self, reason: Reason, *, suggestions: tuple[Mapping[str, str], ...] = ()) -> None:
        super().__init__(f"{reason.text_key} {dict(reason.details)}")
        self.reason = reason
        self.suggestions = suggestions


class UnreadableMessage(RejectedError):
    """A message body that no contract can read."""


class UnknownMessageVersion(RejectedError):
    """A message type or version that this release does not know."""


class MisconfiguredError(SConnectError):
    """A profile cannot work at this stage until someone changes a setting, a key or the administration."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.text_key} {dict(reason.details)}")
        self.reason = reason


class StartupError(SConnectError):
    """The process cannot start; its text is one sentence for the operator."""
