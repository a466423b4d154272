"""What each price of an order is for, and at which rate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from booking_writer.domain.parts import Entry
from booking_writer.domain.reading import SHOWN_LENGTH_MAX
from booking_writer.domain.refusal import percent, reason, refuse_if_any
from booking_writer.domain.rules import BookingRules
from sconnect.errors import Reason, ReasonCode, RejectedError
from sconnect.ledgers import LINE_KINDS, LineKind
from sconnect.money import ZERO, allocate

# Paid or owed back later: balance-sheet amounts, on which no VAT is due at this moment.
VAT_FREE_KINDS = frozenset({LineKind.GIFT_CARD, LineKind.DEPOSIT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """An amount of one kind at one rate (percent)."""

    kind: LineKind
    rate: Decimal
    net: Decimal
    gross: Decimal
    sku: str | None = None


def classify(entries: Iterable[Entry], rules: BookingRules, *, is_credit: bool) -> tuple[Part, ...]:
    """The entries as parts; RejectedError names the lines that are of no known kind or lack their rate."""
    parts: list[Part] = []
    rateless_discounts: list[Entry] = []
    problems: list[Reason] = []
    for entry in entries:
        kind = _kind(entry, rules, is_credit=is_credit)
        if kind is None:
            problems.append(_unknown_kind(entry))
        elif entry.rate is None and kind is LineKind.DISCOUNT:
            rateless_discounts.append(entry)
        elif entry.rate is None and kind not in VAT_FREE_KINDS:
            problems.append(_rate_missing(entry))
        else:
            parts.append(_part(kind, entry))
    problems += [_voucher_with_vat(part) for part in parts if part.kind in VAT_FREE_KINDS and part.rate]
    refuse_if_any(problems)
    goods = [part for part in parts if part.kind is LineKind.REVENUE]
    return (*parts, *(share for entry in rateless_discounts for share in _spread(entry, goods)))


def _kind(entry: Entry, rules: BookingRules, *, is_credit: bool) -> LineKind | None:
    sku = (entry.sku or "").casefold()
    pattern = rules.gift_card_description
    if sku in rules.gift_card_skus or (pattern is not None and pattern.search(entry.description)):
        return LineKind.GIFT_CARD
    if sku in rules.deposit_skus:
        return LineKind.DEPOSIT
    word = entry.shop_kind.strip().lower()
    if word == "custom" and _runs_against(entry, is_credit=is_credit):
        return LineKind.DISCOUNT
    return LINE_KINDS.get(word)


def _runs_against(entry: Entry, *, is_credit: bool) -> bool:
    """Takes off what the order charges: negative, or in a credit, which mirrors its original, positive."""
    amount = entry.gross or entry.net
    return amount > 0 if is_credit else amount < 0


def _part(kind: LineKind, entry: Entry) -> Part:
    return Part(kind=kind, rate=entry.rate or ZERO, net=entry.net, gross=entry.gross, sku=entry.sku)


def _spread(discount: Entry, goods: list[Part]) -> Iterator[Part]:
    """A discount without a rate (the shop's form before May 2019): its share of each rate of the goods."""
    gross_by_rate: dict[Decimal, Decimal] = {}
    for part in goods:
        gross_by_rate[part.rate] = gross_by_rate.get(part.rate, ZERO) + part.gross
    whole = sum(gross_by_rate.values(), ZERO)
    if not whole:
        raise RejectedError(_rate_missing(discount))
    ideals = {rate: discount.gross * gross / whole for rate, gross in gross_by_rate.items()}
    for rate, gross in allocate(discount.gross, ideals).items():
        yield Part(kind=LineKind.DISCOUNT, rate=rate, net=gross / (1 + rate / 100), gross=gross)


def _unknown_kind(entry: Entry) -> Reason:
    kind = entry.shop_kind.strip()[:SHOWN_LENGTH_MAX] or "-"
    return reason(ReasonCode.UNKNOWN_LINE_TYPE, kind=kind, amount=entry.gross)


def _rate_missing(entry: Entry) -> Reason:
    return reason(
        ReasonCode.RATE_MISSING, field=entry.shop_kind.strip()[:SHOWN_LENGTH_MAX], amount=entry.gross
    )


def _voucher_with_vat(part: Part) -> Reason:
    return reason(
        ReasonCode.VAT_RATE_MISMATCH,
        "voucher_with_vat",
        kind=part.kind,
        rate=percent(part.rate),
        amount=part.gross,
    )
