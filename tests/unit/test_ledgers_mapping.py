"""Which ledger of a mapping a line gets: the most specific refinement that fits, wherever it stands."""

from itertools import permutations

import pytest

from sconnect.ledgers import (
    LedgerChoice,
    LedgerColumn,
    LedgerMapping,
    LedgerRefinement,
    LineKind,
    choose_ledger,
)

HIGH, LOW = LedgerColumn.NL_HIGH, LedgerColumn.NL_LOW
ANY_BOOK = LedgerRefinement(kind=LineKind.REVENUE, sku="BOEK-*", numbers={HIGH: 8101})
THAT_BOOK = LedgerRefinement(kind=LineKind.REVENUE, sku="BOEK-1*", numbers={HIGH: 8102})
BY_PAYPAL = LedgerRefinement(kind=LineKind.REVENUE, payment_method="paypal", numbers={HIGH: 8103})
TO_BELGIUM = LedgerRefinement(kind=LineKind.REVENUE, country="BE", numbers={HIGH: 8104})
SHIPPING_TO_BELGIUM = LedgerRefinement(kind=LineKind.SHIPPING, country="BE", numbers={HIGH: 8301})
PLAIN = {LineKind.REVENUE: {HIGH: 8100, LOW: 8110}}


def chosen(
    *refinements: LedgerRefinement,
    columns: tuple[LedgerColumn, ...] = (HIGH,),
    sku: str | None = "BOEK-12",
    payment_method: str | None = "PayPal",
    country: str | None = "be",
) -> LedgerChoice | None:
    mapping = LedgerMapping(numbers=PLAIN, refinements=refinements)
    return choose_ledger(
        mapping, LineKind.REVENUE, columns, sku=sku, payment_method=payment_method, country=country
    )


@pytest.mark.parametrize(
    ("refinements", "number"),
    [
        ((ANY_BOOK, THAT_BOOK), 8102),  # the more letters of the article
        ((ANY_BOOK, BY_PAYPAL), 8101),  # the article before the payment
        ((BY_PAYPAL, TO_BELGIUM), 8103),  # the payment before the country
        ((TO_BELGIUM, SHIPPING_TO_BELGIUM), 8104),  # never another kind's
    ],
)
def test_the_most_specific_one_wins_wherever_it_stands(
    refinements: tuple[LedgerRefinement, ...], number: int
) -> None:
    for order in permutations(refinements):
        choice = chosen(*order)
        assert choice is not None
        place = next(at for at, each in enumerate(order) if each.numbers[HIGH] == number)
        assert choice == LedgerChoice(
            kind=LineKind.REVENUE,
            column=HIGH,
            number=number,
            field=f"bookings.ledgers.refinements[{place}].nl_high",
        )


def test_what_no_refinement_fits_gets_the_plain_ledger() -> None:
    choice = chosen(THAT_BOOK, BY_PAYPAL, TO_BELGIUM, sku=None, payment_method=None, country="DE")
    assert choice == LedgerChoice(
        kind=LineKind.REVENUE, column=HIGH, number=8100, field="bookings.ledgers.revenue.nl_high"
    )


def test_a_refinement_of_another_treatment_is_never_taken() -> None:
    choice = chosen(ANY_BOOK, columns=(LOW,))
    assert choice is not None
    assert choice.number == 8110
    assert chosen(ANY_BOOK, columns=(LedgerColumn.EXPORT,)) is None


def test_the_usual_word_for_a_treatment_goes_first() -> None:
    both = chosen(columns=(LOW, HIGH))
    assert both is not None
    assert (both.column, both.number) == (LOW, 8110)
