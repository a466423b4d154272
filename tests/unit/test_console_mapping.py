"""What the examination of a profile finds about its ledgers, cost centre and permissions."""

import pytest

from console.domain.findings import Finding
from console.domain.mapping import (
    Administration,
    CostCentre,
    Ledger,
    LedgerUse,
    MappedLedger,
    check_mapping,
)
from console.domain.permissions import Permission, check_permissions


def ledger(
    number: int,
    use: LedgerUse = LedgerUse.SALES_HIGH,
    *,
    active: bool = True,
    on_balance_sheet: bool = False,
    cost_centre_required: bool = False,
) -> Ledger:
    return Ledger(
        number=number,
        use=use,
        on_balance_sheet=on_balance_sheet,
        cost_centre_required=cost_centre_required,
        active=active,
    )


def books(*ledgers: Ledger, foreign_vat: bool = False) -> Administration:
    centres = (CostCentre(number=1, active=True), CostCentre(number=2, active=False))
    return Administration(ledgers=ledgers, cost_centres=centres, foreign_vat=foreign_vat)


def chosen(treatment: str, number: int = 8100) -> MappedLedger:
    return MappedLedger(field=f"bookings.ledgers.revenue.{treatment}", treatment=treatment, number=number)


def seen(findings: tuple[Finding, ...]) -> list[tuple[str, bool]]:
    return [(finding.text_key.removeprefix("command."), finding.is_refusal) for finding in findings]


@pytest.mark.parametrize(
    ("treatment", "in_the_books", "expected"),
    [
        ("nl_high", ledger(8100), []),
        ("nl_high", ledger(8110), [("ledger_unknown", True)]),
        ("nl_high", ledger(8100, active=False), [("ledger_inactive", True)]),
        ("nl_low", ledger(8100), [("ledger_unfit", False)]),
        ("rounding", ledger(8100, LedgerUse.NEUTRAL), []),
        (
            "gift_cards",
            ledger(8100, LedgerUse.NEUTRAL),
            [("ledger_not_on_balance_sheet", False)],
        ),
        ("gift_cards", ledger(8100, LedgerUse.NEUTRAL, on_balance_sheet=True), []),
        ("nl_high", ledger(8100, on_balance_sheet=True), [("ledger_on_balance_sheet", False)]),
        ("nl_high", ledger(8100, cost_centre_required=True), [("cost_centre_missing", False)]),
        ("oss", ledger(8100, LedgerUse.ONE_STOP_SHOP), [("one_stop_shop_off", False)]),
    ],
)
def test_one_choice(treatment: str, in_the_books: Ledger, expected: list[tuple[str, bool]]) -> None:
    findings = check_mapping([chosen(treatment)], None, books(in_the_books))

    assert seen(findings) == expected
    assert all(finding.field == f"bookings.ledgers.revenue.{treatment}" for finding in findings)


def test_every_unknown_number_is_named_with_its_field() -> None:
    findings = check_mapping([chosen("nl_high", 1), chosen("nl_low", 2)], None, books())

    assert [(finding.field.rpartition(".")[2], finding.details["number"]) for finding in findings] == [
        ("nl_high", "1"),
        ("nl_low", "2"),
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, []),
        (2, [("cost_centre_unknown", True)]),
        (3, [("cost_centre_unknown", True)]),
        (None, []),
    ],
)
def test_cost_centre(number: int | None, expected: list[tuple[str, bool]]) -> None:
    assert seen(check_mapping([], number, books())) == expected


def test_one_stop_shop_ledgers_are_fine_when_the_books_have_it_on() -> None:
    administration = books(ledger(8100, LedgerUse.ONE_STOP_SHOP), foreign_vat=True)

    assert check_mapping([chosen("oss")], None, administration) == ()


ALL = frozenset(permission.value for permission in Permission)


@pytest.mark.parametrize(
    ("granted", "makes_customers", "expected"),
    [
        (ALL, True, []),
        (ALL - {"relaties:write"}, True, [("permission_missing", True)]),
        (ALL - {"relaties:write"}, False, [("permission_missing", False)]),
        (ALL - {"orders:read"}, False, [("permission_missing", True)]),
        (frozenset(), True, [("permissions_unknown", False)]),
    ],
)
def test_permissions(
    granted: frozenset[str], makes_customers: bool, expected: list[tuple[str, bool]]
) -> None:
    assert seen(check_permissions(granted, makes_customers=makes_customers)) == expected
