"""The twelve checks of a profile's ledgers, and the sentence of each finding."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from booking_writer_cases import FUNCTION_OF_NUMBER, MAPPING, NUMBERS, ledger
from sconnect.ledgers import (
    Account,
    AccountFunction,
    Books,
    Finding,
    LedgerColumn,
    LedgerMapping,
    LedgerRefinement,
    LineKind,
    MappingSettings,
    SeenSale,
    Severity,
    VatRateBand,
    check_mapping,
    newly_found,
)
from sconnect.snelstart import LedgerAccount, account_of
from sconnect.texts import LANGUAGES, render
from sconnect.texts.rendering import sentences

REVENUE_HIGH = "bookings.ledgers.revenue.nl_high"
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def books(*changed: Account, **changes: Any) -> Books:
    accounts = {number: ledger(number) for number in FUNCTION_OF_NUMBER}
    facts: dict[str, Any] = {
        "accounts": accounts | {account.number: account for account in changed},
        "cost_centres": frozenset({1}),
        "invoices_foreign_vat": True,
        "foreign_vat_ledger": 1690,
    }
    return Books(**facts | changes)


def mapping(**revenue: int) -> LedgerMapping:
    numbers = {LedgerColumn(name): number for name, number in revenue.items()}
    return replace(MAPPING, numbers={**NUMBERS, LineKind.REVENUE: {**NUMBERS[LineKind.REVENUE], **numbers}})


def found(given: Books, settings: MappingSettings | None = None, **seen: Any) -> list[tuple[str, str, str]]:
    """Severity, code and field of every finding; each must have its whole sentence."""
    findings = check_mapping(settings or MappingSettings(mapping=MAPPING), given, **seen)
    for finding in findings:
        for language in LANGUAGES:
            assert f"ledgers.{finding.code}" in sentences(language)
            assert "?" not in render(f"ledgers.{finding.code}", finding.details, language)
    return [(finding.severity, finding.code, finding.details["field"]) for finding in findings]


def test_a_mapping_that_fits_has_no_findings() -> None:
    assert found(books()) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"is_active": False}, "ledger_inactive"),
        ({"function": AccountFunction.JOURNAL}, "ledger_forbidden"),
        ({"function": AccountFunction.VAT}, "ledger_forbidden"),
        ({"function": AccountFunction.PURCHASE}, "ledger_forbidden"),
        ({"function": AccountFunction.VEHICLE_TAX}, "ledger_forbidden"),
        ({"function": AccountFunction.SALES_LOW}, "ledger_function"),
        ({"function": AccountFunction.COSTS_OF_ANY_VAT}, "ledger_function"),
        ({"function": AccountFunction.ANYTHING_ELSE}, "ledger_function"),
        ({"bands": frozenset({VatRateBand.LOW})}, "ledger_vat_band"),
        ({"is_balance_sheet": True}, "ledger_on_balance_sheet"),
        ({"needs_cost_centre": True}, "ledger_cost_centre_required"),
    ],
)
def test_a_ledger_that_cannot_carry_its_lines_is_an_error(facts: dict[str, Any], code: str) -> None:
    assert found(books(ledger(8100, **facts))) == [(ERROR, code, REVENUE_HIGH)]


def test_what_the_administration_does_not_tell_is_not_held_against_a_ledger() -> None:
    silent = ledger(8100, function=None, bands=frozenset(), is_balance_sheet=None)
    assert found(books(silent)) == []


def test_a_ledger_that_does_not_exist_is_an_error() -> None:
    settings = MappingSettings(mapping=mapping(nl_high=4711))
    assert found(books(), settings) == [(ERROR, "ledger_unknown", REVENUE_HIGH)]


def test_a_refinement_is_checked_like_the_rest() -> None:
    refined = LedgerRefinement(kind=LineKind.SHIPPING, country="BE", numbers={LedgerColumn.NL_LOW: 8300})
    settings = MappingSettings(mapping=replace(MAPPING, refinements=(refined,)))
    where = "bookings.ledgers.refinements[0].nl_low"
    assert found(books(), settings) == [(ERROR, "ledger_function", where), (ERROR, "ledger_vat_band", where)]


@pytest.mark.parametrize("field", ["gift_cards", "deposits"])
def test_gift_cards_and_deposits_belong_on_the_balance_sheet(field: str) -> None:
    changes: dict[str, Any] = {field: 8199}
    settings = MappingSettings(mapping=replace(MAPPING, **changes))
    assert found(books(), settings) == [(ERROR, "ledger_not_on_balance_sheet", f"bookings.ledgers.{field}")]


def test_the_cost_centre_must_exist() -> None:
    settings = MappingSettings(mapping=MAPPING, cost_centre=1)
    assert found(books(ledger(8100, needs_cost_centre=True)), settings) == []
    assert found(books(), replace(settings, cost_centre=2)) == [
        (ERROR, "cost_centre_unknown", "bookings.cost_centre")
    ]


def test_the_one_stop_shop_needs_its_setting_its_ledger_and_the_right_codes() -> None:
    first = "bookings.ledgers.revenue.oss.SR"
    assert found(books(invoices_foreign_vat=False)) == [(ERROR, "foreign_vat_off", first)]
    assert found(books(foreign_vat_ledger=None)) == [(ERROR, "foreign_vat_ledger_missing", first)]
    wrong = ledger(8179, vat_rate_code="RRH")
    assert (ERROR, "ledger_vat_rate_code", "bookings.ledgers.revenue.oss.RRL") in found(books(wrong))


def test_with_the_one_stop_shop_every_kind_of_line_needs_a_ledger_for_every_code() -> None:
    shipping: dict[LedgerColumn, int] = {
        column: number
        for column, number in NUMBERS[LineKind.SHIPPING].items()
        if column is not LedgerColumn.OSS_RRL
    }
    settings = MappingSettings(mapping=replace(MAPPING, numbers={**NUMBERS, LineKind.SHIPPING: shipping}))
    assert found(books(), settings) == [
        (ERROR, "one_stop_shop_incomplete", "bookings.ledgers.shipping.oss.RRL")
    ]


def test_without_any_foreign_ledger_the_one_stop_shop_is_not_asked_for() -> None:
    domestic = {
        kind: {column: number for column, number in numbers.items() if column.vat_rate_code is None}
        for kind, numbers in NUMBERS.items()
    }
    settings = MappingSettings(mapping=replace(MAPPING, numbers=domestic))
    assert found(books(invoices_foreign_vat=False, foreign_vat_ledger=None), settings) == []


def test_rounding_has_a_neutral_ledger_and_a_small_tolerance() -> None:
    where = "bookings.ledgers.rounding"
    assert found(books(), MappingSettings(mapping=replace(MAPPING, rounding=8100)))[0] == (
        ERROR,
        "ledger_function",
        where,
    )
    assert found(books(), MappingSettings(mapping=MAPPING, rounding_tolerance=Decimal("1.01"))) == [
        (ERROR, "rounding_tolerance", "bookings.rounding_tolerance")
    ]
    assert found(books(), MappingSettings(mapping=replace(MAPPING, rounding=None))) == [
        (WARNING, "rounding_ledger_missing", where)
    ]


def test_what_the_shop_sells_and_the_profile_does_not_map_is_a_warning() -> None:
    seen = [
        SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.NL_HIGH,)),
        SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT)),
        SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT), sku="X"),
    ]
    assert found(books(), seen=seen) == [(WARNING, "ledger_unmapped", "bookings.ledgers.revenue.nl_zero")]
    exempt = MappingSettings(mapping=mapping(nl_exempt=8199))
    assert found(books(), exempt, seen=seen) == []


def test_a_ledger_that_nobody_confirmed_is_a_warning() -> None:
    settings = MappingSettings(mapping=MAPPING, unconfirmed=frozenset({REVENUE_HIGH}))
    assert found(books(), settings) == [(WARNING, "ledger_unconfirmed", REVENUE_HIGH)]


@pytest.mark.parametrize(
    ("said", "scheme", "vat_was_seen", "codes"),
    [
        (None, True, False, []),
        (True, True, False, []),
        (False, True, False, ["small_business_differs"]),
        (True, False, True, ["small_business_differs"]),
        (None, True, True, ["small_business_with_vat"]),
        (None, False, True, []),
    ],
)
def test_the_small_business_scheme_is_held_against_the_company_and_the_orders(
    said: bool | None, scheme: bool, vat_was_seen: bool, codes: list[str]
) -> None:
    settings = MappingSettings(mapping=MAPPING, small_business_scheme=scheme)
    given = found(books(small_business_scheme=said), settings, vat_was_seen=vat_was_seen)
    assert given == [(WARNING, code, "shop.small_business_scheme") for code in codes]


def test_payment_costs_on_a_ledger_for_costs_are_a_warning() -> None:
    costs = ledger(8310, function=AccountFunction.COSTS_OF_ANY_VAT, bands=frozenset(VatRateBand))
    where = "bookings.ledgers.payment_costs.nl_high"
    assert found(books(costs)) == [(WARNING, "ledger_for_costs", where)]


def test_only_what_is_new_since_the_last_check_is_told_again() -> None:
    settings = MappingSettings(mapping=MAPPING, unconfirmed=frozenset({REVENUE_HIGH}))
    before = check_mapping(settings, books())
    now = check_mapping(settings, books(ledger(8110, is_active=False)))
    assert [finding.code for finding in newly_found(before, now)] == ["ledger_inactive"]
    assert [finding.severity for finding in now] == [ERROR, WARNING]


def test_a_finding_names_the_ledger() -> None:
    (finding,) = check_mapping(MappingSettings(mapping=mapping(nl_high=4711)), books())
    assert finding == Finding(
        severity=ERROR, code="ledger_unknown", details={"field": REVENUE_HIGH, "ledger": "4711"}
    )


@pytest.mark.parametrize(
    ("word", "function"),
    [
        ("VerkopenOmzetHoog", AccountFunction.SALES_HIGH),
        ("InstallatieTeleverkoopBinnenEUgeen", AccountFunction.DISTANCE_SALES),
        ("InkopenKostenAlleBtwTarieven", AccountFunction.COSTS_OF_ANY_VAT),
        ("InkopenKostenHoog", AccountFunction.PURCHASE),
        ("BtwAfTeDragenHoog", AccountFunction.VAT),
        ("DagboekVerkoop", AccountFunction.JOURNAL),
        ("Kruisposten", AccountFunction.ANYTHING_ELSE),
        ("", None),
    ],
)
def test_a_ledger_of_snelstart_in_the_terms_of_the_booking(
    word: str, function: AccountFunction | None
) -> None:
    account = account_of(
        LedgerAccount(
            id="7",
            number=1690,
            description="Omzet",
            function=word,
            vat_rate_bands=frozenset({"Geen", "Onbekend"}),
            cost_centre_required=True,
            account_kind="Balans",
            active=True,
            vat_rate_code="SR",
        )
    )
    assert account == Account(
        number=1690,
        is_active=True,
        bands=frozenset({VatRateBand.NONE}),
        needs_cost_centre=True,
        function=function,
        is_balance_sheet=True,
        vat_rate_code="SR",
        name="Omzet",
    )
