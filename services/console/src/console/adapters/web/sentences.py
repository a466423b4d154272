"""Reasons, findings and events as sentences in the reader's language."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from console.adapters.web.formats import Formats
from console.domain.findings import Finding
from console.domain.standing import Standing, ToldReason
from sconnect.contracts import (
    CardChange,
    DeadLetterDiscarded,
    Message,
    OrderChanged,
    OrderDeadLettered,
    OrderReplayRequested,
    OrderSkipped,
    OrderWaiting,
    SalesBookingWritten,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    VendorCall,
    WireReason,
)
from sconnect.errors import Reason
from sconnect.texts import explanation_text, reason_text, render


def reason_sentence(reason: ToldReason | WireReason | None, language: str) -> str | None:
    if reason is None:
        return None
    return reason_text(reason.code, reason.variant, Formats(language).details(reason.details), language)


def error_sentence(reason: Reason, language: str) -> str:
    """Why something could not be done just now, as an error tells it."""
    return reason_text(reason.code, reason.variant, reason.details, language)


def standing_sentence(standing: Standing, language: str) -> str | None:
    """Why the order is not in the books; a discard tells who put it away, and why."""
    sentence = reason_sentence(standing.reason, language)
    if standing.discard is None or sentence is None:
        return sentence
    details = {"by": standing.discard.by, "why": standing.discard.why, "reason": sentence}
    return render("command.discarded", details, language)


def finding_sentence(finding: Finding, language: str) -> str:
    return render(finding.text_key, Formats(language).details(finding.details), language)


def explanation_words(explanation: str, language: str) -> str:
    """Why this customer: the resolver tells it as words between commas, each with a text of its own."""
    return explanation_text(explanation.split(","), {}, language)


def change_sentence(change: CardChange, language: str) -> str:
    """What was changed on a customer's card: the new value, and the old one when there was one."""
    field = render(f"command.card_field.{change.field}", {}, language)
    details = {"field": field, "old": change.old, "new": change.new}
    return render(f"command.card_change.{'replaced' if change.old else 'filled'}", details, language)


def call_words(call: VendorCall, language: str) -> tuple[str, str]:
    """Who was called, and how that ended; a word of another release as it is."""
    answer = _word("call_outcome", call.outcome, language)
    return (
        _word("call_system", call.vendor, language),
        answer if call.status is None else f"{call.status}, {answer}",
    )


def _word(group: str, word: str, language: str) -> str:
    return render(f"command.{group}.{word}", {}, language).removeprefix(f"command.{group}.")


def event_sentence(message: Message, language: str) -> str:
    """What an event of an order's trail tells."""
    name, read = _TRAIL[type(message)]
    if isinstance(message, SalesBookingWritten) and message.vat_number_check:
        name = f"{name}.{message.vat_number_check}"
    return render(f"command.trail.{name}", read(message, language), language)


def _of_received(message: SalesOrderReceived, language: str) -> Mapping[str, str]:
    order, formats = message.order, Formats(language)
    return {"total": formats.told_amount(order.total or "?"), "placed_on": formats.day(order.placed_on)}


def _of_resolved(message: SalesOrderCustomerResolved, language: str) -> Mapping[str, str]:
    origin = render(f"command.origin.{message.customer.origin.value}", {}, language)
    customer = message.customer
    explanation = explanation_words(customer.explanation, language)
    if customer.differs:
        differs = explanation_text(customer.differs, {}, language)
        explanation += render("command.trail.resolved_differs", {"differs": differs}, language)
    if customer.changes:
        changes = ", ".join(change_sentence(change, language) for change in customer.changes)
        explanation += render("command.trail.resolved_changes", {"changes": changes}, language)
    return {"number": str(customer.number), "origin": origin, "explanation": explanation}


def _of_booked(message: SalesBookingWritten, language: str) -> Mapping[str, str]:
    return {"invoice_number": message.invoice_number, "total": Formats(language).money(message.total)}


def _of_reason(message: OrderWaiting | OrderSkipped | OrderDeadLettered, language: str) -> Mapping[str, str]:
    return {"reason": reason_sentence(message.reason, language) or ""}


def _of_changed(message: OrderChanged, _language: str) -> Mapping[str, str]:
    return {"fields": ", ".join(message.changed_fields) or "?"}


def _of_discarded(message: DeadLetterDiscarded, _language: str) -> Mapping[str, str]:
    return {"by": message.discarded_by, "why": message.why}


def _of_replay(message: OrderReplayRequested, language: str) -> Mapping[str, str]:
    amendment = message.amendment
    decision = "as_before" if amendment is None else amendment.kind
    value = "" if amendment is None else amendment.value or ""
    words = render(f"command.decision.{decision}", {"value": value}, language)
    return {"by": message.requested_by, "decision": words}


_TRAIL: MappingProxyType[type[Message], tuple[str, Callable[[Any, str], Mapping[str, str]]]] = (
    MappingProxyType(
        {
            SalesOrderReceived: ("received", _of_received),
            SalesOrderCustomerResolved: ("resolved", _of_resolved),
            SalesBookingWritten: ("booked", _of_booked),
            OrderWaiting: ("waiting", _of_reason),
            OrderSkipped: ("skipped", _of_reason),
            OrderDeadLettered: ("dead_lettered", _of_reason),
            OrderChanged: ("changed", _of_changed),
            DeadLetterDiscarded: ("discarded", _of_discarded),
            OrderReplayRequested: ("replay_requested", _of_replay),
        }
    )
)
