"""The entries (grootboekmutaties) that a booking makes in the ledgers."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from simulators.snelstart.administration import Administration
from simulators.snelstart.wire import Row

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Posting:
    """An amount on a ledger: positive is debit, negative is credit."""

    ledger_id: str
    amount: Decimal
    cost_centre: Row | None = None
    description: str | None = None
    invoice: Row | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """The booking that the entries come from."""

    id: str
    day: str
    journal_id: str
    document_number: str | None
    description: str | None


def post(administration: Administration, source: Source, postings: Iterable[Posting]) -> None:
    """Put the entries of a booking in the place of those it had; amounts of zero make none."""
    withdraw(administration, source.id)
    for posting in postings:
        if posting.amount:
            administration.entries.put(_entry(administration, source, posting))


def withdraw(administration: Administration, source_id: str) -> None:
    """Remove the entries of a booking."""
    for row in list(administration.entries.equal(("source",), source_id)):
        administration.entries.remove(row["id"])


def _entry(administration: Administration, source: Source, posting: Posting) -> Row:
    entry: dict[str, Any] = {
        "id": str(uuid4()),
        "source": source.id,
        "grootboek": {"id": posting.ledger_id},
        "kostenplaats": posting.cost_centre,
        "datum": source.day,
        "modifiedOn": administration.now_text(),
        "dagboek": {"id": source.journal_id},
        "omschrijving": posting.description or source.description,
        "debet": max(posting.amount, ZERO),
        "credit": max(-posting.amount, ZERO),
        "saldo": posting.amount,
        "boekstuk": source.document_number,
    }
    if posting.invoice is not None:
        entry["factuurNummer"] = posting.invoice["factuurnummer"]
        entry["relatiePublicIdentifier"] = posting.invoice["relatie"]
    return {name: value for name, value in entry.items() if value is not None}
