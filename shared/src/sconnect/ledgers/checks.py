"""The checks of a profile's ledger mapping, made when it is applied and whenever the books were read anew."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sconnect.ledgers.accounts import Account, Misfit, misfits, takes_any_vat
from sconnect.ledgers.mapping import (
    LedgerChoice,
    LedgerMapping,
    choose_ledger,
    ledger_field,
    refinement_field,
)
from sconnect.ledgers.rates import ForeignVatRate, VatPeriod
from sconnect.ledgers.words import OSS_COLUMNS, LedgerColumn, LineKind

ROUNDING_TOLERANCE_MAX = Decimal("1.00")
TREATED_KINDS = (LineKind.REVENUE, LineKind.SHIPPING, LineKind.PAYMENT_COSTS, LineKind.DISCOUNT)


class Severity(StrEnum):
    """An error stops the orders that need the ledger; a warning stops nothing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """`code` names its sentence (text key `ledgers.<code>`), `details` fill it; `field` is always one."""

    severity: Severity
    code: str
    details: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """The administration that the ledgers are in; `cost_centres` holds the active ones.

    `small_business_scheme` is what the company says of itself, None when it says nothing.
    """

    accounts: Mapping[int, Account]
    cost_centres: frozenset[int] = frozenset()
    vat_periods: tuple[VatPeriod, ...] = ()
    invoices_foreign_vat: bool = False
    foreign_vat_rates: tuple[ForeignVatRate, ...] = ()
    foreign_vat_ledger: int | None = None
    small_business_scheme: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenSale:
    """A line that the shop's recent orders or VAT settings show; `columns` as `choose_ledger` takes them.

    There are none for what stands outside VAT, and for what would not be booked at all.
    """

    kind: LineKind
    columns: tuple[LedgerColumn, ...]
    sku: str | None = None
    payment_method: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingSettings:
    """The part of a profile that is checked; `unconfirmed` are the fields that no person has looked at."""

    mapping: LedgerMapping
    cost_centre: int | None = None
    rounding_tolerance: Decimal = Decimal("0.05")
    small_business_scheme: bool = False
    unconfirmed: Collection[str] = field(default_factory=frozenset)


def check_mapping(
    settings: MappingSettings, books: Books, *, seen: Iterable[SeenSale] = (), vat_was_seen: bool = False
) -> tuple[Finding, ...]:
    """All findings, errors first.

    `vat_was_seen` tells that recent orders of the shop carry VAT.
    """
    choices = tuple(stated_ledgers(settings.mapping))
    findings = (
        *(finding for choice in choices for finding in _choice_findings(choice, settings, books)),
        *_cost_centre_findings(settings, books),
        *_one_stop_shop_findings(choices, settings.mapping, books),
        *_rounding_findings(settings),
        *_unmapped_findings(settings.mapping, seen),
        *_scheme_findings(settings, books, vat_was_seen=vat_was_seen),
    )
    return tuple(sorted(findings, key=lambda finding: finding.severity is Severity.WARNING))


def newly_found(before: Sequence[Finding], now: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was not there at the last check: a ledger was renumbered or switched off since."""
    return tuple(finding for finding in now if finding not in before)


def stated_ledgers(mapping: LedgerMapping) -> Iterator[LedgerChoice]:
    """Every account number of the mapping with the field that states it."""
    for kind, numbers in mapping.numbers.items():
        for column, number in numbers.items():
            yield LedgerChoice(kind=kind, column=column, number=number, field=ledger_field(kind, column))
    for place, refinement in enumerate(mapping.refinements):
        for column, number in refinement.numbers.items():
            yield LedgerChoice(
                kind=refinement.kind, column=column, number=number, field=refinement_field(place, column)
            )
    for kind in (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING):
        outside_vat = mapping.number_outside_vat(kind)
        if outside_vat is not None:
            yield LedgerChoice(kind=kind, column=None, number=outside_vat, field=ledger_field(kind))


def _finding(severity: Severity, code: str, where: str, **details: object) -> Finding:
    texts = {name: str(value) for name, value in details.items()}
    return Finding(severity=severity, code=code, details={"field": where, **texts})


def _choice_findings(choice: LedgerChoice, settings: MappingSettings, books: Books) -> Iterator[Finding]:
    account = books.accounts.get(choice.number)
    has_cost_centre = settings.cost_centre is not None
    details = {
        "ledger": str(choice.number),
        "expected": (choice.column.vat_rate_code if choice.column else None) or "-",
        "found": (account.vat_rate_code if account else None) or "-",
    }
    for misfit in misfits(account, choice.kind, choice.column, has_cost_centre=has_cost_centre):
        shown = details if misfit is Misfit.VAT_RATE_CODE else {"ledger": details["ledger"]}
        yield _finding(Severity.ERROR, f"ledger_{misfit}", choice.field, **shown)
    if account is not None and takes_any_vat(account, choice.kind, choice.column):
        yield _finding(Severity.WARNING, "ledger_for_costs", choice.field, ledger=choice.number)
    if choice.field in settings.unconfirmed:
        yield _finding(Severity.WARNING, "ledger_unconfirmed", choice.field, ledger=choice.number)


def _cost_centre_findings(settings: MappingSettings, books: Books) -> Iterator[Finding]:
    number = settings.cost_centre
    if number is not None and number not in books.cost_centres:
        yield _finding(Severity.ERROR, "cost_centre_unknown", "bookings.cost_centre", cost_centre=number)


def _one_stop_shop_findings(
    choices: Sequence[LedgerChoice], mapping: LedgerMapping, books: Books
) -> Iterator[Finding]:
    """Foreign VAT may stand on ledgers for distance sales only, so every kind needs one for each code."""
    first = next((choice for choice in choices if choice.column in OSS_COLUMNS.values()), None)
    if first is None:
        return
    if not books.invoices_foreign_vat:
        yield _finding(Severity.ERROR, "foreign_vat_off", first.field)
    elif books.foreign_vat_ledger is None:
        yield _finding(Severity.ERROR, "foreign_vat_ledger_missing", first.field)
    used = {choice.column for choice in choices}
    for column in (column for column in OSS_COLUMNS.values() if column in used):
        for kind in TREATED_KINDS:
            if column not in mapping.numbers.get(kind, {}):
                code = column.vat_rate_code
                yield _finding(
                    Severity.ERROR, "one_stop_shop_incomplete", ledger_field(kind, column), rate_code=code
                )


def _rounding_findings(settings: MappingSettings) -> Iterator[Finding]:
    tolerance = settings.rounding_tolerance
    if not 0 <= tolerance <= ROUNDING_TOLERANCE_MAX:
        yield _finding(
            Severity.ERROR,
            "rounding_tolerance",
            "bookings.rounding_tolerance",
            tolerance=tolerance,
            tolerance_max=ROUNDING_TOLERANCE_MAX,
        )
    if tolerance > 0 and settings.mapping.rounding is None:
        yield _finding(
            Severity.WARNING, "rounding_ledger_missing", ledger_field(LineKind.ROUNDING), tolerance=tolerance
        )


def _unmapped_findings(mapping: LedgerMapping, seen: Iterable[SeenSale]) -> Iterator[Finding]:
    for where in sorted({where for sale in seen if (where := _unmapped_field(mapping, sale)) is not None}):
        yield _finding(Severity.WARNING, "ledger_unmapped", where)


def _unmapped_field(mapping: LedgerMapping, sale: SeenSale) -> str | None:
    """The field that this line misses; None when it has its ledger, or would not be booked at all."""
    if sale.kind not in TREATED_KINDS:
        return None if mapping.number_outside_vat(sale.kind) is not None else ledger_field(sale.kind)
    choice = choose_ledger(
        mapping,
        sale.kind,
        sale.columns,
        sku=sale.sku,
        payment_method=sale.payment_method,
        country=sale.country,
    )
    return ledger_field(sale.kind, sale.columns[0]) if choice is None and sale.columns else None


def _scheme_findings(settings: MappingSettings, books: Books, *, vat_was_seen: bool) -> Iterator[Finding]:
    where = "shop.small_business_scheme"
    said = books.small_business_scheme
    if said is not None and said is not settings.small_business_scheme:
        yield _finding(Severity.WARNING, "small_business_differs", where)
    if settings.small_business_scheme and vat_was_seen:
        yield _finding(Severity.WARNING, "small_business_with_vat", where)
