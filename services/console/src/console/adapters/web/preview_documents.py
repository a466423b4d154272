"""Previews as JSON."""

from collections.abc import Mapping
from datetime import date, datetime

from console.adapters.web.document import Document
from console.adapters.web.sentences import explanation_words, reason_sentence
from console.domain.previews import PreviewState
from console.handlers.previews import Preview, PreviewFailure
from sconnect.contracts import (
    CustomerOrigin,
    PreviewedBooking,
    PreviewedCard,
    PreviewedCustomer,
    PreviewOutcome,
    SalesBookingPreviewed,
    SalesOrder,
    WireReason,
)
from sconnect.errors import ReasonCode
from sconnect.texts import render

# These speak of the preview itself, not of what an order meets.
OF_THE_PREVIEW = frozenset({"preview", "preview_services"})


class PreviewedCustomerDocument(Document):
    """The customer that the order would get, and why; `new_card` is the card that would be made first."""

    number: int | None
    name: str
    origin: CustomerOrigin
    explanation: str
    new_card: PreviewedCard | None

    @classmethod
    def of(cls, customer: PreviewedCustomer, language: str) -> "PreviewedCustomerDocument":
        return cls(
            number=customer.number,
            name=customer.name,
            origin=customer.origin,
            explanation=explanation_words(customer.explanation, language),
            new_card=customer.new_card,
        )


class ForeseenDocument(Document):
    """What comes of an order; `reason` is a sentence, None for one that is booked."""

    outcome: PreviewOutcome
    reason_code: str | None
    reason: str | None


class PreviewedOrderDocument(ForeseenDocument):
    """What would become of one order now.

    `afterwards` is what comes of it once the shop or the profile lets it through, of an order that is held
    back now. `service` decided, `received` is the order as the shop has it. `booking` is there whenever one
    could be composed, also of an order that is held back or booked already.
    """

    order_number: str
    order_uuid: str
    service: str | None
    afterwards: ForeseenDocument | None
    suggestions: tuple[Mapping[str, str], ...]
    customer: PreviewedCustomerDocument | None
    booking: PreviewedBooking | None
    placed_on: date | None
    shop_total: str | None
    received: SalesOrder | None

    @classmethod
    def of(cls, answer: SalesBookingPreviewed, language: str) -> "PreviewedOrderDocument":
        held_back, received, customer = answer.held_back, answer.received, answer.customer
        foreseen = _foreseen(answer.outcome, answer.reason, language)
        now = _foreseen(held_back.outcome, held_back.reason, language) if held_back else foreseen
        return cls(
            outcome=now.outcome,
            reason_code=now.reason_code,
            reason=now.reason,
            order_number=answer.order.number,
            order_uuid=answer.order.uuid,
            service="poller" if held_back else answer.stage,
            afterwards=foreseen if held_back else None,
            suggestions=answer.suggestions,
            customer=PreviewedCustomerDocument.of(customer, language) if customer else None,
            booking=answer.booking,
            placed_on=received.placed_on if received else None,
            shop_total=received.total if received else None,
            received=received,
        )


class PreviewDocument(Document):
    """A preview as it is now: `orders` has those that are answered, of the `orders_found` there will be.

    `orders_found` is None until the shop was read. Of a failed preview `failure` says why there are none.
    """

    id: str
    profile: str
    state: PreviewState
    requested_at: datetime
    expires_at: datetime
    kept_until: datetime
    ledgers_proposed: bool
    orders_found: int | None
    failure_code: str | None
    failure: str | None
    orders: tuple[PreviewedOrderDocument, ...]

    @classmethod
    def of(cls, preview: Preview, language: str) -> "PreviewDocument":
        failure = preview.failure
        return cls(
            id=preview.id,
            profile=preview.profile,
            state=preview.state,
            requested_at=preview.requested_at,
            expires_at=preview.expires_at,
            kept_until=preview.kept_until,
            ledgers_proposed=preview.ledgers_proposed,
            orders_found=None if preview.orders is None else len(preview.orders),
            failure_code=None if failure is None else failure.code,
            failure=None if failure is None else _failure_sentence(failure, language),
            orders=tuple(PreviewedOrderDocument.of(answer, language) for answer in preview.answers),
        )


def _with_a_name_for_new_cards(reason: WireReason | None, language: str) -> WireReason | None:
    """A card that is not made yet has no number for a sentence to name."""
    if reason is None:
        return None
    new = {"customer_number": render("command.preview_no_number_yet", {}, language)}
    return reason.model_copy(update={"details": new | dict(reason.details)})


def _foreseen(outcome: PreviewOutcome, reason: WireReason | None, language: str) -> ForeseenDocument:
    sentence = reason_sentence(_with_a_name_for_new_cards(reason, language), language)
    if outcome == "not_previewed" and reason is not None and reason.variant not in OF_THE_PREVIEW:
        sentence = _put_off(sentence or "", language)
    return ForeseenDocument(
        outcome=outcome, reason_code=None if reason is None else reason.code, reason=sentence
    )


def _failure_sentence(failure: PreviewFailure, language: str) -> str:
    sentence = render(failure.text_key, failure.details, language).removeprefix("reason.")
    passes = failure.code == ReasonCode.UPSTREAM_UNAVAILABLE
    of_the_preview = failure.text_key.rpartition(".")[2] in OF_THE_PREVIEW
    return _put_off(sentence, language) if passes and not of_the_preview else sentence


def _put_off(sentence: str, language: str) -> str:
    return render("command.preview_put_off", {"reason": sentence}, language)
