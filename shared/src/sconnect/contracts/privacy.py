"""A person's wish to be forgotten."""

from typing import ClassVar

from sconnect.contracts.base import Message


class ErasePersonRequested(Message):
    """Command: forget what is remembered of whoever has this address. About no profile: that is empty."""

    TYPE: ClassVar[str] = "customer-resolver.erase-person-requested.v1"
    erasure_id: str
    email: str
    requested_by: str


class PersonErased(Message):
    """What was forgotten, by kind and number; nothing here tells who it was.

    `under_way` cards are being made for this person, and are left; `customer_numbers` are cards that stand
    in the books.
    """

    TYPE: ClassVar[str] = "privacy.person-erased.v1"
    erasure_id: str
    erased: dict[str, int]
    under_way: int = 0
    customer_numbers: tuple[int, ...] = ()
