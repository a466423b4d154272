"""Proposes a profile's ledgers from what the administration has and what the shop needs.

A ledger is proposed when it is the only one that fits, when it has the number that such a ledger usually has,
or when its name says what it is for. Of several that could do none is picked: a person chooses.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from sconnect.ledgers import (
    OSS_COLUMNS,
    TREATED_KINDS,
    ZERO_COLUMNS,
    Account,
    AccountFunction,
    Books,
    LedgerColumn,
    LedgerMapping,
    LineKind,
    SeenSale,
    ledger_field,
    misfits,
)

LEDGERS_PATH = "bookings.ledgers."
OUTSIDE_VAT_KINDS = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING)

# SnelStart's standard chart: 81xx goods traded, 80xx own products, 82xx services; the first there is counts.
USUAL_NUMBERS: Mapping[LedgerColumn, tuple[int, ...]] = MappingProxyType(
    {
        LedgerColumn.NL_HIGH: (8100, 8000),
        LedgerColumn.NL_LOW: (8110, 8010),
        LedgerColumn.NL_OTHER: (8120, 8020),
        LedgerColumn.NL_ZERO: (8140, 8040),
        LedgerColumn.NL_EXEMPT: (8199, 8299),
        LedgerColumn.KOR: (8199, 8299),
        LedgerColumn.EU_BUSINESS: (8170, 8070),
        LedgerColumn.EXPORT: (8160, 8060),
    }
)
# What the name of a ledger says that it is for; Dutch, as the names of ledgers are.
NAME_WORDS: Mapping[LineKind, tuple[str, ...]] = MappingProxyType(
    {
        LineKind.SHIPPING: ("verzend", "bezorg", "vracht", "porto"),
        LineKind.PAYMENT_COSTS: ("betaalk", "betalingsk", "en betaal", "transactie"),
        LineKind.DISCOUNT: ("korting",),
        LineKind.GIFT_CARD: ("cadeau", "gift", "tegoedbon", "waardebon", "voucher"),
        LineKind.DEPOSIT: ("statiegeld", "emballage"),
        LineKind.ROUNDING: ("afrond",),
    }
)
EXEMPT_WORDS = ("vrijgesteld", "btw-vrij", "btw vrij", "kleineondernemer", "kleine ondernemer", "(kor)")
# Neutral ledgers are many (52 in the standard chart): without a word in its name none is a candidate.
NEUTRAL_COLUMNS = frozenset({LedgerColumn.NL_EXEMPT, LedgerColumn.KOR})


class Why(StrEnum):
    """Why this ledger, or why none; each has its sentence (text key `proposal.<why>`)."""

    CHOSEN = "chosen"
    ONLY_ONE = "only_one"
    USUAL_NUMBER = "usual_number"
    BY_NAME = "by_name"
    AS_REVENUE = "as_revenue"
    SEVERAL = "several"
    ZERO_OR_EXEMPT = "zero_or_exempt"
    NONE_FITS = "none_fits"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedLedger:
    """One place under `bookings.ledgers`; `number` is None where a person has to choose.

    `candidates` are the other ledgers that fit. `is_needed`: recent orders or the shop's VAT settings lead to
    it. `replaces` is the profile's present number, which does not fit.
    """

    kind: LineKind
    column: LedgerColumn | None
    number: int | None
    why: Why
    candidates: tuple[Account, ...] = ()
    is_needed: bool = False
    is_unconfirmed: bool = False
    replaces: int | None = None

    @property
    def field(self) -> str:
        """As `revenue.nl_high`."""
        return ledger_field(self.kind, self.column).removeprefix(LEDGERS_PATH)

    @property
    def is_open(self) -> bool:
        return self.number is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What a proposal rests on; `unconfirmed` names places as `ProposedLedger.field` does."""

    books: Books
    seen: tuple[SeenSale, ...] = ()
    mapping: LedgerMapping = field(default_factory=lambda: LedgerMapping(numbers={}))
    unconfirmed: frozenset[str] = frozenset()
    has_cost_centre: bool = False
    small_business_scheme: bool = False


def propose_ledgers(situation: Situation) -> tuple[ProposedLedger, ...]:
    """A proposal for every place that the shop needs or that the administration has a ledger for."""
    needed = frozenset(_needed_places(situation.seen))
    proposed: list[ProposedLedger] = []
    for column in _columns(situation, needed):
        revenue = _propose(situation, needed, LineKind.REVENUE, column)
        proposed.append(revenue)
        proposed += (
            _propose(situation, needed, kind, column, revenue=revenue)
            for kind in TREATED_KINDS
            if kind is not LineKind.REVENUE and _is_proposed(kind, column, situation, needed)
        )
    proposed += (_propose(situation, needed, kind, None) for kind in OUTSIDE_VAT_KINDS)
    return tuple(sorted(proposed, key=_file_order))


_Place = tuple[LineKind, LedgerColumn | None]


def _file_order(ledger: ProposedLedger) -> tuple[int, int]:
    columns = tuple(LedgerColumn)
    kinds = (*TREATED_KINDS, *OUTSIDE_VAT_KINDS)
    return kinds.index(ledger.kind), -1 if ledger.column is None else columns.index(ledger.column)


def _is_proposed(
    kind: LineKind, column: LedgerColumn, situation: Situation, needed: frozenset[_Place]
) -> bool:
    """Costs and discounts at 0 % are rare: they are asked for once the shop has had them."""
    is_stated = _stated(situation.mapping, kind, column) is not None
    return column not in ZERO_COLUMNS or (kind, column) in needed or is_stated


def _needed_places(seen: Iterable[SeenSale]) -> Iterator[_Place]:
    for sale in seen:
        if sale.kind not in TREATED_KINDS:
            yield sale.kind, None
        for column in sale.columns:
            yield sale.kind, column


def _columns(situation: Situation, needed: frozenset[_Place]) -> tuple[LedgerColumn, ...]:
    """Those that are needed or stated, and those that a shop comes to need sooner or later."""
    used = {column for _, column in needed if column is not None}
    used |= {column for numbers in situation.mapping.numbers.values() for column in numbers}
    used |= {LedgerColumn.EU_BUSINESS, LedgerColumn.EXPORT}
    if situation.small_business_scheme:
        used.add(LedgerColumn.KOR)
    else:
        used |= {LedgerColumn.NL_HIGH, LedgerColumn.NL_LOW}
    if not situation.books.invoices_foreign_vat:
        used -= set(OSS_COLUMNS.values())
    return tuple(column for column in LedgerColumn if column in used)


def _propose(
    situation: Situation,
    needed: frozenset[_Place],
    kind: LineKind,
    column: LedgerColumn | None,
    *,
    revenue: ProposedLedger | None = None,
) -> ProposedLedger:
    fitting = _fitting(situation, kind, column)
    stated = _stated(situation.mapping, kind, column)
    if stated is not None and any(account.number == stated for account in fitting):
        number, why = _keep(stated)
    else:
        number, why = _choose(_likely(fitting, kind, column), fitting, kind, column, revenue)
    place = ProposedLedger(kind=kind, column=column, number=number, why=why)
    return ProposedLedger(
        kind=kind,
        column=column,
        number=number,
        why=why,
        candidates=tuple(a for a in _likely(fitting, kind, column) or fitting if a.number != number),
        is_needed=(kind, column) in needed,
        is_unconfirmed=number is not None and (why is not Why.CHOSEN or place.field in situation.unconfirmed),
        replaces=stated if stated is not None and number != stated else None,
    )


def _keep(stated: int) -> tuple[int | None, Why]:
    return stated, Why.CHOSEN


def _choose(
    likely: tuple[Account, ...],
    fitting: tuple[Account, ...],
    kind: LineKind,
    column: LedgerColumn | None,
    revenue: ProposedLedger | None,
) -> tuple[int | None, Why]:
    if column in ZERO_COLUMNS:
        # The shop's 0 % may be either, and nothing but a person's knowledge of its goods tells which.
        return None, Why.ZERO_OR_EXEMPT if fitting else Why.NONE_FITS
    if len(likely) == 1:
        return likely[0].number, Why.ONLY_ONE if kind is LineKind.REVENUE else Why.BY_NAME
    if kind is LineKind.REVENUE and column is not None:
        numbers = {account.number for account in likely}
        usual = next((number for number in USUAL_NUMBERS.get(column, ()) if number in numbers), None)
        if usual is not None:
            return usual, Why.USUAL_NUMBER
    if not likely and revenue is not None and revenue.number is not None:
        return revenue.number, Why.AS_REVENUE
    return None, Why.SEVERAL if likely or fitting else Why.NONE_FITS


def _fitting(situation: Situation, kind: LineKind, column: LedgerColumn | None) -> tuple[Account, ...]:
    """Every ledger on which SnelStart takes such a line as revenue, by number."""
    return tuple(
        account
        for _, account in sorted(situation.books.accounts.items())
        if account.function is not AccountFunction.COSTS_OF_ANY_VAT
        and not any(misfits(account, kind, column, has_cost_centre=situation.has_cost_centre))
        and not _is_too_neutral(account, kind, column)
    )


def _is_too_neutral(account: Account, kind: LineKind, column: LedgerColumn | None) -> bool:
    if account.function is not AccountFunction.NEUTRAL:
        return False
    if column is None:
        return not _is_named(account, NAME_WORDS[kind])
    usual = USUAL_NUMBERS.get(column, ())
    return column in NEUTRAL_COLUMNS and account.number not in usual and not _is_named(account, EXEMPT_WORDS)


def _likely(fitting: tuple[Account, ...], kind: LineKind, column: LedgerColumn | None) -> tuple[Account, ...]:
    """Those that are for lines of this kind: by their names, and for revenue by naming nothing else."""
    if column is None:
        return fitting
    if column is LedgerColumn.EU_BUSINESS:
        # A webshop sells goods; whether it sells services only, a person knows.
        fitting = tuple(a for a in fitting if a.function is AccountFunction.EU_GOODS)
    if kind is LineKind.REVENUE:
        return tuple(account for account in fitting if not _kinds_named(account))
    return tuple(account for account in fitting if kind in _kinds_named(account))


def _kinds_named(account: Account) -> frozenset[LineKind]:
    return frozenset(kind for kind in TREATED_KINDS if _is_named(account, NAME_WORDS.get(kind, ())))


def _is_named(account: Account, words: Iterable[str]) -> bool:
    name = account.name.casefold()
    return any(word in name for word in words)


def _stated(mapping: LedgerMapping, kind: LineKind, column: LedgerColumn | None) -> int | None:
    if column is None:
        return mapping.number_outside_vat(kind)
    return mapping.numbers.get(kind, {}).get(column)
