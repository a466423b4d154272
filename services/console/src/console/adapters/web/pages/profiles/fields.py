"""Which settings of a profile stand on which tab, and how each is filled in.

The words of a field are in `page."profile.field.<path>"`, its explanation in `profile.hint.<path>`, and those
of a choice in `profile.choice.<path>.<value>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, get_args, get_origin

from pydantic import BaseModel

from sconnect.profiles import Profile


class Tab(StrEnum):
    """The values are the last part of a tab's address."""

    SHOP = "shop"
    BOOKKEEPING = "bookkeeping"
    BOOKINGS = "bookings"
    CUSTOMERS = "customers"
    PLANNING = "planning"


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    INTEGER = "integer"
    AMOUNT = "amount"
    KEY = "key"
    YES_NO = "yes_no"
    EXPLAINED = "explained"
    """One of a few, each explained."""
    CHOICE = "choice"
    WORDS = "words"
    """Any number of texts, between commas."""
    STATUSES = "statuses"
    COST_CENTRE = "cost_centre"


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """`path` is that of a profile's file; `further` fields are shown folded away."""

    path: str
    kind: Kind = Kind.TEXT
    further: bool = False
    may_be_empty: bool = False

    @property
    def id(self) -> str:
        return self.path.replace(".", "-").replace("_", "-")

    @property
    def choices(self) -> tuple[str, ...]:
        """What the schema allows; empty for what is no choice."""
        return _literals(self.path)


NAME = Field(path="name")
COLLECTIVE_FOR = Field(path="customers.collective_debtor.for", kind=Kind.CHOICE)
COLLECTIVE_NUMBER = Field(path="customers.collective_debtor.number", kind=Kind.INTEGER, may_be_empty=True)
COLLECTIVE_CHOICES = ("never", "no_email", "consumers", "always")

FIELDS: Mapping[Tab, tuple[Field, ...]] = MappingProxyType(
    {
        Tab.SHOP: (
            Field(path="shop.token", kind=Kind.KEY),
            Field(path="shop.start_order_number", kind=Kind.INTEGER),
            Field(path="shop.order_statuses", kind=Kind.STATUSES),
            Field(path="shop.small_business_scheme", kind=Kind.YES_NO),
            Field(path="shop.partner_token", kind=Kind.KEY, further=True, may_be_empty=True),
            Field(path="shop.api_url", further=True),
            Field(path="shop.home_country", further=True),
        ),
        Tab.BOOKKEEPING: (
            Field(path="bookkeeping.connection_key", kind=Kind.KEY),
            Field(path="bookkeeping.subscription_key", kind=Kind.KEY),
            Field(path="bookkeeping.rate_limits", kind=Kind.CHOICE, further=True),
            Field(path="bookkeeping.token_url", further=True),
            Field(path="bookkeeping.api_url", further=True),
        ),
        Tab.BOOKINGS: (
            Field(path="bookings.mark_unread", kind=Kind.YES_NO),
            Field(path="bookings.invoice_number"),
            Field(path="bookings.invoice_date", kind=Kind.CHOICE),
            Field(path="bookings.description"),
            Field(path="bookings.payment_term_days", kind=Kind.INTEGER, may_be_empty=True),
            Field(path="bookings.cost_centre", kind=Kind.COST_CENTRE, may_be_empty=True),
            Field(path="bookings.zero_total", kind=Kind.CHOICE),
            Field(path="bookings.rounding_tolerance", kind=Kind.AMOUNT),
            Field(path="bookings.gift_card_skus", kind=Kind.WORDS, may_be_empty=True),
            Field(path="bookings.gift_card_description_pattern", may_be_empty=True, further=True),
            Field(path="bookings.deposit_skus", kind=Kind.WORDS, may_be_empty=True),
            Field(path="bookings.check_vies", kind=Kind.YES_NO),
        ),
        Tab.CUSTOMERS: (
            Field(path="customers.recognition", kind=Kind.EXPLAINED),
            Field(path="customers.threshold", kind=Kind.EXPLAINED),
            Field(path="customers.customer_code_field", kind=Kind.CHOICE),
            Field(path="customers.policy", kind=Kind.EXPLAINED),
            COLLECTIVE_FOR,
            COLLECTIVE_NUMBER,
        ),
        Tab.PLANNING: (
            Field(path="planning.interval", kind=Kind.CHOICE),
            Field(path="enabled", kind=Kind.YES_NO),
        ),
    }
)
INVOICE_NUMBER = FIELDS[Tab.BOOKINGS][1]
# What a new profile cannot do without; two in one administration differ in their invoice numbers.
FIRST_FIELDS = (NAME, *FIELDS[Tab.SHOP], *FIELDS[Tab.BOOKKEEPING], INVOICE_NUMBER)


def tab_of(path: str) -> Tab | None:
    """Where the setting with that path is changed; None for the profile as a whole."""
    section = path.partition(".")[0].partition("[")[0]
    if section == "enabled":
        return Tab.PLANNING
    return Tab(section) if section in set(Tab) else None


def _literals(path: str) -> tuple[str, ...]:
    if path == COLLECTIVE_FOR.path:
        return COLLECTIVE_CHOICES
    model: type[BaseModel] = Profile
    annotation: object = None
    for part in path.split("."):
        field = model.model_fields.get(part)
        if field is None:
            return ()
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return tuple(get_args(annotation)) if get_origin(annotation) is Literal else ()
