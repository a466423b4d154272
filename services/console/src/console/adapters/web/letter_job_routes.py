"""The addresses of jobs over many dead letters."""

from fastapi import APIRouter, Response

from console.adapters.web.access import Language, SignedIn
from console.adapters.web.letter_job_documents import (
    LetterJobBody,
    LetterJobDocument,
    LetterJobPlanDocument,
)
from console.adapters.web.requests import Identifier
from console.handlers.letter_jobs import LetterJobDesk

OK = 200


def letter_job_routes(desk: LetterJobDesk) -> APIRouter:
    router = APIRouter(prefix="/dead-letter-jobs", tags=["dead letters"])

    @router.get("")
    async def list_jobs(language: Language) -> list[LetterJobDocument]:
        """The last jobs, the newest first."""
        return [LetterJobDocument.of(job, language) for job in await desk.latest()]

    @router.get("/{job_id}")
    async def show_job(job_id: Identifier, language: Language) -> LetterJobDocument:
        return LetterJobDocument.of(await desk.job(job_id), language)

    @router.post("", status_code=202, responses={OK: {"model": LetterJobPlanDocument}})
    async def start_job(
        body: LetterJobBody, response: Response, signed_in: SignedIn, language: Language
    ) -> LetterJobDocument | LetterJobPlanDocument:
        """Start the job (202), or with `dry_run` tell what it would do (200)."""
        order = body.order(signed_in)
        if body.dry_run:
            response.status_code = OK
            return LetterJobPlanDocument.of(await desk.plan(order), language)
        return LetterJobDocument.of(await desk.start(order), language)

    return router
