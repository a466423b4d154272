"""The ledgers of a profile as a table to fill in, with what the assistant proposes beside each cell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.adapters.web.ledger_documents import proposed_reason
from console.adapters.web.pages.profiles.problems import LEDGERS, Remark
from console.adapters.web.pages.profiles.typed import Typed, integer_or_text, put
from console.adapters.web.pages.profiles.views import value_at
from console.domain.ledger_proposal import ProposedLedger
from console.handlers.ledger_assistant import LedgerProposal
from sconnect.ledgers import TREATED_KINDS, Account, Books, LedgerColumn, LineKind, ledger_field, misfits
from sconnect.profiles import Profile

UNCONFIRMED: Final = "bookings.unconfirmed_ledgers"
LOOKED_AT: Final = "looked_at"
KINDS_OUTSIDE_VAT = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING)
# What every shop comes to need sooner or later; the rest is folded away until it is used.
USUAL_COLUMNS = (
    LedgerColumn.NL_HIGH,
    LedgerColumn.NL_LOW,
    LedgerColumn.NL_ZERO,
    LedgerColumn.NL_EXEMPT,
    LedgerColumn.EU_BUSINESS,
    LedgerColumn.EXPORT,
)
REFINEMENTS: Final = "bookings.ledgers.refinements"
REFINEMENT_CONDITIONS = ("sku", "payment_method", "country")
SPARE_REFINEMENTS = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """`place` as `revenue.nl_high`; `accounts` are the ledgers that fit, and the one that is chosen.

    `reason` says why the assistant proposes what it does.
    """

    place: str
    value: str
    accounts: tuple[Account, ...]
    fits: bool = True
    is_unconfirmed: bool = False
    proposed: int | None = None
    is_from_proposal: bool = False
    reason: str | None = None
    errors: tuple[Remark, ...] = ()
    hints: tuple[Remark, ...] = ()

    @property
    def path(self) -> str:
        return LEDGERS + self.place

    @property
    def id(self) -> str:
        return "ledger-" + self.place.replace(".", "-").replace("_", "-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One treatment of VAT, with a cell per kind of line."""

    column: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Refinement:
    """Other ledgers for some lines, as typed or saved; `ledgers` by treatment."""

    place: int
    values: Mapping[str, str]
    errors: tuple[Remark, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(self.values.get(name) for name in self.values if name != "kind")


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerTable:
    """`books` is None while the administration cannot be read: numbers are then typed."""

    usual: tuple[Row, ...]
    further: tuple[Row, ...]
    outside: tuple[Cell, ...]
    refinements: tuple[Refinement, ...]
    books: Books | None
    has_proposal: bool

    @property
    def cells(self) -> tuple[Cell, ...]:
        rows = (*self.usual, *self.further)
        return (*(cell for row in rows for cell in row.cells), *self.outside)

    @property
    def unconfirmed(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.is_unconfirmed)

    @property
    def accounts(self) -> tuple[Account, ...]:
        return () if self.books is None else tuple(a for _, a in sorted(self.books.accounts.items()))


class LedgerTableMaker:
    """Makes the table of one profile; `typed` goes before what is saved, a proposal fills what is empty."""

    def __init__(
        self,
        profile: Profile,
        books: Books | None,
        language: str,
        *,
        typed: Typed | None = None,
        proposal: LedgerProposal | None = None,
        remarks: Sequence[Remark] = (),
    ) -> None:
        self._document: Mapping[str, Any] = {
            "bookings": profile.bookings.model_dump(mode="json", by_alias=True)
        }
        self._profile = profile
        self._books = books
        self._language = language
        self._typed = typed
        self._proposal = proposal
        self._choices = {choice.field: choice for choice in proposal.choices} if proposal else {}
        self._remarks = remarks
        self._unconfirmed = (
            frozenset(profile.bookings.unconfirmed_ledgers)
            if typed is None
            else frozenset(typed.all(UNCONFIRMED))
        )

    def table(self) -> LedgerTable:
        rows = [self._row(column) for column in LedgerColumn]
        usual = [row for row in rows if self._is_usual(row)]
        return LedgerTable(
            usual=tuple(usual),
            further=tuple(row for row in rows if row not in usual),
            outside=tuple(self._cell(kind, None) for kind in KINDS_OUTSIDE_VAT),
            refinements=tuple(self._refinements()),
            books=self._books,
            has_proposal=self._proposal is not None,
        )

    def _is_usual(self, row: Row) -> bool:
        column = LedgerColumn(row.column)
        is_small = self._profile.shop.small_business_scheme
        is_foreign = self._books is not None and self._books.invoices_foreign_vat
        return (
            (column in USUAL_COLUMNS and not is_small)
            or (column is LedgerColumn.KOR and is_small)
            or (column.vat_rate_code in ("SR", "RRL") and is_foreign)
            or any(cell.value or cell.errors or cell.proposed for cell in row.cells)
        )

    def _row(self, column: LedgerColumn) -> Row:
        return Row(column=column.value, cells=tuple(self._cell(kind, column) for kind in TREATED_KINDS))

    def _cell(self, kind: LineKind, column: LedgerColumn | None) -> Cell:
        path = ledger_field(kind, column)
        place = path.removeprefix(LEDGERS)
        choice = self._choices.get(place)
        value, is_from_proposal = self._value(path, choice)
        fitting = self._fitting(kind, column)
        chosen = () if self._books is None else self._named(value, fitting)
        about = [remark for remark in self._remarks if remark.is_about(path)]
        return Cell(
            place=place,
            value=value,
            accounts=(*chosen, *fitting),
            fits=not value or any(str(account.number) == value for account in fitting),
            is_unconfirmed=bool(value) and (is_from_proposal or place in self._unconfirmed),
            proposed=choice.number if choice else None,
            is_from_proposal=is_from_proposal,
            reason=proposed_reason(choice, self._language) if choice else None,
            errors=tuple(remark for remark in about if remark.is_refusal),
            hints=tuple(remark for remark in about if not remark.is_refusal),
        )

    def _value(self, path: str, choice: ProposedLedger | None) -> tuple[str, bool]:
        saved = value_at(self._document, path)
        text = self._typed.text(path) if self._typed is not None else "" if saved is None else str(saved)
        if text or choice is None or choice.number is None:
            return text, False
        return str(choice.number), True

    def _fitting(self, kind: LineKind, column: LedgerColumn | None) -> tuple[Account, ...]:
        if self._books is None:
            return ()
        has_cost_centre = self._profile.bookings.cost_centre is not None
        return tuple(
            account
            for _, account in sorted(self._books.accounts.items())
            if not any(misfits(account, kind, column, has_cost_centre=has_cost_centre))
        )

    def _named(self, value: str, fitting: Sequence[Account]) -> tuple[Account, ...]:
        """The chosen ledger when it is not among those that fit, so that nothing is lost by looking."""
        if not value or any(str(account.number) == value for account in fitting):
            return ()
        known = self._books.accounts.get(int(value)) if self._books and value.isdecimal() else None
        unknown = Account(
            number=int(value) if value.isdecimal() else 0,
            is_active=False,
            bands=frozenset(),
            needs_cost_centre=False,
        )
        return (known or unknown,)

    def _refinements(self) -> Iterator[Refinement]:
        saved = value_at(self._document, REFINEMENTS) or []
        count = _typed_refinements(self._typed) if self._typed is not None else len(saved)
        for place in range(count + (SPARE_REFINEMENTS if self._typed is None else 0)):
            # Problems of the schema and findings about ledgers write the place in two ways.
            paths = (f"{REFINEMENTS}.{place}", f"{REFINEMENTS}[{place}]")
            errors = tuple(r for r in self._remarks if any(r.is_about(path) for path in paths))
            raw = saved[place] if place < len(saved) else {}
            names = ("kind", *REFINEMENT_CONDITIONS, *(column.value for column in LedgerColumn))
            values = {
                name: self._typed.text(f"{REFINEMENTS}.{place}.{name}")
                if self._typed is not None
                else str(value_at(raw, name) or "")
                for name in names
            }
            yield Refinement(place=place, values=values, errors=errors)


def ledger_changes(typed: Typed, before: Profile) -> dict[str, Any]:
    """What the table says, as `ProfileDesk.change` takes it.

    A ledger that was proposed keeps its mark until the person says to have looked, or chooses another one.
    """
    changes: dict[str, Any] = {}
    for path in _paths():
        put(changes, path, integer_or_text(typed.text(path)))
    refinements = list(_stated_refinements(typed))
    put(changes, REFINEMENTS, refinements or None)
    nothing_chosen = not refinements and not any(typed.text(path) for path in _paths())
    if nothing_chosen and before.bookings.ledgers is None:
        changes["bookings"]["ledgers"] = None
    put(changes, UNCONFIRMED, None if typed.text(LOOKED_AT) else list(_still_unconfirmed(typed)) or None)
    return changes


def _still_unconfirmed(typed: Typed) -> Iterator[str]:
    for place in typed.all(UNCONFIRMED):
        chosen = typed.text(LEDGERS + place)
        if chosen and chosen == typed.text(f"was:{place}"):
            yield place


def _paths() -> Iterable[str]:
    yield from (ledger_field(kind, column) for column in LedgerColumn for kind in TREATED_KINDS)
    yield from (ledger_field(kind) for kind in KINDS_OUTSIDE_VAT)


def _typed_refinements(typed: Typed) -> int:
    places = [
        int(name.removeprefix(f"{REFINEMENTS}.").partition(".")[0])
        for name in typed.values
        if name.startswith(f"{REFINEMENTS}.") and name.endswith(".kind") and name.split(".")[3].isdecimal()
    ]
    return min(max(places, default=-1) + 1, REFINEMENTS_MAX)


REFINEMENTS_MAX = 100


def _stated_refinements(typed: Typed) -> Iterator[dict[str, Any]]:
    for place in range(_typed_refinements(typed)):
        start = f"{REFINEMENTS}.{place}"
        numbers = {c.value: typed.text(f"{start}.{c.value}") for c in LedgerColumn}
        conditions = {name: typed.text(f"{start}.{name}") for name in REFINEMENT_CONDITIONS}
        if typed.text(f"{start}.remove") or not (any(numbers.values()) or any(conditions.values())):
            continue
        stated: dict[str, Any] = {"kind": typed.text(f"{start}.kind")}
        stated |= {name: value for name, value in conditions.items() if value}
        for column, number in numbers.items():
            if number:
                put(stated, column, integer_or_text(number))
        yield stated
