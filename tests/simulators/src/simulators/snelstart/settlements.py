"""Bank, cash and memorial bookings: as much of them as pays invoices and moves ledgers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from simulators.snelstart.administration import Administration
from simulators.snelstart.bookings import invoice_of, pay
from simulators.snelstart.ledger_entries import ZERO, Posting, Source, post, withdraw
from simulators.snelstart.models import BANK_BOOKING, CASH_BOOKING, MEMORIAL_BOOKING
from simulators.snelstart.odata_query import Collection
from simulators.snelstart.refusals import Problem, refuse_if_any
from simulators.snelstart.relations import EMPTY_ID
from simulators.snelstart.schema import Model
from simulators.snelstart.wire import Reply, Row, day_of, day_text

MODELS: Final[Mapping[str, Model]] = {
    "Bank": BANK_BOOKING,
    "Kas": CASH_BOOKING,
    "Memoriaal": MEMORIAL_BOOKING,
}
LEDGER_LINES: Final = ("grootboekBoekingsRegels", "memoriaalBoekingsRegels")
VAT_FUNCTIONS: Final = {
    ("AfTeDragenBtwType", "Hoog"): "BtwAfTeDragenHoog",
    ("AfTeDragenBtwType", "Laag"): "BtwAfteDragenLaag",
    ("AfTeDragenBtwType", "Overig"): "BtwAfTeDragenOverig",
    ("TeVorderenBtwType", "Hoog"): "BtwTeVorderenHoog",
    ("TeVorderenBtwType", "Laag"): "BtwTeVorderenLaag",
    ("TeVorderenBtwType", "Overig"): "BtwTeVorderenOverig",
}
MEMORIAL_LINES_MIN: Final = 2


@dataclass(frozen=True)
class Settlements:
    """The bookings of one kind of journal: Bank, Kas or Memoriaal."""

    kind: str

    def page(self, administration: Administration, query: Mapping[str, str]) -> Reply:
        return Reply(payload=Collection(self._model, administration.settlements[self.kind]).page(query))

    def get(self, administration: Administration, settlement_id: str) -> Reply:
        return Reply(payload=self._model.show(self._existing(administration, settlement_id)))

    def create(self, administration: Administration, body: bytes) -> Reply:
        row = administration.binder().read(self._model, body)
        has_id = row.get("id", EMPTY_ID) != EMPTY_ID
        found = self._problems(administration, row)
        refuse_if_any([*([Problem("ALG-0100")] if has_id else []), *found])
        return Reply(201, self._model.show(self._commit(administration, row, str(uuid4()))))

    def replace(self, administration: Administration, settlement_id: str, body: bytes) -> Reply:
        self._existing(administration, settlement_id)
        row = administration.binder().read(self._model, body)
        has_other_id = row.get("id", EMPTY_ID) != settlement_id
        found = self._problems(administration, row)
        refuse_if_any([*([Problem("ALG-0101")] if has_other_id else []), *found])
        self._undo(administration, settlement_id)
        return Reply(200, self._model.show(self._commit(administration, row, settlement_id)))

    def delete(self, administration: Administration, settlement_id: str) -> Reply:
        self._existing(administration, settlement_id)
        self._undo(administration, settlement_id)
        administration.settlements[self.kind].remove(settlement_id)
        return Reply(200, {})

    @property
    def _model(self) -> Model:
        return MODELS[self.kind]

    def _existing(self, administration: Administration, settlement_id: str) -> Row:
        row = administration.settlements[self.kind].get(settlement_id)
        if row is None:
            raise administration.missing("BOE-0001")
        return row

    def _problems(self, administration: Administration, row: Row) -> Iterator[Problem]:
        if self._journal(administration, row) is None:
            yield Problem("BOE-0096")
        if administration.blocks(day_of(row["datum"])):
            yield Problem("BOE-0042")
        if row.get("bedragOntvangen") and row.get("bedragUitgegeven"):
            yield Problem("BOE-0027")
        if self.kind == "Memoriaal" and len(_all_lines(row)) < MEMORIAL_LINES_MIN:
            yield Problem("BOE-0094")
        for line in _all_lines(row):
            yield from _line_problems(administration, line)
        difference = self._moved(row) + sum((_amount(line) for line in _all_lines(row)), ZERO)
        if difference:
            yield Problem("BOE-0039", f"Verschil: {difference}")

    def _journal(self, administration: Administration, row: Row) -> Row | None:
        wanted = row["dagboek"].get("id")
        journals = administration.journals()
        return next((each for each in journals if each["id"] == wanted and each["soort"] == self.kind), None)

    def _moved(self, row: Row) -> Decimal:
        moved: Decimal = row.get("bedragOntvangen", ZERO) - row.get("bedragUitgegeven", ZERO)
        return moved

    def _commit(self, administration: Administration, row: Row, settlement_id: str) -> Row:
        stored = {
            **row,
            "id": settlement_id,
            "datum": day_text(day_of(row["datum"])),
            "modifiedOn": administration.now_text(),
        }
        administration.settlements[self.kind].put(stored)
        journal = self._journal(administration, row)
        assert journal is not None
        source = Source(
            id=settlement_id,
            day=stored["datum"],
            journal_id=journal["id"],
            document_number=stored.get("boekstuk"),
            description=stored.get("omschrijving"),
        )
        post(administration, source, self._postings(administration, stored, journal))
        for booking_id, amount in _paid(stored).items():
            pay(administration, booking_id, settlement_id, amount)
        return stored

    def _undo(self, administration: Administration, settlement_id: str) -> None:
        for booking_id in _paid(self._existing(administration, settlement_id)):
            pay(administration, booking_id, settlement_id, ZERO)
        withdraw(administration, settlement_id)

    def _postings(self, administration: Administration, row: Row, journal: Row) -> Iterator[Posting]:
        yield Posting(journal["grootboek"], self._moved(row))
        debtors = administration.ledger_by_function("DagboekVerkoop")
        for line in _all_lines(row):
            description = line.get("omschrijving")
            if "boekingId" in line and debtors is not None:
                invoice = invoice_of(administration, line["boekingId"]["id"])
                yield Posting(debtors["id"], _amount(line), None, description, invoice)
            elif "grootboek" in line:
                yield Posting(line["grootboek"]["id"], _amount(line), line.get("kostenplaats"), description)
            else:
                ledger = administration.ledger_by_function(VAT_FUNCTIONS[line["type"], line["tarief"]])
                if ledger is not None:
                    yield Posting(ledger["id"], _amount(line))


def _all_lines(row: Row) -> list[Row]:
    names = (*LEDGER_LINES, "verkoopboekingBoekingsRegels", "btwBoekingsregels")
    return [line for name in names for line in row.get(name, ())]


def _amount(line: Row) -> Decimal:
    # Debit is positive. The `bedrag` of a memorial line is what a customer paid, hence a credit.
    amount: Decimal = line.get("debet", ZERO) - line.get("credit", ZERO) - line.get("bedrag", ZERO)
    return amount


def _paid(row: Row) -> dict[str, Decimal]:
    paid: dict[str, Decimal] = {}
    for line in row.get("verkoopboekingBoekingsRegels", ()):
        booking_id = line["boekingId"]["id"]
        paid[booking_id] = paid.get(booking_id, ZERO) - _amount(line)
    return paid


def _line_problems(administration: Administration, line: dict[str, Any]) -> Iterator[Problem]:
    if line.get("debet") and line.get("credit"):
        yield Problem("BOE-0076")
    if not line.get("debet") and not line.get("credit") and not line.get("bedrag"):
        yield Problem("BOE-0091")
    if "boekingId" in line and administration.bookings.get(line["boekingId"].get("id")) is None:
        yield Problem("BOE-0001")
    if "grootboek" in line and administration.ledgers.get(line["grootboek"].get("id")) is None:
        yield Problem("BOE-0037")
