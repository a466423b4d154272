"""The account numbers that a profile chose, and which of them a line gets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sconnect.ledgers.words import LedgerColumn, LineKind

_FIELDS_WITHOUT_TREATMENT = MappingProxyType(
    {
        LineKind.GIFT_CARD: "gift_cards",
        LineKind.DEPOSIT: "deposits",
        LineKind.ROUNDING: "rounding",
    }
)


def ledger_field(kind: LineKind, column: LedgerColumn | None = None) -> str:
    """Where a profile states the ledger of this kind, as its file writes it."""
    if column is not None:
        return f"bookings.ledgers.{kind}.{column}"
    return f"bookings.ledgers.{_FIELDS_WITHOUT_TREATMENT[kind]}"


def refinement_field(place: int, column: LedgerColumn) -> str:
    return f"bookings.ledgers.refinements[{place}].{column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRefinement:
    """Other ledgers for some lines of a kind: those whose SKU matches a pattern (`BOEK-*`), or all of an
    order that was paid or delivered in a certain way; several conditions must hold together."""

    kind: LineKind
    numbers: Mapping[LedgerColumn, int]
    sku: str | None = None
    payment_method: str | None = None
    country: str | None = None

    def fits(
        self, *, kind: LineKind, sku: str | None, payment_method: str | None, country: str | None
    ) -> bool:
        return (
            kind is self.kind
            and (self.sku is None or _matches(self.sku, sku or ""))
            and (self.payment_method is None or _same(payment_method, self.payment_method))
            and (self.country is None or _same(country, self.country))
        )

    @property
    def specificity(self) -> tuple[int, bool, bool]:
        """Sorts by how much it asks: an article (the more letters, the more), then payment, then country."""
        letters = len((self.sku or "").replace("*", ""))
        return letters, self.payment_method is not None, self.country is not None


def _same(found: str | None, wanted: str) -> bool:
    return found is not None and found.casefold() == wanted.casefold()


def _matches(pattern: str, sku: str) -> bool:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, sku, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerMapping:
    """Account numbers by kind of line and treatment; a missing one is never replaced by another's."""

    numbers: Mapping[LineKind, Mapping[LedgerColumn, int]]
    gift_cards: int | None = None
    deposits: int | None = None
    rounding: int | None = None
    refinements: tuple[LedgerRefinement, ...] = ()

    def number_outside_vat(self, kind: LineKind) -> int | None:
        """The ledger of a kind that has one for all treatments."""
        match kind:
            case LineKind.GIFT_CARD:
                return self.gift_cards
            case LineKind.DEPOSIT:
                return self.deposits
            case LineKind.ROUNDING:
                return self.rounding
            case _:
                return None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerChoice:
    """The ledger of a line; `column` is None for what stands outside VAT, `field` is where it was stated."""

    kind: LineKind
    column: LedgerColumn | None
    number: int
    field: str


def choose_ledger(
    mapping: LedgerMapping,
    kind: LineKind,
    columns: Sequence[LedgerColumn],
    *,
    sku: str | None,
    payment_method: str | None,
    country: str | None,
) -> LedgerChoice | None:
    """The ledger for a line of this kind, by the most specific entry that states one of `columns`.

    `columns` are different words for the one treatment that the line has, the usual one first; the ledger of
    another treatment is never taken.
    """
    by_specificity = sorted(
        enumerate(mapping.refinements), key=lambda placed: placed[1].specificity, reverse=True
    )
    for place, refinement in by_specificity:
        if refinement.fits(kind=kind, sku=sku, payment_method=payment_method, country=country):
            for column in columns:
                if column in refinement.numbers:
                    return LedgerChoice(
                        kind=kind,
                        column=column,
                        number=refinement.numbers[column],
                        field=refinement_field(place, column),
                    )
    plain = mapping.numbers.get(kind, {})
    for column in columns:
        if column in plain:
            return LedgerChoice(
                kind=kind, column=column, number=plain[column], field=ledger_field(kind, column)
            )
    return None
