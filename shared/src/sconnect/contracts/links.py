"""Remembered links: which customer a buyer was given, so that the next order gets the same."""

from datetime import datetime
from typing import ClassVar, Literal

from sconnect.contracts.base import Message


class CustomerLinkRemembered(Message):
    """A buyer's next order goes to this customer; `decided_by` is None when the card was made by itself."""

    TYPE: ClassVar[str] = "customer-link.remembered.v1"
    link_id: str
    relation_id: str
    customer_number: int
    customer_name: str
    buyer: str
    order_number: str
    decided_by: str | None = None
    decided_at: datetime


class CustomerLinkForgotten(Message):
    """The link is used no longer; `forgotten_by` is None unless a person asked for it."""

    TYPE: ClassVar[str] = "customer-link.forgotten.v1"
    link_id: str
    why: Literal["by_hand", "customer_inactive", "customer_renamed", "replaced"]
    forgotten_by: str | None = None


class ForgetLinkRequested(Message):
    """Command: forget this link."""

    TYPE: ClassVar[str] = "customer-resolver.forget-link-requested.v1"
    link_id: str
    requested_by: str
