"""Replaying or discarding many dead letters: what was chosen, how each goes, how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sconnect.errors import ReasonCode

# What is wrong lies in what the shop sent: sending the same on again would end the same.
REASONS_OF_THE_SHOP = frozenset(
    {
        ReasonCode.UNREADABLE_ORDER,
        ReasonCode.BAD_NUMBER,
        ReasonCode.NO_TOTAL,
        ReasonCode.FOREIGN_CURRENCY,
        ReasonCode.CREDIT_SIGN_AMBIGUOUS,
        ReasonCode.UNKNOWN_LINE_TYPE,
        ReasonCode.RATE_MISSING,
        ReasonCode.VAT_MISMATCH,
        ReasonCode.VAT_RATE_MISMATCH,
        ReasonCode.LINE_AMOUNT_MISMATCH,
        ReasonCode.TOTAL_MISMATCH,
        ReasonCode.MISSING_VAT_NUMBER,
        ReasonCode.INVALID_VAT_NUMBER,
        ReasonCode.TAX_REGION_UNKNOWN,
        ReasonCode.NO_EMAIL,
    }
)
# A person's word about the customer answers these.
REASONS_OF_THE_CUSTOMER = frozenset(
    {
        ReasonCode.AMBIGUOUS_CUSTOMER,
        ReasonCode.NO_CERTAIN_MATCH,
        ReasonCode.MANUAL_POLICY,
        ReasonCode.NO_EMAIL,
        ReasonCode.CUSTOMER_REFUSED,
    }
)


class JobKind(StrEnum):
    REPLAY = "replay"
    DISCARD = "discard"


class Way(StrEnum):
    """How an order is offered again.

    CHOSEN: from the shop when the fault lies in what it sent or nothing was kept, else as received: the shop
    is asked about twice a second, and ten thousand orders would take it more than an hour.
    """

    CHOSEN = "chosen"
    FROM_SHOP = "from_shop"
    AS_RECEIVED = "as_received"


class ItemOutcome(StrEnum):
    """WAITING has not had its turn. BEGUN is written down and may not have been published yet."""

    WAITING = "waiting"
    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which dead letters; every condition that is given must hold. `of_job`: what that job discarded;
    `ledger_field`: what waits for a ledger at that place of the profile, as `revenue.nl_high`."""

    letter_ids: tuple[str, ...] = ()
    profile: str | None = None
    order_number: str | None = None
    reason_code: str | None = None
    ledger_field: str | None = None
    everything: bool = False
    of_job: str | None = None

    @property
    def says_something(self) -> bool:
        conditions = (self.letter_ids, self.profile, self.order_number, self.reason_code, self.of_job)
        return self.everything or self.ledger_field is not None or any(conditions)

    @property
    def is_narrow(self) -> bool:
        """Whether one decision about a customer can be meant for all of it."""
        return bool(self.letter_ids or self.order_number) or self.reason_code in REASONS_OF_THE_CUSTOMER


@dataclass(frozen=True, kw_only=True, slots=True)
class JobOrder:
    """What a person asked for. `decision_kind` and `decision_value` are the amendment of a replay."""

    kind: JobKind
    selection: Selection
    by: str
    way: Way = Way.CHOSEN
    decision_kind: str | None = None
    decision_value: str | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemTrouble:
    """Why one letter was left as it is: a text key with its details."""

    letter_id: str
    order_number: str | None
    key: str
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterJob:
    """A job as it stands; finished when nothing waits and nothing is begun."""

    id: str
    order: JobOrder
    requested_at: datetime
    finished_at: datetime | None = None
    counts: Mapping[ItemOutcome, int] = field(default_factory=dict)
    troubles: tuple[ItemTrouble, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


def way_of(way: Way, *, reason_code: str, message_kept: bool) -> Way:
    """FROM_SHOP or AS_RECEIVED, for one letter."""
    if way is not Way.CHOSEN:
        return way
    of_the_shop = reason_code in REASONS_OF_THE_SHOP
    return Way.FROM_SHOP if of_the_shop or not message_kept else Way.AS_RECEIVED
