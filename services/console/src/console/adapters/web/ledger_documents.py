"""A proposal of ledgers as JSON, and as YAML that can be pasted into a profile's file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from console.adapters.web.document import Document
from console.adapters.web.profile_documents import FindingDocument
from console.adapters.web.sentences import finding_sentence, reason_sentence
from console.domain.ledger_proposal import ProposedLedger, Why
from console.handlers.ledger_assistant import LedgerProposal
from console.handlers.previews import Preview
from sconnect.contracts import SalesBookingPreviewed
from sconnect.ledgers import TREATED_KINDS, Account
from sconnect.texts import render

# More than these help nobody to choose; the JSON has them all.
CANDIDATES_SHOWN_MAX = 8
AS_BOOKED = frozenset({"booked", "already_booked", "skipped"})


class CandidateDocument(Document):
    number: int
    name: str


class ProposedLedgerDocument(Document):
    """`number` is null where a person has to choose; `reason` says why this ledger, or why none."""

    field: str
    number: int | None
    name: str | None
    why: Why
    reason: str
    needed: bool
    unconfirmed: bool
    replaces: int | None
    candidates: tuple[CandidateDocument, ...]


class TriedOrderDocument(Document):
    """`reason` says why the order would not be booked; null when it would."""

    order: str
    outcome: str
    reason_code: str | None
    reason: str | None


class TrialDocument(Document):
    """What the last orders would become; `failure` when none could be tried."""

    orders: tuple[TriedOrderDocument, ...]
    failure: str | None

    @classmethod
    def of(cls, preview: Preview, language: str) -> "TrialDocument":
        failure = preview.failure
        return cls(
            orders=tuple(_tried(answer, language) for answer in preview.answers),
            failure=None if failure is None else render(failure.text_key, failure.details, language),
        )


class LedgerProposalDocument(Document):
    """`settings` and `yaml` hold the same; `version` is the profile's new one when it was saved."""

    profile: str
    administration: str
    settings: Mapping[str, Any]
    yaml: str
    ledgers: tuple[ProposedLedgerDocument, ...]
    findings: tuple[FindingDocument, ...]
    remarks: tuple[str, ...]
    orders_seen: int
    trial: TrialDocument | None
    version: int | None

    @classmethod
    def of(
        cls, proposal: LedgerProposal, trial: Preview | None, version: int | None, language: str
    ) -> "LedgerProposalDocument":
        return cls(
            profile=proposal.stored.profile.name,
            administration=proposal.stored.administration_name,
            settings=_settings(proposal),
            yaml="\n".join(_yaml_lines(proposal, language)) + "\n",
            ledgers=tuple(_proposed(choice, proposal, language) for choice in proposal.choices),
            findings=tuple(FindingDocument.of(finding, language) for finding in proposal.findings),
            remarks=tuple(finding_sentence(remark, language) for remark in proposal.remarks),
            orders_seen=proposal.orders_seen,
            trial=None if trial is None else TrialDocument.of(trial, language),
            version=version,
        )


def _settings(proposal: LedgerProposal) -> dict[str, Any]:
    ledgers = proposal.ledgers.model_dump(mode="json", by_alias=True)
    return {"bookings": {"ledgers": ledgers, "unconfirmed_ledgers": list(proposal.unconfirmed)}}


def _proposed(choice: ProposedLedger, proposal: LedgerProposal, language: str) -> ProposedLedgerDocument:
    return ProposedLedgerDocument(
        field=choice.field,
        number=choice.number,
        name=_name(choice, proposal),
        why=choice.why,
        reason=proposed_reason(choice, language),
        needed=choice.is_needed,
        unconfirmed=choice.is_unconfirmed,
        replaces=choice.replaces,
        candidates=tuple(CandidateDocument(number=a.number, name=a.name) for a in choice.candidates),
    )


def _tried(answer: SalesBookingPreviewed, language: str) -> TriedOrderDocument:
    """An order that the poller still holds back is judged by what it would become after that."""
    is_booked = answer.outcome in AS_BOOKED
    return TriedOrderDocument(
        order=answer.order.number,
        outcome=answer.outcome,
        reason_code=None if is_booked or answer.reason is None else answer.reason.code,
        reason=None if is_booked else reason_sentence(answer.reason, language),
    )


def _name(choice: ProposedLedger, proposal: LedgerProposal) -> str | None:
    account = None if choice.number is None else proposal.books.accounts.get(choice.number)
    return None if account is None else account.name


def proposed_reason(choice: ProposedLedger, language: str) -> str:
    """Why this ledger is proposed or none, which others there are, and what comes of leaving it open."""
    sentences = [render(f"proposal.{choice.why}", {}, language)]
    if choice.candidates:
        shown = ", ".join(_called(account) for account in choice.candidates[:CANDIDATES_SHOWN_MAX])
        more = len(choice.candidates) - CANDIDATES_SHOWN_MAX
        key = "proposal.candidates_and_more" if more > 0 else "proposal.candidates"
        sentences.append(render(key, {"ledgers": shown, "count": str(more)}, language))
    if choice.replaces is not None:
        sentences.append(render("proposal.replaces", {"ledger": str(choice.replaces)}, language))
    if choice.is_open and choice.is_needed:
        sentences.append(render("proposal.needed", {}, language))
    return " ".join(sentences)


def _called(account: Account) -> str:
    return f"{account.number} {account.name}".strip()


def _yaml_lines(proposal: LedgerProposal, language: str) -> Iterator[str]:
    """Made by hand: every line carries its reason, and no YAML library writes comments."""
    head = {"profile": proposal.stored.profile.name, "administration": proposal.stored.administration_name}
    yield _comment(render("proposal.head", head, language))
    for remark in proposal.remarks:
        yield _comment(finding_sentence(remark, language))
    yield "bookings:"
    yield "  ledgers:"
    for kind in TREATED_KINDS:
        of_kind = [choice for choice in proposal.choices if choice.kind is kind]
        yield f"    {kind}:" if of_kind else f"    {kind}: {{}}"
        yield from _choice_lines(of_kind, proposal, language)
    if proposal.ledgers.refinements:
        yield from _refinement_lines(proposal)
    for choice in proposal.choices:
        if choice.column is None:
            yield _line(4, choice.field, choice, proposal, language)
    unconfirmed = proposal.unconfirmed
    if unconfirmed:
        yield _comment(render("proposal.unconfirmed", {}, language), indent=2)
    yield "  unconfirmed_ledgers:" if unconfirmed else "  unconfirmed_ledgers: []"
    yield from (f"    - {field}" for field in unconfirmed)


def _choice_lines(
    choices: Iterable[ProposedLedger], proposal: LedgerProposal, language: str
) -> Iterator[str]:
    in_oss = False
    for choice in choices:
        _, _, place = choice.field.partition(".")
        section, _, code = place.partition(".")
        if code and not in_oss:
            yield f"      {section}:"
            in_oss = True
        yield _line(8 if code else 6, code or place, choice, proposal, language)


def _line(indent: int, place: str, choice: ProposedLedger, proposal: LedgerProposal, language: str) -> str:
    number = choice.number
    # An open place of OSS stays a comment: its map takes numbers only.
    is_code = indent > len("      ")
    value = "null" if number is None else str(number)
    start = f"{' ' * indent}{'# ' if number is None and is_code else ''}{place}: {value}"
    name = _name(choice, proposal)
    said = ": ".join(text for text in (name, proposed_reason(choice, language)) if text)
    return f"{start}  {_comment(said)}"


def _refinement_lines(proposal: LedgerProposal) -> Iterator[str]:
    refinements: Sequence[Mapping[str, Any]] = [
        refinement.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        for refinement in proposal.ledgers.refinements
    ]
    text = yaml.safe_dump({"refinements": list(refinements)}, sort_keys=False, allow_unicode=True)
    yield from (f"    {line}" for line in text.rstrip().splitlines())


def _comment(text: str, *, indent: int = 0) -> str:
    """On one line, whatever a ledger is called."""
    return f"{' ' * indent}# {' '.join(text.split())}"
