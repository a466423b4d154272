"""A sales booking that is offered, with what its ids refer to looked up once."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from simulators.snelstart.administration import Administration
from simulators.snelstart.chart import FUNCTIONS_WITHOUT_KIND
from simulators.snelstart.vat import FOREIGN_VAT_FROM, is_other_member
from simulators.snelstart.wire import Row, day_of

ZERO = Decimal("0.00")
TAXED_KINDS = frozenset({"Hoog", "Laag", "Overig"})


@dataclass(frozen=True)
class Line:
    """A line with its ledger; `kind` is the VAT kind given or else the ledger's own."""

    row: Row
    ledger: Row | None

    @property
    def amount(self) -> Decimal:
        amount: Decimal = self.row.get("bedrag", ZERO)
        return amount

    @property
    def function(self) -> str:
        return "" if self.ledger is None else str(self.ledger["grootboekfunctie"])

    @property
    def number(self) -> str:
        return "" if self.ledger is None else str(self.ledger["nummer"])

    @property
    def kind(self) -> str | None:
        given: str | None = self.row.get("btwSoort")
        if given is not None or self.ledger is None or self.function in FUNCTIONS_WITHOUT_KIND:
            return given
        return str(self.ledger["btwSoort"][0])

    @property
    def vat_row_kind(self) -> str | None:
        """The kind of the VAT row that this line needs; None when it needs none."""
        if self.kind not in TAXED_KINDS:
            return None
        return f"{'Inkopen' if self.function.startswith('Inkopen') else 'Verkopen'}{self.kind}"


@dataclass(frozen=True)
class Draft:
    """The booking offered; `own_id` is its id when it exists already."""

    administration: Administration
    row: Row
    own_id: str | None = None

    @cached_property
    def lines(self) -> list[Line]:
        ledgers = self.administration.ledgers
        return [Line(row, ledgers.get(row["grootboek"].get("id"))) for row in self.row["boekingsregels"]]

    @cached_property
    def vat(self) -> dict[str, Decimal]:
        """The VAT rows added up by kind."""
        amounts: dict[str, Decimal] = {}
        for row in self.row.get("btw", ()):
            kind = row.get("btwSoort", "Geen")
            amounts[kind] = amounts.get(kind, ZERO) + row.get("btwBedrag", ZERO)
        return amounts

    @property
    def total(self) -> Decimal:
        total: Decimal = self.row.get("factuurbedrag", ZERO)
        return total

    @cached_property
    def day(self) -> date | None:
        return day_of(self.row["factuurdatum"]) if "factuurdatum" in self.row else None

    @cached_property
    def customer(self) -> Row | None:
        return self.administration.relations.get(self.row["klant"].get("id"))

    @cached_property
    def customer_country(self) -> str:
        customer = self.customer or {}
        return self.administration.countries.code_of(customer.get("vestigingsAdres"))

    @property
    def has_vat_number(self) -> bool:
        return self.customer is not None and bool(self.customer.get("btwNummer"))

    @property
    def is_eu_customer(self) -> bool:
        """Whether the customer's card has an address in the EU outside the Netherlands."""
        return is_other_member(self.customer_country)

    @property
    def is_foreign_vat(self) -> bool:
        """Whether SnelStart's rules for VAT of other EU countries hold (developer portal, OSS)."""
        return (
            self.administration.settings.foreign_vat
            and self.customer is not None
            and self.is_eu_customer
            and not self.has_vat_number
            and self.day is not None
            and self.day >= FOREIGN_VAT_FROM
        )
