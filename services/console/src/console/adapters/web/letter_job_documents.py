"""Jobs over many dead letters as JSON, and what may stand in a request for one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from console.adapters.web.document import Document
from console.adapters.web.requests import Body, printable
from console.adapters.web.sentences import reason_sentence
from console.domain.letter_jobs import ItemOutcome, JobKind, JobOrder, LetterJob, Selection, Way
from console.handlers.letter_jobs import PlannedLetter
from sconnect.texts import render

LETTER_IDS_MAX = 10_000

ShortText = Annotated[str, Field(max_length=64), AfterValidator(printable)]


class LetterJobBody(Body):
    """Which dead letters, and what is to become of them; all conditions that are given must hold."""

    kind: Literal["replay", "discard"]
    ids: list[ShortText] = Field(default=[], max_length=LETTER_IDS_MAX)
    profile: ShortText | None = None
    order_number: ShortText | None = None
    reason_code: ShortText | None = None
    everything: bool = False
    undo_of: ShortText | None = None
    way: Literal["chosen", "from_shop", "as_received"] = "chosen"
    customer_number: int | None = Field(default=None, ge=1, le=2_147_483_647)
    create_customer: bool = False
    reason: Annotated[str, Field(max_length=500), AfterValidator(printable)] | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _is_one_wish(self) -> "LetterJobBody":
        if self.create_customer and self.customer_number is not None:
            raise ValueError("either an existing customer or a new one")
        decides = self.create_customer or self.customer_number is not None
        if self.kind == "discard" and (self.reason is None or decides or self.undo_of is not None):
            raise ValueError("a discard has a reason and no decision")
        return self

    def order(self, by: str) -> JobOrder:
        decision_kind = None
        if self.customer_number is not None:
            decision_kind = "use_customer"
        elif self.create_customer:
            decision_kind = "create_customer"
        return JobOrder(
            kind=JobKind(self.kind),
            selection=Selection(
                letter_ids=tuple(self.ids),
                profile=self.profile,
                order_number=self.order_number,
                reason_code=self.reason_code,
                everything=self.everything,
                of_job=self.undo_of,
            ),
            by=by,
            way=Way(self.way),
            decision_kind=decision_kind,
            decision_value=None if self.customer_number is None else str(self.customer_number),
            why=self.reason,
        )


class TroubleDocument(Document):
    letter_id: str
    order_number: str | None
    text: str


class LetterJobDocument(Document):
    """A job and how far it is; `refused` letters were left as they are, `troubles` tells why of the first."""

    id: str
    kind: JobKind
    state: Literal["running", "done"]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    refused: int
    troubles: tuple[TroubleDocument, ...]

    @classmethod
    def of(cls, job: LetterJob, language: str) -> "LetterJobDocument":
        return cls(
            id=job.id,
            kind=job.order.kind,
            state="done" if job.is_finished else "running",
            requested_by=job.order.by,
            requested_at=job.requested_at,
            finished_at=job.finished_at,
            total=job.total,
            done=job.counts.get(ItemOutcome.DONE, 0),
            refused=job.counts.get(ItemOutcome.REFUSED, 0),
            troubles=tuple(
                TroubleDocument(
                    letter_id=trouble.letter_id,
                    order_number=trouble.order_number,
                    text=render(f"command.{trouble.key}", trouble.details, language),
                )
                for trouble in job.troubles
            ),
        )


class PlannedLetterDocument(Document):
    letter_id: str
    profile: str | None
    order_number: str | None
    reason_code: str
    reason: str | None
    what: Literal["from_shop", "as_received", "discard", "leave"]
    why_left: str | None


class LetterJobPlanDocument(Document):
    """What a job would do with every letter; nothing was done."""

    total: int
    letters: tuple[PlannedLetterDocument, ...]

    @classmethod
    def of(cls, planned: Sequence[PlannedLetter], language: str) -> "LetterJobPlanDocument":
        return cls(
            total=len(planned), letters=tuple(_planned_document(letter, language) for letter in planned)
        )


def _planned_document(planned: PlannedLetter, language: str) -> PlannedLetterDocument:
    letter = planned.letter
    what: Literal["from_shop", "as_received", "discard", "leave"]
    if planned.refusal is not None:
        what = "leave"
    elif planned.way is None:
        what = "discard"
    else:
        what = "from_shop" if planned.way is Way.FROM_SHOP else "as_received"
    return PlannedLetterDocument(
        letter_id=letter.id,
        profile=letter.profile or None,
        order_number=letter.order_number,
        reason_code=letter.reason.code,
        reason=reason_sentence(letter.reason, language),
        what=what,
        why_left=render(f"command.{planned.refusal}", {}, language) if planned.refusal else None,
    )
