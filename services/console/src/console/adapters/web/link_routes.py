"""Remembered links over HTTP."""

from datetime import datetime
from typing import Self

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from console.adapters.web.access import SignedIn
from console.adapters.web.document import Document, json_array
from console.adapters.web.requests import Identifier, ProfileName
from console.domain.links import RememberedLink
from console.handlers.links import LinkDesk


class RememberedLinkDocument(Document):
    """`decided_by` is null when the customer's card was made without anybody's decision."""

    id: str
    profile: str
    customer_number: int
    customer_name: str
    buyer: str
    order_number: str
    decided_by: str | None
    decided_at: datetime

    @classmethod
    def of(cls, link: RememberedLink) -> Self:
        return cls(
            id=link.id,
            profile=link.profile,
            customer_number=link.customer_number,
            customer_name=link.customer_name,
            buyer=link.buyer,
            order_number=link.order_number,
            decided_by=link.decided_by,
            decided_at=link.decided_at,
        )


def link_routes(desk: LinkDesk) -> APIRouter:
    router = APIRouter(tags=["remembered links"])

    @router.get("/profiles/{name}/remembered-links", response_model=list[RememberedLinkDocument])
    async def list_links(name: ProfileName) -> StreamingResponse:
        documents = json_array(await desk.links(name), RememberedLinkDocument.of)
        return StreamingResponse(documents, media_type="application/json")

    @router.post("/remembered-links/{link_id}/forget", status_code=202)
    async def forget_link(link_id: Identifier, signed_in: SignedIn) -> RememberedLinkDocument:
        """The resolver forgets it; until that is heard of it stays in the list."""
        return RememberedLinkDocument.of(await desk.forget(link_id, by=signed_in))

    return router
