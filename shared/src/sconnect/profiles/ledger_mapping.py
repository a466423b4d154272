"""The ledgers of a profile in the terms of the booking."""

import re

from sconnect.ledgers import (
    OSS_COLUMNS,
    LedgerColumn,
    LedgerMapping,
    LedgerRefinement,
    LineKind,
    MappingSettings,
    ShopTerms,
)
from sconnect.profiles.model import Ledgers, Profile, TreatmentLedgers


def mapping_settings(profile: Profile) -> MappingSettings | None:
    """The part of a profile whose ledgers are checked; None when it has none yet."""
    bookings = profile.bookings
    if bookings.ledgers is None:
        return None
    return MappingSettings(
        mapping=ledger_mapping(bookings.ledgers),
        cost_centre=bookings.cost_centre,
        rounding_tolerance=bookings.rounding_tolerance,
        small_business_scheme=profile.shop.small_business_scheme,
        unconfirmed=frozenset(f"bookings.ledgers.{field}" for field in bookings.unconfirmed_ledgers),
    )


def shop_terms(profile: Profile) -> ShopTerms:
    """What a profile says of its shop, as far as it decides which ledgers the shop's orders need."""
    bookings = profile.bookings
    pattern = bookings.gift_card_description_pattern
    return ShopTerms(
        home_country=profile.shop.home_country,
        small_business_scheme=profile.shop.small_business_scheme,
        gift_card_skus=frozenset(sku.casefold() for sku in bookings.gift_card_skus),
        gift_card_description=None if pattern is None else re.compile(pattern),
        deposit_skus=frozenset(sku.casefold() for sku in bookings.deposit_skus),
    )


def ledger_mapping(ledgers: Ledgers) -> LedgerMapping:
    return LedgerMapping(
        numbers={
            LineKind.REVENUE: _numbers(ledgers.revenue),
            LineKind.SHIPPING: _numbers(ledgers.shipping),
            LineKind.PAYMENT_COSTS: _numbers(ledgers.payment_costs),
            LineKind.DISCOUNT: _numbers(ledgers.discount),
        },
        gift_cards=ledgers.gift_cards,
        deposits=ledgers.deposits,
        rounding=ledgers.rounding,
        refinements=tuple(
            LedgerRefinement(
                kind=LineKind(refinement.kind),
                numbers=_numbers(refinement),
                sku=refinement.sku,
                payment_method=refinement.payment_method,
                country=refinement.country,
            )
            for refinement in ledgers.refinements
        ),
    )


def _numbers(ledgers: TreatmentLedgers) -> dict[LedgerColumn, int]:
    """The ledgers that were chosen, by column."""
    plain = {
        column: getattr(ledgers, column) for column in LedgerColumn if column not in OSS_COLUMNS.values()
    }
    foreign = {OSS_COLUMNS[code]: number for code, number in ledgers.oss.items()}
    return {column: number for column, number in (plain | foreign).items() if number is not None}
