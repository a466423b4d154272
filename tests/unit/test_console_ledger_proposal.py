"""What the ledger assistant proposes: never silently one of several."""

from dataclasses import replace
from typing import Any

import pytest

from booking_writer_cases import FOREIGN_RATES, VAT_PERIODS, ledger
from console.domain.ledger_proposal import ProposedLedger, Situation, Why, propose_ledgers
from sconnect.ledgers import (
    Account,
    AccountFunction,
    Books,
    LedgerColumn,
    LedgerMapping,
    LineKind,
    MappingSettings,
    SeenSale,
    Severity,
    check_mapping,
)

HIGH, LOW = AccountFunction.SALES_HIGH, AccountFunction.SALES_LOW
NEUTRAL = AccountFunction.NEUTRAL


def account(number: int, function: AccountFunction, name: str = "Omzet", **changes: Any) -> Account:
    facts: dict[str, Any] = {
        "is_active": True,
        "bands": frozenset(),
        "needs_cost_centre": False,
        "function": function,
        "is_balance_sheet": number < 4000,
        "name": name,
    }
    return Account(number=number, **facts | changes)


def proposed(*accounts: Account, foreign_vat: bool = False, **changes: Any) -> dict[str, ProposedLedger]:
    books = Books(
        accounts={each.number: each for each in accounts},
        vat_periods=VAT_PERIODS,
        invoices_foreign_vat=foreign_vat,
        foreign_vat_rates=FOREIGN_RATES if foreign_vat else (),
    )
    return {choice.field: choice for choice in propose_ledgers(Situation(books=books, **changes))}


def answer(choice: ProposedLedger) -> tuple[int | None, Why, list[int]]:
    return choice.number, choice.why, [candidate.number for candidate in choice.candidates]


def test_the_only_ledger_that_fits_is_proposed_and_is_unconfirmed() -> None:
    choice = proposed(account(8002, HIGH), account(8001, LOW))["revenue.nl_high"]
    assert answer(choice) == (8002, Why.ONLY_ONE, [])
    assert choice.is_unconfirmed


def test_the_usual_number_wins_of_several_and_the_others_are_named() -> None:
    choice = proposed(account(8000, HIGH), account(8100, HIGH), account(8200, HIGH))["revenue.nl_high"]
    assert answer(choice) == (8100, Why.USUAL_NUMBER, [8000, 8200])
    assert choice.is_unconfirmed


def test_the_usual_number_with_another_function_is_not_proposed() -> None:
    """As in an administration whose 8000 is the ledger of 0 % (garagesoftware's manual)."""
    choice = proposed(account(8100, LOW), account(8002, HIGH), account(8003, HIGH))["revenue.nl_high"]
    assert answer(choice) == (None, Why.SEVERAL, [8002, 8003])


def test_of_several_without_a_usual_number_none_is_picked() -> None:
    choice = proposed(account(8002, HIGH), account(8003, HIGH))["revenue.nl_high"]
    assert answer(choice) == (None, Why.SEVERAL, [8002, 8003])
    assert not choice.is_unconfirmed


@pytest.mark.parametrize(
    "unfit",
    [
        account(8100, HIGH, is_active=False),
        account(8100, HIGH, needs_cost_centre=True),
        account(8100, HIGH, is_balance_sheet=True),
        account(8100, AccountFunction.COSTS_OF_ANY_VAT),
        account(8100, AccountFunction.JOURNAL),
    ],
)
def test_a_ledger_that_does_not_fit_is_no_candidate(unfit: Account) -> None:
    assert answer(proposed(unfit)["revenue.nl_high"]) == (None, Why.NONE_FITS, [])


def test_a_cost_centre_in_the_profile_lets_ledgers_in_that_ask_for_one() -> None:
    choices = proposed(account(8100, HIGH, needs_cost_centre=True), has_cost_centre=True)
    assert choices["revenue.nl_high"].number == 8100


def test_names_tell_what_is_for_shipping_payment_and_discount_and_what_is_not_for_revenue() -> None:
    choices = proposed(
        account(8100, HIGH),
        account(8300, HIGH, "Verzendkosten hoog"),
        account(8310, HIGH, "Betaalkosten hoog"),
        account(8320, HIGH, "Kortingen hoog"),
    )
    assert answer(choices["revenue.nl_high"]) == (8100, Why.ONLY_ONE, [])
    assert answer(choices["shipping.nl_high"]) == (8300, Why.BY_NAME, [])
    assert answer(choices["payment_costs.nl_high"]) == (8310, Why.BY_NAME, [])
    assert answer(choices["discount.nl_high"]) == (8320, Why.BY_NAME, [])


def test_without_a_ledger_of_their_own_costs_stand_where_revenue_does() -> None:
    choices = proposed(account(8000, HIGH), account(8100, HIGH))
    for kind in ("shipping", "payment_costs", "discount"):
        choice = choices[f"{kind}.nl_high"]
        assert (choice.number, choice.why, choice.is_unconfirmed) == (8100, Why.AS_REVENUE, True)


def test_two_ledgers_named_for_shipping_are_left_to_a_person() -> None:
    choices = proposed(
        account(8100, HIGH), account(8300, HIGH, "Verzending NL"), account(8305, HIGH, "Verzending België")
    )
    assert answer(choices["shipping.nl_high"]) == (None, Why.SEVERAL, [8300, 8305])


def test_what_the_profile_states_stays_and_stays_unconfirmed_only_if_it_was() -> None:
    stated = LedgerMapping(numbers={LineKind.REVENUE: {LedgerColumn.NL_HIGH: 8002}})
    choices = proposed(account(8002, HIGH), account(8100, HIGH), mapping=stated)
    assert answer(choices["revenue.nl_high"]) == (8002, Why.CHOSEN, [8100])
    assert not choices["revenue.nl_high"].is_unconfirmed
    again = proposed(account(8002, HIGH), mapping=stated, unconfirmed=frozenset({"revenue.nl_high"}))
    assert again["revenue.nl_high"].is_unconfirmed


def test_what_the_profile_states_and_does_not_fit_is_replaced_visibly() -> None:
    stated = LedgerMapping(numbers={LineKind.REVENUE: {LedgerColumn.NL_HIGH: 8119}})
    choice = proposed(account(8100, HIGH), account(8119, LOW), mapping=stated)["revenue.nl_high"]
    assert (choice.number, choice.replaces) == (8100, 8119)


def test_zero_percent_is_a_persons_choice_and_asked_only_of_shops_that_have_it() -> None:
    untaxed = account(8140, AccountFunction.SALES_UNTAXED)
    assert "revenue.nl_zero" not in proposed(untaxed)
    columns = (LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT)
    choices = proposed(untaxed, seen=(SeenSale(kind=LineKind.REVENUE, columns=columns),))
    assert answer(choices["revenue.nl_zero"]) == (None, Why.ZERO_OR_EXEMPT, [8140])
    assert choices["revenue.nl_zero"].is_needed


def test_goods_to_eu_businesses_do_not_end_on_a_ledger_for_services() -> None:
    services = account(8270, AccountFunction.EU_SERVICES)
    assert answer(proposed(services)["revenue.eu_business"]) == (None, Why.SEVERAL, [8270])
    goods = account(8170, AccountFunction.EU_GOODS)
    assert proposed(services, goods)["revenue.eu_business"].number == 8170


def test_foreign_vat_has_ledgers_only_while_the_books_have_it_on() -> None:
    ledgers = (
        account(8177, AccountFunction.DISTANCE_SALES, vat_rate_code="SR"),
        account(8179, AccountFunction.DISTANCE_SALES, vat_rate_code="RRL"),
    )
    seen = (SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.OSS_SR,)),)
    on = proposed(*ledgers, foreign_vat=True, seen=seen)
    assert answer(on["revenue.oss.SR"]) == (8177, Why.ONLY_ONE, [])
    assert [on[f"{kind}.oss.SR"].number for kind in ("shipping", "payment_costs", "discount")] == [8177] * 3
    assert "revenue.oss.RRL" not in on
    assert not [field for field in proposed(*ledgers, seen=seen) if "oss" in field]


def test_several_ledgers_with_one_rate_code_are_left_to_a_person() -> None:
    ledgers = [account(n, AccountFunction.DISTANCE_SALES, vat_rate_code="SR") for n in (8077, 8177)]
    seen = (SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.OSS_SR,)),)
    choice = proposed(*ledgers, foreign_vat=True, seen=seen)["revenue.oss.SR"]
    assert answer(choice) == (None, Why.SEVERAL, [8077, 8177])


def test_the_small_business_scheme_takes_its_own_ledger_of_the_many_neutral_ones() -> None:
    choices = proposed(
        account(4999, NEUTRAL, "Diverse lasten"),
        account(8199, NEUTRAL, "Omzet vrijgesteld"),
        account(8990, NEUTRAL, "Afrondingsverschillen"),
        small_business_scheme=True,
    )
    assert answer(choices["revenue.kor"]) == (8199, Why.ONLY_ONE, [])
    assert "revenue.nl_high" not in choices


def test_gift_cards_deposits_and_rounding_are_found_by_name_on_their_side_of_the_books() -> None:
    choices = proposed(
        account(1760, NEUTRAL, "Uitgegeven cadeaubonnen"),
        account(1765, NEUTRAL, "Statiegeld"),
        account(1780, NEUTRAL, "Tussenrekening"),
        account(4990, NEUTRAL, "Cadeaus personeel"),
        account(8990, NEUTRAL, "Afrondingsverschillen"),
    )
    found = {field: choices[field].number for field in ("gift_cards", "deposits", "rounding")}
    assert found == {"gift_cards": 1760, "deposits": 1765, "rounding": 8990}
    none = proposed(account(1780, NEUTRAL, "Tussenrekening"))
    assert answer(none["gift_cards"]) == (None, Why.NONE_FITS, [])


def test_an_empty_administration_leaves_everything_open() -> None:
    assert all(choice.is_open for choice in proposed().values())


def test_what_is_proposed_passes_the_checks() -> None:
    names = {8300: "Verzendkosten", 8310: "Betaalkosten", 8320: "Kortingen", 8990: "Afrondingsverschillen"}
    accounts = [replace(ledger(n), name=names.get(n, "Omzet")) for n in (8100, 8110, 8170, 8160, 8300, 8990)]
    books = Books(accounts={each.number: each for each in accounts}, vat_periods=VAT_PERIODS)
    choices = propose_ledgers(Situation(books=books))
    numbers: dict[LineKind, dict[LedgerColumn, int]] = {}
    for choice in choices:
        if choice.number is not None and choice.column is not None:
            numbers.setdefault(choice.kind, {})[choice.column] = choice.number
    mapping = LedgerMapping(numbers=numbers, rounding=8990)
    findings = check_mapping(MappingSettings(mapping=mapping), books)
    assert not [finding for finding in findings if finding.severity is Severity.ERROR]
