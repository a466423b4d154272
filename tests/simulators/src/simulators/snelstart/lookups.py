"""The collections that are only read: ledgers, journals, countries, VAT rates, the company itself."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulators.snelstart.administration import Administration
from simulators.snelstart.models import (
    COST_CENTRE,
    COUNTRY,
    JOURNAL,
    LEDGER,
    LEDGER_ENTRY,
    REVENUE_GROUP,
    SALES_INVOICE,
    VAT_RATE_DEFINITION,
    VAT_RATES,
)
from simulators.snelstart.odata_query import Collection
from simulators.snelstart.schema import Model
from simulators.snelstart.tables import Table
from simulators.snelstart.vat import RATE_DEFINITIONS, dutch_rate_rows, eu_rate_rows
from simulators.snelstart.wire import Reply, Row

Rows = Callable[[Administration], Table | Iterable[Row]]


def filtered(model: Model, rows: Rows) -> Callable[[Administration, Mapping[str, str]], Reply]:
    """Return an endpoint that answers a page of the rows, by the OData options."""

    def page(administration: Administration, query: Mapping[str, str]) -> Reply:
        is_case_sensitive = administration.settings.options.filter_case_sensitive
        return Reply(payload=Collection(model, rows(administration), is_case_sensitive).page(query))

    return page


def whole(model: Model, rows: Rows) -> Callable[[Administration, Mapping[str, str]], Reply]:
    """Return an endpoint that answers everything: the live API silently heeds no option here."""

    def every(administration: Administration, _query: Mapping[str, str]) -> Reply:
        return Reply(payload=[model.show(row) for row in rows(administration)])

    return every


def single(model: Model, rows: Rows, code: str) -> Callable[[Administration, str], Reply]:
    """Return an endpoint that answers one row by its id."""

    def one(administration: Administration, row_id: str) -> Reply:
        for row in rows(administration):
            if row["id"] == row_id:
                return Reply(payload=model.show(row))
        raise administration.missing(code)

    return one


list_ledgers = filtered(LEDGER, lambda administration: administration.ledgers)
get_ledger = single(LEDGER, lambda administration: administration.ledgers, "BOE-0089")
list_entries = filtered(LEDGER_ENTRY, lambda administration: administration.entries)
list_invoices = filtered(SALES_INVOICE, lambda administration: administration.invoices)
list_vat_rates = filtered(VAT_RATES, lambda _administration: eu_rate_rows())
list_vat_rate_definitions = filtered(VAT_RATE_DEFINITION, lambda _administration: map(dict, RATE_DEFINITIONS))
list_journals = whole(JOURNAL, Administration.journals)
list_countries = whole(COUNTRY, lambda administration: administration.countries.by_id.values())
list_cost_centres = whole(COST_CENTRE, Administration.cost_centres)
get_cost_centre = single(COST_CENTRE, Administration.cost_centres, "KPL-0001")
list_revenue_groups = whole(REVENUE_GROUP, Administration.revenue_groups)


def get_invoice(administration: Administration, invoice_id: str) -> Reply:
    row = administration.invoices.get(invoice_id)
    if row is None:
        raise administration.missing("BOE-0001")
    return Reply(payload=SALES_INVOICE.show(row))


def list_dutch_rates(_administration: Administration, _query: Mapping[str, str]) -> Reply:
    return Reply(payload=dutch_rate_rows())


def company_info(administration: Administration) -> Reply:
    """Answer what a connector reads of the company; the ledger for foreign VAT only when that is on."""
    settings = administration.settings
    name = settings.company_name or administration.name
    ledger = administration.ledger_by_number(settings.foreign_vat_ledger) if settings.foreign_vat else None
    info: dict[str, Any] = {
        "administratieIdentifier": str(administration.identifier),
        "administratieNaam": name,
        "bedrijfsnaam": name,
        "adres": "Voorbeeldstraat 1",
        "postcode": "1234 AB",
        "plaats": "Voorbeelddorp",
        "rechtsvorm": "Eenmanszaak",
        "btwNummer": "000099998B57",
        "btwIdentificatieNummer": "NL000099998B57",
        "kvKNummer": "90000000",
        "huidigBoekjaar": administration.fiscal_year,
        "beginmaandFiscaleBoekjaar": 1,
        "btwAangiftePeriodeSoort": "Kwartaal",
        "icpAangiftePeriodeSoort": "Kwartaal",
        "kleineOndernemersregeling": {"isKleineOndernemersRegelingActief": settings.small_business_scheme},
        "artikelcodeSoort": "Numeriek",
        "factureerBuitenlandsBtw": settings.foreign_vat,
        # The unit of these bounds is not documented, so no range is made up.
        "factureerBuitenlandsBtwRanges": [],
        "buitenlandseBtwGrootboek": ledger and {"id": ledger["id"], "uri": f"/grootboeken/{ledger['id']}"},
    }
    return Reply(payload=info)
