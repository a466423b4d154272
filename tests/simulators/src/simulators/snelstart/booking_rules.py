"""When SnelStart refuses a sales booking (developer portal, foutcodes-v2: ALG, BOE).

All rules are tried, so that one answer names everything that is wrong.
"""

from collections.abc import Callable, Iterator
from typing import Final

from simulators.snelstart.booking_draft import ZERO, Draft
from simulators.snelstart.booking_vat_rules import VAT_RULES
from simulators.snelstart.refusals import Problem
from simulators.snelstart.settings import NumberScope

FISCAL_YEARS_BACK_MAX: Final = 5
# Ledgers that a sales booking may not name: journals, VAT, imports, BPM, the year's profit.
FORBIDDEN_FUNCTIONS: Final = ("Dagboek", "Btw", "InkopenImport", "Bpm", "Winstboeking")
EU_FUNCTIONS: Final = frozenset({"VerkopenExportBinnenEU", "DienstverleningBinnenEU"})


def booking_problems(draft: Draft) -> list[Problem]:
    """Return every rule that the booking breaks."""
    return [problem for rule in (*RULES, *VAT_RULES) for problem in rule(draft)]


def _number(draft: Draft) -> Iterator[Problem]:
    number = draft.row["factuurnummer"]
    if not number.strip():
        yield Problem("BOE-0058")
    elif any(_has_same_number(draft, other) for other in _with_number(draft, number)):
        yield Problem("BOE-0021")


def _with_number(draft: Draft, number: str) -> Iterator[dict[str, str]]:
    for other in draft.administration.bookings.equal(("factuurnummer",), number):
        if other["id"] != draft.own_id:
            yield other


def _has_same_number(draft: Draft, other: dict[str, str]) -> bool:
    options = draft.administration.settings.options
    if options.invoice_number_case_sensitive and other["factuurnummer"] != draft.row["factuurnummer"]:
        return False
    if options.invoice_number_scope is NumberScope.ADMINISTRATION or draft.day is None:
        return True
    return other["factuurdatum"].startswith(f"{draft.day.year}-")


def _date(draft: Draft) -> Iterator[Problem]:
    administration = draft.administration
    if draft.day is None:
        yield Problem("BOE-0070")
        return
    if draft.day.year < administration.fiscal_year - FISCAL_YEARS_BACK_MAX:
        yield Problem("BOE-0033")
    if administration.blocks(draft.day):
        yield Problem("BOE-0042")
    if administration.accountant_checked(draft.day):
        yield Problem("BOE-0051")


def _customer(draft: Draft) -> Iterator[Problem]:
    if draft.customer is None or draft.customer.get("nonactief"):
        yield Problem("BOE-0054")
    elif "Klant" not in draft.customer["relatiesoort"]:
        yield Problem("BOE-0060")


def _mandates(draft: Draft) -> Iterator[Problem]:
    if "eenmaligeIncassoMachtiging" in draft.row and "doorlopendeIncassoMachtiging" in draft.row:
        yield Problem("BOE-0064")


def _balance(draft: Draft) -> Iterator[Problem]:
    lines = sum((line.amount for line in draft.lines), ZERO)
    difference = draft.total - lines - sum(draft.vat.values(), ZERO)
    if difference:
        yield Problem("BOE-0039", f"Verschil: {difference}")


def _lines(draft: Draft) -> Iterator[Problem]:
    if not draft.lines:
        yield Problem("BOE-0023")
    for line in draft.lines:
        if not line.amount and draft.administration.settings.options.reject_zero_lines:
            yield Problem("BOE-0028", line.number or None)


def _ledgers(draft: Draft) -> Iterator[Problem]:
    for line in draft.lines:
        if line.ledger is None:
            yield Problem("BOE-0037", line.row["grootboek"].get("id"))
        elif line.ledger.get("nonactief"):
            yield Problem("BOE-0008", line.number)
        elif line.function.startswith(FORBIDDEN_FUNCTIONS):
            yield Problem("BOE-0061", line.number)


def _journal(draft: Draft) -> Iterator[Problem]:
    if all(journal["soort"] != "Verkoop" for journal in draft.administration.journals()):
        yield Problem("BOE-0081", "DagboekVerkoop")


def _eu_ledgers(draft: Draft) -> Iterator[Problem]:
    is_eu_business = draft.has_vat_number and draft.is_eu_customer
    for line in draft.lines:
        if line.function in EU_FUNCTIONS and not is_eu_business:
            yield Problem("BOE-0080", line.number)


def _cost_centres(draft: Draft) -> Iterator[Problem]:
    known = {row["id"]: row for row in draft.administration.cost_centres()}
    for line in draft.lines:
        wanted = line.row.get("kostenplaats", {}).get("id")
        if wanted is None:
            if line.ledger is not None and line.ledger.get("kostenplaatsVerplicht"):
                yield Problem("BOE-0022", line.number)
        elif wanted not in known:
            yield Problem("BOE-0019", wanted)
        elif known[wanted]["nonactief"]:
            yield Problem("BOE-0026", str(known[wanted]["nummer"]))


RULES: Final[tuple[Callable[[Draft], Iterator[Problem]], ...]] = (
    _number,
    _date,
    _customer,
    _mandates,
    _lines,
    _ledgers,
    _journal,
    _eu_ledgers,
    _cost_centres,
    _balance,
)
