"""The VAT rules of a sales booking: Dutch kinds, reverse charge, and VAT of other EU countries."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from simulators.snelstart.booking_draft import TAXED_KINDS, ZERO, Draft, Line
from simulators.snelstart.chart import FUNCTIONS_WITHOUT_KIND
from simulators.snelstart.refusals import Problem
from simulators.snelstart.vat import dutch_percentage, foreign_percentage
from simulators.snelstart.wire import CENT, to_cents

REVERSED: Final = "VerkopenVerlegd"
REVERSED_FUNCTION: Final = "VerkopenOmzetOnbelastVerlegd"
FOREIGN_FUNCTION: Final = "InstallatieTeleverkoopBinnenEUgeen"
WRONG_KIND: Final = "Btw-soort is niet correct"
WRONG_PERCENTAGE: Final = "Btw-percentage is niet correct"


def _line_kinds(draft: Draft) -> Iterator[Problem]:
    for line in draft.lines:
        if line.ledger is None:
            continue
        if line.kind is None and line.function in FUNCTIONS_WITHOUT_KIND:
            yield Problem("BOE-0082", f"Voor grootboek {line.number} ontbreekt de btw-soort")
        elif line.kind not in line.ledger["btwSoort"]:
            yield Problem("BOE-0082", f"Btw-soort {line.kind} past niet bij grootboek {line.number}")


def _missing_vat_rows(draft: Draft) -> Iterator[Problem]:
    for line in draft.lines:
        if line.vat_row_kind is not None and line.vat_row_kind not in draft.vat and not draft.is_foreign_vat:
            yield Problem("BOE-0082", f"Voor grootboek {line.number} ontbreekt de btw-boeking")


def _vat_rows(draft: Draft) -> Iterator[Problem]:
    if draft.is_foreign_vat or any(line.ledger is None for line in draft.lines):
        return
    for kind, amount in draft.vat.items():
        lines = [line for line in draft.lines if line.vat_row_kind == kind]
        if kind in ("Geen", REVERSED):
            yield from _untaxed_row(draft, kind, amount)
        elif not lines:
            yield Problem("BOE-0069", WRONG_KIND)
        elif not _fits(draft, lines, amount):
            yield Problem("BOE-0069", WRONG_PERCENTAGE)


def _untaxed_row(draft: Draft, kind: str, amount: Decimal) -> Iterator[Problem]:
    if amount:
        yield Problem("BOE-0069", WRONG_PERCENTAGE)
    if kind == REVERSED and all(line.function != REVERSED_FUNCTION for line in draft.lines):
        yield Problem("BOE-0069", WRONG_KIND)


def _fits(draft: Draft, lines: list[Line], amount: Decimal) -> bool:
    percentage = None if draft.day is None else dutch_percentage(str(lines[0].kind), draft.day)
    if percentage is None:
        return True
    options = draft.administration.settings.options
    tolerance_cents = max(
        options.vat_tolerance_cents_minimum, options.vat_tolerance_cents_per_line * len(lines)
    )
    base = sum((line.amount for line in lines), ZERO)
    return abs(to_cents(base * percentage / 100) - amount) <= CENT * tolerance_cents


def _reverse_charge(draft: Draft) -> Iterator[Problem]:
    if REVERSED not in draft.vat:
        return
    has_other_row = any(kind not in (REVERSED, "Geen") for kind in draft.vat)
    if has_other_row or any(line.kind in TAXED_KINDS for line in draft.lines):
        yield Problem("BOE-0062")


def _vat_ledgers(draft: Draft) -> Iterator[Problem]:
    for kind, amount in draft.vat.items():
        function = VAT_FUNCTIONS.get(kind)
        if amount and function is not None and draft.administration.ledger_by_function(function) is None:
            yield Problem("BOE-0081", function)


def _foreign_vat(draft: Draft) -> Iterator[Problem]:
    if not draft.is_foreign_vat:
        return
    if draft.row.get("btw"):
        yield Problem("BOE-0069", "Nederlandse btw is niet toegestaan")
    vat_ledger = draft.administration.settings.foreign_vat_ledger
    sales = [line for line in draft.lines if line.function == FOREIGN_FUNCTION]
    vat_lines = [line for line in draft.lines if line.number == str(vat_ledger)]
    for line in draft.lines:
        if line.ledger is not None and line not in sales and line not in vat_lines:
            yield Problem("BOE-0061", line.number)
    yield from _foreign_amount(draft, sales, sum((line.amount for line in vat_lines), ZERO))


def _foreign_amount(draft: Draft, sales: list[Line], booked: Decimal) -> Iterator[Problem]:
    amounts = [_foreign_vat_of(draft, line) for line in sales]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts):
        yield Problem("BOE-0069", WRONG_KIND)
    elif abs(sum(known, ZERO) - booked) > CENT * len(sales):
        yield Problem("BOE-0069", WRONG_PERCENTAGE)


def _foreign_vat_of(draft: Draft, line: Line) -> Decimal | None:
    assert line.ledger is not None
    assert draft.day is not None
    assert draft.customer is not None
    land = draft.customer["vestigingsAdres"]["land"]["id"]
    country_iso = draft.administration.countries.by_id[land]["landcodeISO"]
    percentage = foreign_percentage(country_iso, line.ledger.get("vatRateCode", ""), draft.day)
    return None if percentage is None else to_cents(line.amount * percentage / 100)


# The ledger that the VAT of a row is booked on; "Geen" and a reversed zero are booked nowhere.
VAT_FUNCTIONS: Final = {
    "VerkopenLaag": "BtwAfteDragenLaag",
    "VerkopenHoog": "BtwAfTeDragenHoog",
    "VerkopenOverig": "BtwAfTeDragenOverig",
    REVERSED: "BtwAfTeDragenVerlegdVerkopen",
    "InkopenLaag": "BtwTeVorderenLaag",
    "InkopenHoog": "BtwTeVorderenHoog",
    "InkopenOverig": "BtwTeVorderenOverig",
}
VAT_RULES: Final[tuple[Callable[[Draft], Iterator[Problem]], ...]] = (
    _line_kinds,
    _missing_vat_rows,
    _vat_rows,
    _reverse_charge,
    _vat_ledgers,
    _foreign_vat,
)
