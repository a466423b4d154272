"""The addresses of the API, each one call of a desk."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from console.adapters.web.access import ADMINISTRATORS_ONLY, Language, SignedIn, note_made
from console.adapters.web.document import json_array
from console.adapters.web.letter_documents import LetterDetailDocument, LetterDocument
from console.adapters.web.order_documents import OrderDocument, OrderTrailDocument
from console.adapters.web.profile_documents import (
    AppliedProfileDocument,
    ExaminationDocument,
    ProfileDetailDocument,
    ProfileDocument,
)
from console.adapters.web.requests import (
    DiscardBody,
    Identifier,
    OrderNumber,
    ProfileFilter,
    ProfileName,
    ReplayBody,
)
from console.adapters.web.run_documents import RunDocument, run_json
from console.adapters.web.status_documents import StatusDocument
from console.handlers.imports import ImportDesk
from console.handlers.letters import DeadLetterDesk, Decision
from console.handlers.orders import OrderDesk
from console.handlers.profiles import ProfileDesk
from console.handlers.status import StatusDesk


def status_routes(desk: StatusDesk) -> APIRouter:
    router = APIRouter(tags=["status"])

    @router.get("/status")
    async def show_status(language: Language) -> StatusDocument:
        return StatusDocument.of(await desk.status(), language)

    return router


def profile_routes(desk: ProfileDesk) -> APIRouter:
    router = APIRouter(prefix="/profiles", tags=["profiles"])

    @router.get("")
    async def list_profiles() -> list[ProfileDocument]:
        return [ProfileDocument.of(stored) for stored in await desk.profiles()]

    @router.post("", dependencies=[ADMINISTRATORS_ONLY])
    async def apply_profile(
        request: Request, document: dict[str, Any], signed_in: SignedIn, language: Language
    ) -> AppliedProfileDocument:
        """The profile as its file has it, variables filled in; saved only when nothing is refused."""
        applied = await desk.apply(document, by=signed_in)
        note_made(request, made=applied.stored.profile.name)
        return AppliedProfileDocument.of_applied(applied.stored, applied.warnings, language)

    @router.get("/{name}")
    async def show_profile(name: ProfileName) -> ProfileDetailDocument:
        return ProfileDetailDocument.of(await desk.profile(name))

    @router.post("/{name}/check")
    async def check_profile(name: ProfileName, language: Language) -> ExaminationDocument:
        return ExaminationDocument.of(await desk.check(name), language)

    return router


def import_routes(desk: ImportDesk) -> APIRouter:
    router = APIRouter(tags=["imports"])

    @router.post("/profiles/{name}/imports", status_code=202)
    async def start_import(name: ProfileName, signed_in: SignedIn, language: Language) -> RunDocument:
        run = await desk.start(name, by=signed_in)
        return RunDocument.of(await desk.progress(run.run_id), language)

    @router.get("/imports/{run_id}", response_model=RunDocument)
    async def show_import(run_id: Identifier, language: Language) -> StreamingResponse:
        progress = await desk.progress(run_id)
        return StreamingResponse(run_json(progress, language), media_type="application/json")

    return router


def order_routes(desk: OrderDesk) -> APIRouter:
    router = APIRouter(prefix="/profiles/{name}/orders", tags=["orders"])

    @router.get("", response_model=list[OrderDocument])
    async def list_orders(name: ProfileName, language: Language) -> StreamingResponse:
        parts = await desk.orders(name)
        documents = json_array(parts, lambda row: OrderDocument.of(row, language))
        return StreamingResponse(documents, media_type="application/json")

    @router.get("/{number}")
    async def show_order(name: ProfileName, number: OrderNumber, language: Language) -> OrderTrailDocument:
        return OrderTrailDocument.of_trail(await desk.trail(name, number), language)

    return router


def letter_routes(desk: DeadLetterDesk) -> APIRouter:
    router = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    @router.get("", response_model=list[LetterDocument])
    async def list_letters(language: Language, profile: ProfileFilter = None) -> StreamingResponse:
        parts = await desk.waiting_for_a_person(profile)
        documents = json_array(parts, lambda letter: LetterDocument.of(letter, language))
        return StreamingResponse(documents, media_type="application/json")

    @router.get("/{letter_id}")
    async def show_letter(letter_id: Identifier, language: Language) -> LetterDetailDocument:
        return LetterDetailDocument.of(await desk.letter(letter_id), language)

    @router.post("/{letter_id}/replay", status_code=202)
    async def replay_letter(
        letter_id: Identifier, body: ReplayBody, signed_in: SignedIn, language: Language
    ) -> LetterDetailDocument:
        letter = await desk.replay(
            letter_id, decision=_decision(body), as_received=body.as_received, by=signed_in
        )
        return LetterDetailDocument.of(letter, language)

    @router.post("/{letter_id}/discard")
    async def discard_letter(
        letter_id: Identifier, body: DiscardBody, signed_in: SignedIn, language: Language
    ) -> LetterDetailDocument:
        return LetterDetailDocument.of(await desk.discard(letter_id, why=body.reason, by=signed_in), language)

    return router


def _decision(body: ReplayBody) -> Decision | None:
    if body.customer_number is not None:
        return Decision(kind="use_customer", value=str(body.customer_number))
    return Decision(kind="create_customer") if body.create_customer else None
