"""What waits for a person, counted, filtered, and shown part by part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.letter_jobs import REASONS_OF_THE_CUSTOMER, Way, way_of
from console.domain.letters import DeadLetter
from sconnect.errors import ReasonCode

# Another customer may get rid of these too, though the fault is not in who was recognised.
REASONS_ANOTHER_CUSTOMER_MAY_SOLVE = frozenset(
    {
        ReasonCode.CUSTOMER_LACKS_VAT_NUMBER,
        ReasonCode.INVALID_VAT_NUMBER,
        ReasonCode.TAX_STRATEGY_CONFLICT,
        ReasonCode.OSS_NOT_ENABLED,
        ReasonCode.OSS_CUSTOMER_HAS_VAT_NUMBER,
        ReasonCode.OSS_REQUIRED_BY_SNELSTART,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterFilter:
    """Which of the letters that wait; every field that is not None narrows the list."""

    reason_code: str | None = None
    profile: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterPlace:
    """Where a letter stands in a list: `at` is since when it waits, or when it was put away."""

    at: datetime
    letter_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterCount:
    """So many letters wait; `message_kept`: what was set aside can be sent on as it is."""

    profile: str
    reason_code: str
    message_kept: bool
    letters: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterGroup:
    """What waits for one reason; `from_shop` of them would be read from the shop again when offered again."""

    reason_code: str
    letters: int
    from_shop: int
    by_profile: Mapping[str, int]

    @property
    def as_received(self) -> int:
        return self.letters - self.from_shop


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerWait:
    """So many letters of a profile wait for a ledger at one place of it, as `revenue.nl_high`."""

    profile: str
    field: str
    reason_code: str
    letters: int


def grouped(counts: Iterable[LetterCount], profile: str | None = None) -> list[LetterGroup]:
    """A group per reason, the largest first; of one profile alone when it is given."""
    of_reason: dict[str, list[LetterCount]] = {}
    for count in counts:
        if profile in (None, count.profile):
            of_reason.setdefault(count.reason_code, []).append(count)
    groups = [_group(code, found) for code, found in of_reason.items()]
    return sorted(groups, key=lambda group: (-group.letters, group.reason_code))


def _group(code: str, counts: Iterable[LetterCount]) -> LetterGroup:
    by_profile: dict[str, int] = {}
    from_shop = 0
    for count in counts:
        by_profile[count.profile] = by_profile.get(count.profile, 0) + count.letters
        way = way_of(Way.CHOSEN, reason_code=code, message_kept=count.message_kept)
        from_shop += count.letters if way is Way.FROM_SHOP else 0
    return LetterGroup(
        reason_code=code,
        letters=sum(by_profile.values()),
        from_shop=from_shop,
        by_profile=dict(sorted(by_profile.items())),
    )


def asks_for_a_customer(letter: DeadLetter) -> bool:
    """Whether a person's word about the customer is the answer."""
    return letter.order_uuid is not None and letter.reason.code in REASONS_OF_THE_CUSTOMER


def may_have_another_customer(letter: DeadLetter) -> bool:
    return letter.order_uuid is not None and letter.reason.code in REASONS_ANOTHER_CUSTOMER_MAY_SOLVE
