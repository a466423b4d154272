"""The operations of the API: path, method, the scopes that the vendor asks, and what handles them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.snelstart import bookings, documents, lookups, relations
from simulators.snelstart.administration import Administration
from simulators.snelstart.settlements import Settlements
from simulators.snelstart.wire import Reply


@dataclass(frozen=True)
class Call:
    """One call that the gateway let through."""

    administration: Administration
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.path["id"].lower()


@dataclass(frozen=True)
class Endpoint:
    """One operation. `handle` never awaits: a call is handled whole, or not at all."""

    method: str
    path: str
    scopes: tuple[str, ...]
    handle: Callable[[Call], Reply]


Listing = Callable[[Administration, Any], Reply]


def endpoints() -> Iterator[Endpoint]:
    """Yield every operation that the simulator plays."""
    yield from _lookup_endpoints()
    yield from _relation_endpoints()
    yield from _booking_endpoints()
    yield from _document_endpoints()
    yield from _settlement_endpoints("/bankboekingen", "bankieren", Settlements("Bank"))
    yield from _settlement_endpoints("/kasboekingen", "kas", Settlements("Kas"))
    yield from _settlement_endpoints("/memoriaalboekingen", "memoriaal", Settlements("Memoriaal"))


def _lookup_endpoints() -> Iterator[Endpoint]:
    settings, books = ("settings:read",), ("boekhouden:read",)
    yield Endpoint("GET", "/echo/{input}", (), lambda call: Reply(payload=call.path["input"]))
    yield Endpoint("GET", "/companyInfo", settings, lambda call: lookups.company_info(call.administration))
    yield _list("/grootboeken", books, lookups.list_ledgers)
    yield _one("/grootboeken/{id}", books, lookups.get_ledger)
    yield _list("/grootboekmutaties", books, lookups.list_entries)
    yield _list("/dagboeken", books, lookups.list_journals)
    yield _list("/landen", settings, lookups.list_countries)
    yield _list("/kostenplaatsen", settings, lookups.list_cost_centres)
    yield _one("/kostenplaatsen/{id}", settings, lookups.get_cost_centre)
    yield _list("/btwtarieven", settings, lookups.list_dutch_rates)
    yield _list("/vatrates", settings, lookups.list_vat_rates)
    yield _list("/vatratedefinitions", settings, lookups.list_vat_rate_definitions)
    yield _list("/artikelomzetgroepen", ("artikelen:read",), lookups.list_revenue_groups)


def _relation_endpoints() -> Iterator[Endpoint]:
    read, write = ("relaties:read",), ("relaties:write",)
    yield _list("/relaties", read, relations.list_relations)
    yield _one("/relaties/{id}", read, relations.get_relation)
    yield from _writes(
        "/relaties",
        write,
        relations.create_relation,
        relations.replace_relation,
        relations.delete_relation,
    )
    both = ("relaties:read", "boekhouden:read")
    yield _one("/relaties/{id}/verkoopboekingen", both, bookings.bookings_of_relation)


def _booking_endpoints() -> Iterator[Endpoint]:
    # There is no GET /verkoopboekingen: a booking is found through its invoice.
    yield _one("/verkoopboekingen/{id}", ("boekhouden:read",), bookings.get_booking)
    yield from _writes(
        "/verkoopboekingen",
        ("boekhouden:write",),
        bookings.create_booking,
        bookings.replace_booking,
        bookings.delete_booking,
    )
    # Bookkeeping, and yet the scope is that of orders.
    yield _list("/verkoopfacturen", ("orders:read",), lookups.list_invoices)
    yield _one("/verkoopfacturen/{id}", ("orders:read",), lookups.get_invoice)


def _document_endpoints() -> Iterator[Endpoint]:
    yield _one("/documenten/{id}", ("documenten:read",), documents.get_document)
    yield Endpoint(
        "GET",
        "/documenten/{type}/{id}",
        ("documenten:read",),
        lambda call: documents.list_documents(call.administration, call.path["type"], call.id),
    )
    yield Endpoint(
        "POST",
        "/documenten/{type}",
        ("boekhouden:write", "documenten:write"),
        lambda call: documents.create_document(call.administration, call.path["type"], call.body),
    )


def _settlement_endpoints(path: str, resource: str, settlements: Settlements) -> Iterator[Endpoint]:
    read, write = (f"{resource}:read",), (f"{resource}:write",)
    if settlements.kind != "Memoriaal":
        yield _list(path, read, settlements.page)
    yield _one(f"{path}/{{id}}", read, settlements.get)
    yield from _writes(path, write, settlements.create, settlements.replace, settlements.delete)


def _list(path: str, scopes: tuple[str, ...], answer: Listing) -> Endpoint:
    return Endpoint("GET", path, scopes, lambda call: answer(call.administration, call.query))


def _one(path: str, scopes: tuple[str, ...], answer: Callable[[Administration, str], Reply]) -> Endpoint:
    return Endpoint("GET", path, scopes, lambda call: answer(call.administration, call.id))


def _writes(
    path: str,
    scopes: tuple[str, ...],
    create: Callable[[Administration, bytes], Reply],
    replace: Callable[[Administration, str, bytes], Reply],
    delete: Callable[[Administration, str], Reply],
) -> Iterator[Endpoint]:
    one = f"{path}/{{id}}"
    yield Endpoint("POST", path, scopes, lambda call: create(call.administration, call.body))
    yield Endpoint("PUT", one, scopes, lambda call: replace(call.administration, call.id, call.body))
    yield Endpoint("DELETE", one, scopes, lambda call: delete(call.administration, call.id))
