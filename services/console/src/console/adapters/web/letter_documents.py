"""Dead letters as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.adapters.web.document import Document
from console.adapters.web.sentences import reason_sentence
from console.domain.letters import DeadLetter, LetterState


class LetterDocument(Document):
    """One dead letter as `dead-letters list` shows it."""

    id: str
    profile: str | None
    order_number: str | None
    service: str
    reason_code: str
    reason: str | None
    suggestions: tuple[Mapping[str, str], ...]
    since: datetime
    attempts: int

    @classmethod
    def of(cls, letter: DeadLetter, language: str) -> "LetterDocument":
        return cls(**_letter_fields(letter, language))


class LetterDetailDocument(LetterDocument):
    """`message_kept`: the message as it was set aside can still be sent on (`--as-received`)."""

    state: LetterState
    order_uuid: str | None
    queue: str | None
    message_kept: bool
    discarded_by: str | None
    discarded_why: str | None

    @classmethod
    def of(cls, letter: DeadLetter, language: str) -> "LetterDetailDocument":
        discard = letter.discard
        return cls(
            **_letter_fields(letter, language),
            state=letter.state,
            order_uuid=letter.order_uuid,
            queue=letter.queue,
            message_kept=letter.message is not None or (letter.order_uuid is None and letter.copy_held),
            discarded_by=discard.by if discard else None,
            discarded_why=discard.why if discard else None,
        )


def _letter_fields(letter: DeadLetter, language: str) -> dict[str, Any]:
    return {
        "id": letter.id,
        "profile": letter.profile or None,
        "order_number": letter.order_number,
        "service": letter.service,
        "reason_code": letter.reason.code,
        "reason": reason_sentence(letter.reason, language),
        "suggestions": letter.suggestions,
        "since": letter.since,
        "attempts": letter.attempts,
    }
