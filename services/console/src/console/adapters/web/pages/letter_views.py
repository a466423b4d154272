"""Dead letters as the pages show them: in words, with what belongs beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from console.adapters.web.pages.words import Words
from console.adapters.web.sentences import reason_sentence, standing_sentence
from console.domain.ledger_places import LEDGERS_PATH, read_place, waited_for
from console.domain.letter_list import asks_for_a_customer, may_have_another_customer
from console.domain.letters import REPLAYABLE, LetterState
from console.domain.standing import OrderStatus, ToldReason
from console.handlers.needs import LetterCase
from sconnect.contracts import SalesOrder
from sconnect.texts import explanation_text


@dataclass(frozen=True, kw_only=True, slots=True)
class BuyerView:
    """What the order tells of its buyer, as far as customers are compared by it."""

    names: Sequence[str]
    street: str
    city: str
    email: str
    phone: str
    vat_number: str

    @classmethod
    def of(cls, order: SalesOrder) -> "BuyerView":
        address = order.buyer.invoice
        return cls(
            names=[name for name in (address.company, address.name) if name],
            street=_joined(address.street, address.house_number),
            city=_joined(address.postcode, address.city, address.country_code),
            email=order.buyer.email or "",
            phone=address.phone or "",
            vat_number=address.vat_number or "",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SuggestionView:
    """A customer that could be meant; `agreed` and `differs` are words of the reader's language."""

    number: str
    name: str
    street: str
    city: str
    email: str
    agreed: str
    differs: str

    @classmethod
    def of(cls, told: Mapping[str, str], language: str) -> "SuggestionView":
        return cls(
            number=told.get("customer_number", ""),
            name=told.get("name", ""),
            street=told.get("street", ""),
            city=_joined(told.get("postcode"), told.get("city")),
            email=told.get("email", ""),
            agreed=_words(told.get("agreed", ""), language),
            differs=_words(told.get("differs", ""), language),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterView:
    """One letter; `ledger_field` is the place of the profile's ledgers that it waits for."""

    id: str
    profile: str
    order_number: str | None
    order_known: bool
    buyer_name: str | None
    ordered_on: date | None
    total: str | None
    since: datetime
    attempts: int
    service: str
    reason_code: str
    sentence: str
    state: LetterState
    decided_at: datetime | None
    put_away_by: str | None
    put_away_why: str | None
    buyer: BuyerView | None
    suggestions: Sequence[SuggestionView]
    asks_for_a_customer: bool
    may_have_another_customer: bool
    ledger_field: str | None
    message_kept: bool
    status: OrderStatus | None
    invoice_number: str | None
    standing: str | None

    @property
    def may_be_replayed(self) -> bool:
        return self.state in REPLAYABLE

    @classmethod
    def of(cls, case: LetterCase, words: Words) -> "LetterView":
        letter, row, language = case.letter, case.row, words.language
        standing = row.standing if row else None
        names = case.order and case.order.buyer.invoice
        return cls(
            id=letter.id,
            profile=letter.profile,
            order_number=letter.order_number,
            order_known=row is not None,
            buyer_name=standing.buyer_name if standing else _joined(names.name) if names else None,
            ordered_on=standing.ordered_on if standing else None,
            total=standing.total if standing else None,
            since=letter.since,
            attempts=letter.attempts,
            service=letter.service,
            reason_code=letter.reason.code,
            sentence=_sentence(letter.reason, words),
            state=letter.state,
            decided_at=letter.decided_at,
            put_away_by=letter.discard.by if letter.discard else None,
            put_away_why=letter.discard.why if letter.discard else None,
            buyer=BuyerView.of(case.order) if case.order else None,
            suggestions=[SuggestionView.of(told, language) for told in letter.suggestions],
            asks_for_a_customer=asks_for_a_customer(letter),
            may_have_another_customer=may_have_another_customer(letter),
            ledger_field=waited_for(letter.reason),
            message_kept=letter.message is not None and letter.queue is not None,
            status=standing.status if standing else None,
            invoice_number=standing.booking.invoice_number if standing and standing.booking else None,
            standing=standing_sentence(standing, language) if standing else None,
        )


def place_words(field: str, words: Words) -> str:
    """A place of a profile's ledgers, as `Omzet, btw hoog`; one that is not known as it is."""
    place = read_place(field.removeprefix(LEDGERS_PATH))
    if place is None:
        return field
    parts = []
    if place.kind is not None:
        parts.append(words.text(f"ledger_kind.{place.kind.value}"))
    if place.refinement is not None:
        parts.append(words.text("ledger_kind.refinement", number=place.refinement + 1))
    if place.column is not None:
        parts.append(words.text(f"ledger_column.{place.column.value}"))
    return ", ".join(parts)


def _sentence(reason: ToldReason, words: Words) -> str:
    """The reason, with the place of the profile's ledgers as a bookkeeper calls it."""
    field = waited_for(reason)
    if field is not None:
        reason = replace(reason, details={**reason.details, "field": place_words(field, words)})
    return reason_sentence(reason, words.language) or reason.code


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _words(told: str, language: str) -> str:
    return explanation_text(told.split(","), {}, language)
