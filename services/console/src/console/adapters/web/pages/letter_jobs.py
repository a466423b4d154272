"""Many dead letters at once: asked for on a page, followed on another."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.frame import Frame, own_path
from console.adapters.web.pages.needs import NEEDS, Back, Why
from console.adapters.web.pages.needs_decisions import reason_given
from console.adapters.web.pages.orders import Text, Typed
from console.adapters.web.pages.words import Words
from console.adapters.web.requests import Identifier
from console.adapters.web.sentences import standing_sentence
from console.domain.letter_jobs import ItemOutcome, JobKind, JobOrder, LetterJob, Selection
from console.domain.refusals import NotNow, NotSensible
from console.ports import JobResult
from sconnect.texts import render

JOBS = "/letter-jobs"
LETTERS_CHOSEN_MAX = 100
Ids = Annotated[list[Annotated[str, Form(max_length=64)]], Form(max_length=LETTERS_CHOSEN_MAX)]


def _selected(
    ids: Ids = [],  # noqa: B006 - FastAPI copies it
    scope: Typed = "",
    reason: Typed = "",
    profile: Typed = "",
) -> Selection:
    """The letters that were ticked, or all that the page is about; nothing at all selects nothing."""
    if scope == "chosen":
        return Selection(letter_ids=tuple(ids))
    if scope != "all":
        return Selection()
    return Selection(
        reason_code=reason or None, profile=profile or None, everything=not reason and not profile
    )


Selected = Annotated[Selection, Depends(_selected)]


def letter_job_pages(frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter()

    @router.post(f"{NEEDS}/all")
    async def start_job(
        request: Request, selection: Selected, kind: Typed = "", why: Why = "", back: Back = ""
    ) -> Response:
        by = request.state.visitor.name
        try:
            job = await desks.letter_jobs.start(_order(kind, selection, why, by))
        except (NotNow, NotSensible) as refused:
            return await frame.page(
                request,
                "needs_refused.html",
                status=HTTPStatus.CONFLICT,
                refused=refused,
                back=own_path(back) if back else NEEDS,
            )
        return await frame.go(request, _path(job))

    @router.get(JOBS)
    async def list_jobs(request: Request) -> Response:
        words = frame.words(request)
        jobs = await desks.letter_jobs.latest()
        lines = [(job, job_words(job, words)) for job in jobs]
        return await frame.page(request, "letter_jobs.html", lines=lines)

    @router.get(f"{JOBS}/{{job_id}}")
    async def show_job(request: Request, job_id: Identifier, after: Text = "") -> Response:
        words = frame.words(request)
        job = await desks.letter_jobs.job(job_id)
        position = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0  # noqa: PLR2004
        results, more = await desks.letter_jobs.results(job_id, after=position)
        return await frame.page(
            request,
            "letter_job.html",
            job=job,
            title=job_words(job, words),
            here=_path(job),
            is_first=not position,
            settled=job.counts.get(ItemOutcome.DONE, 0) + job.counts.get(ItemOutcome.REFUSED, 0),
            refused=job.counts.get(ItemOutcome.REFUSED, 0),
            may_be_undone=job.order.kind is JobKind.DISCARD and job.is_finished,
            lines=_lines(results, words),
            older=f"{_path(job)}?after={more}" if more is not None else None,
        )

    @router.post(f"{JOBS}/{{job_id}}/undo")
    async def undo_job(request: Request, job_id: Identifier) -> Response:
        job = await desks.letter_jobs.job(job_id)
        if job.order.kind is not JobKind.DISCARD:
            raise NotNow("job_not_undone")
        by = request.state.visitor.name
        order = JobOrder(kind=JobKind.REPLAY, selection=Selection(of_job=job_id), by=by)
        return await frame.go(request, _path(await desks.letter_jobs.start(order)))

    return router


def job_words(job: LetterJob, words: Words) -> str:
    """What a job does, with what it was asked for."""
    selection, kind = job.order.selection, job.order.kind.value
    if selection.of_job is not None:
        return words.text("job.title.undo")
    if selection.ledger_field is not None:
        return words.text("job.title.ledger", profile=selection.profile or "")
    what = words.text("job.chosen") if selection.letter_ids else words.text("job.everything")
    if selection.reason_code is not None:
        what = words.reason_name(selection.reason_code)
    if selection.order_number is not None:
        what = words.text("order.title", number=selection.order_number)
    where = f" ({selection.profile})" if selection.profile else ""
    return words.text(f"job.title.{kind}", what=f"{what}{where}")


def _order(kind: str, selection: Selection, why: str, by: str) -> JobOrder:
    if kind == JobKind.DISCARD.value:
        return JobOrder(kind=JobKind.DISCARD, selection=selection, by=by, why=reason_given(why))
    if kind != JobKind.REPLAY.value:
        raise NotSensible("nothing_chosen")
    return JobOrder(kind=JobKind.REPLAY, selection=selection, by=by)


def _lines(results: Sequence[JobResult], words: Words) -> list[tuple[JobResult, str]]:
    return [(result, _told(result, words)) for result in results]


def _told(result: JobResult, words: Words) -> str:
    """Why a letter was left as it is, or where its order stands now."""
    if result.trouble is not None:
        return render(f"command.{result.trouble.key}", result.trouble.details, words.language)
    if result.row is None:
        return ""
    standing = result.row.standing
    if standing.booking is not None:
        return words.text("orders.booked_as", number=standing.booking.invoice_number)
    return standing_sentence(standing, words.language) or ""


def _path(job: LetterJob) -> str:
    return f"{JOBS}/{quote(job.id, safe='')}"
