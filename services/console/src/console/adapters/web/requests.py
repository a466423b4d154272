"""What may stand in a request to the API; everything else is refused before it reaches a handler."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def printable(text: str) -> str:
    """The text without outer blanks; ValueError for one that nobody could read."""
    if not text.isprintable() or not text.strip():
        raise ValueError("needs printable text")
    return text.strip()


ProfileName = Annotated[str, Path(max_length=64), AfterValidator(printable)]
OrderNumber = Annotated[str, Path(max_length=64), AfterValidator(printable)]
Identifier = Annotated[str, Path(max_length=64), AfterValidator(printable)]
ProfileFilter = Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Day = Annotated[date, Field(strict=False)]


class PreviewBody(Body):
    """Which orders: one by its `order` number, those placed `from` one day `to` another (both included), or
    the `last` so many.

    `ledgers` is a whole section `bookings.ledgers` of a profile, tried instead of the profile's own.
    """

    order: Annotated[str, Field(max_length=64), AfterValidator(printable)] | None = None
    placed_from: Day | None = Field(default=None, alias="from")
    placed_to: Day | None = Field(default=None, alias="to")
    last: int | None = None
    ledgers: dict[str, Any] | None = None


class ReplayBody(Body):
    """How to offer an order again: with this customer, with a new one, or as it was received before."""

    customer_number: int | None = Field(default=None, ge=1, le=2_147_483_647)
    create_customer: bool = False
    as_received: bool = False

    @model_validator(mode="after")
    def _one_decision(self) -> "ReplayBody":
        if self.create_customer and self.customer_number is not None:
            raise ValueError("either an existing customer or a new one")
        return self


class DiscardBody(Body):
    reason: Annotated[str, Field(max_length=500), AfterValidator(printable)]


class LedgerProposalBody(Body):
    """On how many of the shop's last orders to try the proposal, and whether to save it in the profile."""

    orders: int = Field(default=20, ge=0, le=100)
    save: bool = False


VERSION_MAX = 2_147_483_647
VersionNumber = Annotated[int, Field(ge=1, le=VERSION_MAX)]


class UndoBody(Body):
    """To which version to go back; with `over_version` only when the profile still has that one."""

    version: VersionNumber
    over_version: VersionNumber | None = None


class CopyBody(Body):
    """The name of the copy, and what is to be different in it (RFC 7396); keys may be among it."""

    name: str
    changes: dict[str, Any] = {}
