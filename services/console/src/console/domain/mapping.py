"""Whether a profile's ledgers and cost centre are there, and fit what they are chosen for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from console.domain.findings import Finding, refusal, warning


class LedgerUse(Enum):
    """What a ledger's function in the books allows it to be used for."""

    SALES_HIGH = "sales_high"
    SALES_LOW = "sales_low"
    SALES_OTHER = "sales_other"
    SALES_ZERO = "sales_zero"
    EU_BUSINESS = "eu_business"
    EXPORT = "export"
    ONE_STOP_SHOP = "one_stop_shop"
    NEUTRAL = "neutral"
    ANYTHING_ELSE = "anything_else"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    number: int
    use: LedgerUse
    on_balance_sheet: bool
    cost_centre_required: bool
    active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CostCentre:
    number: int
    active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedLedger:
    """One number in the profile: `field` is its path, `treatment` the last word of that (nl_high, oss, …)."""

    field: str
    treatment: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Administration:
    """What the checks need to know of the books."""

    ledgers: tuple[Ledger, ...]
    cost_centres: tuple[CostCentre, ...]
    foreign_vat: bool


_USES_OF_TREATMENT: Mapping[str, frozenset[LedgerUse]] = MappingProxyType(
    {
        "nl_high": frozenset({LedgerUse.SALES_HIGH}),
        "nl_low": frozenset({LedgerUse.SALES_LOW}),
        "nl_other": frozenset({LedgerUse.SALES_OTHER}),
        "nl_zero": frozenset({LedgerUse.SALES_ZERO}),
        "nl_exempt": frozenset({LedgerUse.NEUTRAL, LedgerUse.SALES_ZERO}),
        "kor": frozenset({LedgerUse.NEUTRAL, LedgerUse.SALES_ZERO}),
        "eu_business": frozenset({LedgerUse.EU_BUSINESS}),
        "export": frozenset({LedgerUse.EXPORT}),
        "oss": frozenset({LedgerUse.ONE_STOP_SHOP}),
        "gift_cards": frozenset({LedgerUse.NEUTRAL}),
        "deposits": frozenset({LedgerUse.NEUTRAL}),
        "rounding": frozenset({LedgerUse.NEUTRAL}),
    }
)
_ON_BALANCE_SHEET = frozenset({"gift_cards", "deposits"})


def check_mapping(
    mapped: Iterable[MappedLedger], cost_centre: int | None, administration: Administration
) -> tuple[Finding, ...]:
    """Every number that does not exist or is switched off is a refusal; every doubtful choice a warning."""
    ledgers = {ledger.number: ledger for ledger in administration.ledgers}
    choices = tuple(mapped)
    return (
        *(finding for choice in choices for finding in _check_choice(choice, ledgers.get(choice.number))),
        *_check_cost_centre(cost_centre, choices, ledgers, administration.cost_centres),
        *_check_one_stop_shop(choices, foreign_vat=administration.foreign_vat),
    )


def _check_choice(choice: MappedLedger, ledger: Ledger | None) -> Iterator[Finding]:
    number = str(choice.number)
    if ledger is None:
        yield refusal("command.ledger_unknown", about=choice.field, number=number)
        return
    if not ledger.active:
        yield refusal("command.ledger_inactive", about=choice.field, number=number)
        return
    uses = _USES_OF_TREATMENT.get(choice.treatment)
    if uses is not None and ledger.use not in uses:
        yield warning("command.ledger_unfit", about=choice.field, number=number)
    if ledger.on_balance_sheet != (choice.treatment in _ON_BALANCE_SHEET):
        key = (
            "command.ledger_on_balance_sheet"
            if ledger.on_balance_sheet
            else "command.ledger_not_on_balance_sheet"
        )
        yield warning(key, about=choice.field, number=number)


def _check_cost_centre(
    number: int | None,
    choices: tuple[MappedLedger, ...],
    ledgers: Mapping[int, Ledger],
    cost_centres: Iterable[CostCentre],
) -> Iterator[Finding]:
    if number is not None:
        if not any(known.number == number and known.active for known in cost_centres):
            yield refusal("command.cost_centre_unknown", about="bookings.cost_centre", number=str(number))
        return
    for choice in choices:
        ledger = ledgers.get(choice.number)
        if ledger is not None and ledger.cost_centre_required:
            yield warning("command.cost_centre_missing", about=choice.field, number=str(choice.number))


def _check_one_stop_shop(choices: tuple[MappedLedger, ...], *, foreign_vat: bool) -> Iterator[Finding]:
    mapped = next((choice for choice in choices if choice.treatment == "oss"), None)
    if mapped is not None and not foreign_vat:
        yield warning("command.one_stop_shop_off", about=mapped.field)
