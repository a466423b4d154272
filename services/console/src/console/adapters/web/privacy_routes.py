"""Wishes to be forgotten over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import AfterValidator, Field

from console.adapters.web.access import ADMINISTRATORS_ONLY, SignedIn
from console.adapters.web.document import Document
from console.adapters.web.requests import Body, Identifier, printable
from console.domain.privacy import Erasure
from console.handlers.privacy import PrivacyDesk


class EraseBody(Body):
    """Known by an e-mail address; in the body, so that it stands in no address and no log."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(printable)]


class ErasureDocument(Document):
    """`answered_at` is null until everything that may go is gone; `orders_kept` stay by law."""

    id: str
    requested_by: str
    requested_at: datetime
    answered_at: datetime | None
    erased: dict[str, int]
    cards_being_made: int
    orders_kept: int
    orders_unfinished: int
    customer_numbers: list[int]

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        return cls(
            id=erasure.id,
            requested_by=erasure.requested_by,
            requested_at=erasure.requested_at,
            answered_at=erasure.answered_at,
            erased=dict(erasure.erased),
            cards_being_made=erasure.under_way,
            orders_kept=erasure.kept.count,
            orders_unfinished=erasure.kept.unfinished,
            customer_numbers=list(erasure.customer_numbers),
        )


def privacy_routes(desk: PrivacyDesk) -> APIRouter:
    router = APIRouter(prefix="/privacy/erasures", tags=["privacy"], dependencies=[ADMINISTRATORS_ONLY])

    @router.post("", status_code=202)
    async def erase_person(body: EraseBody, signed_in: SignedIn) -> ErasureDocument:
        return ErasureDocument.of(await desk.erase(body.email, by=signed_in))

    @router.get("/{erasure_id}")
    async def show_erasure(erasure_id: Identifier) -> ErasureDocument:
        return ErasureDocument.of(await desk.erasure(erasure_id))

    return router
