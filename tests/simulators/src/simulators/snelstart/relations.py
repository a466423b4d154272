"""Relations: create, replace, delete, show; and loading them in bulk through the control door."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from simulators.snelstart.administration import (
    UNKNOWN_CUSTOMER_CODE,
    UNKNOWN_SUPPLIER_CODE,
    Administration,
)
from simulators.snelstart.binding import Binder
from simulators.snelstart.countries import HOME
from simulators.snelstart.documents import with_documents
from simulators.snelstart.models import RELATION, RELATION_WRITE
from simulators.snelstart.odata_query import Collection
from simulators.snelstart.refusals import Problem, model_state, refuse_if_any
from simulators.snelstart.relation_rules import relation_problems, stored_vat_number
from simulators.snelstart.schema import Model
from simulators.snelstart.wire import Reply, Row

EMPTY_ID = "00000000-0000-0000-0000-000000000000"


def list_relations(administration: Administration, query: dict[str, str]) -> Reply:
    """Answer one page; deleted relations are in it, marked `nonactief`."""
    is_case_sensitive = administration.settings.options.filter_case_sensitive
    page = Collection(RELATION, administration.relations, is_case_sensitive).page(query)
    return Reply(payload=[{**row, **_links(row)} if "id" in row else row for row in page])


def get_relation(administration: Administration, relation_id: str) -> Reply:
    return Reply(payload=shown(administration, RELATION, active(administration, relation_id)))


def create_relation(administration: Administration, body: bytes) -> Reply:
    row = administration.binder().read(RELATION_WRITE, body)
    refuse_if_any(
        [
            *([Problem("REL-0063")] if row.get("id", EMPTY_ID) != EMPTY_ID else []),
            *relation_problems(administration, row, None),
        ]
    )
    stored = _stored(administration, row, str(uuid4()))
    administration.relations.put(stored)
    return Reply(201, shown(administration, RELATION_WRITE, stored))


def replace_relation(administration: Administration, relation_id: str, body: bytes) -> Reply:
    """Put the new record in the place of the old one: what is not sent is erased, the fax always."""
    known = active(administration, relation_id)
    row = administration.binder().read(RELATION_WRITE, body)
    refuse_if_any(
        [
            *([Problem("REL-0047")] if row.get("id", EMPTY_ID) != relation_id else []),
            *_system_problems(known, customer_code="REL-0048"),
            *relation_problems(administration, row, relation_id),
        ]
    )
    if not row.get("relatiecode"):
        row["relatiecode"] = known["relatiecode"]
    stored = _stored(administration, row, relation_id)
    administration.relations.put(stored)
    return Reply(200, shown(administration, RELATION_WRITE, stored))


def delete_relation(administration: Administration, relation_id: str) -> Reply:
    """Mark the relation as deleted; it stays in the list."""
    known = active(administration, relation_id)
    refuse_if_any(
        [*_system_problems(known, customer_code="REL-0103"), *_open_invoices(administration, relation_id)]
    )
    administration.relations.put({**known, "nonactief": True, "modifiedOn": administration.now_text()})
    return Reply(200, {})


def load_relations(administration: Administration, contents: Iterable[Any]) -> list[str]:
    """Add relations as they are, rules unheeded: administrations have a past. Return their ids.

    A country may be given by its code: `"land": {"landcode": "BE"}`.
    """
    ids: list[str] = []
    for content in contents:
        binder = Binder(administration.binder().time_zone, takes_everything=True)
        row = binder.bind(RELATION, _with_country_ids(administration, content))
        if binder.errors:
            raise model_state(binder.errors)
        row.setdefault("relatiesoort", ["Klant"])
        stored = _stored(administration, row, row.get("id") or str(uuid4()))
        administration.relations.put({**stored, "modifiedOn": row.get("modifiedOn", stored["modifiedOn"])})
        ids.append(stored["id"])
    return ids


def active(administration: Administration, relation_id: str) -> Row:
    """Return the relation; raises RefusedError (404) for an unknown and for a deleted one."""
    row = administration.relations.get(relation_id)
    if row is None or row.get("nonactief"):
        raise administration.missing("REL-0005")
    return row


def shown(administration: Administration, model: Model, row: Row) -> dict[str, Any]:
    """Return the relation as JSON, after the model that is read or the one that is written."""
    return {**model.show(with_documents(administration, row)), **_links(row)}


def _links(row: Row) -> dict[str, str]:
    uri = f"/relaties/{row['id']}"
    return {"inkoopBoekingenUri": f"{uri}/inkoopboekingen", "verkoopBoekingenUri": f"{uri}/verkoopboekingen"}


def _stored(administration: Administration, row: Row, relation_id: str) -> Row:
    stored = {
        **row,
        "id": relation_id,
        "relatiecode": row.get("relatiecode") or administration.free_relation_code(),
        "vestigingsAdres": _with_country(administration, row.get("vestigingsAdres", {})),
        "btwNummer": stored_vat_number(row),
        "modifiedOn": administration.now_text(),
    }
    if "correspondentieAdres" in row:
        stored["correspondentieAdres"] = _with_country(administration, row["correspondentieAdres"])
    return {name: value for name, value in stored.items() if value is not None}


def _with_country(administration: Administration, address: Row) -> Row:
    return {"land": administration.countries.reference_by_code[HOME], **address}


def _with_country_ids(administration: Administration, content: Any) -> Any:
    if not isinstance(content, dict):
        return content
    by_code = administration.countries.reference_by_code
    filled = dict(content)
    for name in ("vestigingsAdres", "correspondentieAdres"):
        code = ((content.get(name) or {}).get("land") or {}).get("landcode")
        if code is not None:
            filled[name] = {**content[name], "land": by_code[code]}
    return filled


def _system_problems(row: Row, *, customer_code: str) -> list[Problem]:
    if "Eigen" in row["relatiesoort"]:
        return [Problem("REL-0048")]
    code = {UNKNOWN_SUPPLIER_CODE: "REL-0067", UNKNOWN_CUSTOMER_CODE: customer_code}.get(row["relatiecode"])
    return [] if code is None else [Problem(code)]


def _open_invoices(administration: Administration, relation_id: str) -> list[Problem]:
    invoices = administration.invoices.equal(("relatie", "id"), relation_id)
    return [Problem("REL-0049")] if any(invoice["openstaandSaldo"] for invoice in invoices) else []
