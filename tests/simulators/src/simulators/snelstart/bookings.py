"""Sales bookings (verkoopboekingen), and the invoice and the ledger entries that each of them makes."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from simulators.snelstart.administration import Administration
from simulators.snelstart.booking_draft import Draft
from simulators.snelstart.booking_rules import booking_problems
from simulators.snelstart.booking_vat_rules import VAT_FUNCTIONS
from simulators.snelstart.documents import with_documents
from simulators.snelstart.ledger_entries import ZERO, Posting, Source, post, withdraw
from simulators.snelstart.models import SALES_BOOKING
from simulators.snelstart.refusals import Problem, refuse_if_any
from simulators.snelstart.relations import EMPTY_ID
from simulators.snelstart.wire import Reply, Row, day_of, day_text

# The term of a booking without one, for a customer without one.
PAYMENT_TERM_DAYS: Final = 14


def create_booking(administration: Administration, body: bytes) -> Reply:
    """Check and commit a booking; only the number tells a repeated call from a new one (BOE-0021)."""
    row = administration.binder().read(SALES_BOOKING, body)
    draft = Draft(administration, row)
    has_id = row.get("id", EMPTY_ID) != EMPTY_ID
    refuse_if_any([*([Problem("ALG-0100")] if has_id else []), *booking_problems(draft)])
    return Reply(201, shown(administration, commit(draft, str(uuid4()))))


def get_booking(administration: Administration, booking_id: str) -> Reply:
    return Reply(payload=shown(administration, _existing(administration, booking_id)))


def replace_booking(administration: Administration, booking_id: str, body: bytes) -> Reply:
    """Put the new booking in the place of the old one: what is not sent is erased."""
    known = _existing(administration, booking_id)
    row = administration.binder().read(SALES_BOOKING, body)
    draft = Draft(administration, row, booking_id)
    refuse_if_any(
        [
            *_id_problems(administration, booking_id, row.get("id", EMPTY_ID)),
            *_fixed(administration, known),
            *booking_problems(draft),
        ]
    )
    return Reply(200, shown(administration, commit(draft, booking_id)))


def delete_booking(administration: Administration, booking_id: str) -> Reply:
    known = _existing(administration, booking_id)
    has_payments = bool(administration.payments.get(booking_id))
    refuse_if_any([*_fixed(administration, known), *([Problem("BOE-0083")] if has_payments else [])])
    administration.bookings.remove(booking_id)
    administration.invoices.remove(invoice_of(administration, booking_id)["id"])
    withdraw(administration, booking_id)
    return Reply(200, {})


def bookings_of_relation(administration: Administration, relation_id: str) -> Reply:
    """Answer every booking of a customer in full; there is no paging here, and no filter."""
    found = administration.bookings.equal(("klant", "id"), relation_id)
    return Reply(payload=[shown(administration, row) for row in found])


def shown(administration: Administration, row: Row) -> dict[str, Any]:
    return SALES_BOOKING.show(with_documents(administration, row))


def commit(draft: Draft, booking_id: str) -> Row:
    """Write the booking, its invoice and its entries; nothing awaits, so nobody sees a part of it."""
    administration, row = draft.administration, draft.row
    assert draft.day is not None
    booking = {
        "btw": [],
        **row,
        "id": booking_id,
        "boekingsregels": [
            {**line.row, "bedrag": line.amount, "btwSoort": line.kind or "Geen"} for line in draft.lines
        ],
        "factuurbedrag": draft.total,
        "factuurdatum": day_text(draft.day),
        "betalingstermijn": _payment_term_days(draft),
        "modifiedOn": administration.now_text(),
    }
    administration.bookings.put(booking)
    invoice = _write_invoice(administration, booking)
    post(administration, _source(administration, booking), _postings(draft, invoice))
    return booking


def invoice_of(administration: Administration, booking_id: str) -> Row:
    """Return the invoice of a booking."""
    return administration.invoices.equal(("verkoopBoeking", "id"), booking_id)[0]


def pay(administration: Administration, booking_id: str, settlement_id: str, amount: Decimal) -> None:
    """Take note of what a settlement pays of a booking; zero takes an earlier note away."""
    notes = administration.payments.setdefault(booking_id, {})
    notes[settlement_id] = amount
    if not amount:
        del notes[settlement_id]
    invoice = invoice_of(administration, booking_id)
    administration.invoices.put(
        {
            **invoice,
            "openstaandSaldo": _open_amount(administration, booking_id, invoice["factuurBedrag"]),
            "modifiedOn": administration.now_text(),
        }
    )


def debtors_journal(administration: Administration) -> Row:
    """Return the journal that sales are booked in."""
    return next(each for each in administration.journals() if each["soort"] == "Verkoop")


def _existing(administration: Administration, booking_id: str) -> Row:
    row = administration.bookings.get(booking_id)
    if row is None:
        raise administration.missing("BOE-0001")
    return row


def _id_problems(administration: Administration, booking_id: str, given: str) -> Iterator[Problem]:
    if given != booking_id:
        yield Problem("ALG-0101")
        if administration.bookings.get(given) is not None:
            yield Problem("BOE-0078")


def _fixed(administration: Administration, booking: Row) -> Iterator[Problem]:
    day = day_of(booking["factuurdatum"])
    if administration.blocks(day):
        yield Problem("BOE-0042")
    if administration.vat_returned(day):
        yield Problem("BOE-0046")


def _payment_term_days(draft: Draft) -> int:
    of_customer: int = (draft.customer or {}).get("krediettermijn", PAYMENT_TERM_DAYS)
    days: int = draft.row.get("betalingstermijn", of_customer)
    return days


def _write_invoice(administration: Administration, booking: Row) -> Row:
    known = administration.invoices.equal(("verkoopBoeking", "id"), booking["id"])
    day = day_of(booking["factuurdatum"])
    invoice = {
        "id": known[0]["id"] if known else str(uuid4()),
        "verkoopBoeking": {"id": booking["id"]},
        "relatie": booking["klant"],
        "factuurnummer": booking["factuurnummer"],
        "factuurDatum": booking["factuurdatum"],
        "factuurBedrag": booking["factuurbedrag"],
        "vervalDatum": _due(day, booking["betalingstermijn"]),
        "openstaandSaldo": _open_amount(administration, booking["id"], booking["factuurbedrag"]),
        "modifiedOn": administration.now_text(),
    }
    administration.invoices.put(invoice)
    return invoice


def _due(day: date, term_days: int) -> str:
    return day_text(day + timedelta(days=term_days))


def _open_amount(administration: Administration, booking_id: str, total: Decimal) -> Decimal:
    return total - sum(administration.payments.get(booking_id, {}).values(), ZERO)


def _source(administration: Administration, booking: Row) -> Source:
    return Source(
        id=booking["id"],
        day=booking["factuurdatum"],
        journal_id=debtors_journal(administration)["id"],
        document_number=booking.get("boekstuk"),
        description=booking.get("omschrijving"),
    )


def _postings(draft: Draft, invoice: Row) -> Iterator[Posting]:
    administration = draft.administration
    yield Posting(debtors_journal(administration)["grootboek"], draft.total, invoice=invoice)
    for line in draft.lines:
        assert line.ledger is not None
        row = line.row
        yield Posting(
            line.ledger["id"], -line.amount, row.get("kostenplaats"), row.get("omschrijving"), invoice
        )
    for kind, amount in draft.vat.items():
        ledger = administration.ledger_by_function(VAT_FUNCTIONS.get(kind, ""))
        if ledger is not None:
            yield Posting(ledger["id"], -amount, invoice=invoice)
