"""Relations as the compact JSON that the mirror keeps; what a relation does not have is left out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from customer_resolver.domain.relations import Relation, RelationAddress, RelationRole

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXTS = ("vat_number", "coc_number", "iban", "invoice_relation_id")
_ADDRESS_PARTS = ("contact", "street", "postcode", "city", "country_code")
_NO_ADDRESS = RelationAddress()


def write_relation(relation: Relation) -> str:
    """The same relation always gives the same text, so that a change shows."""
    document: dict[str, Any] = {
        "id": relation.relation_id,
        "number": relation.number,
        "name": relation.name,
        "emails": relation.emails,
        "phones": relation.phones,
        "address": _write_address(relation.address),
        "correspondence": _write_address(relation.correspondence),
        "inactive": not relation.active,
        "role": "" if relation.role is RelationRole.CUSTOMER else relation.role.value,
        **{name: getattr(relation, name) for name in _TEXTS},
    }
    if relation.modified_on is not None:
        document["modified_on"] = (relation.modified_on - _EPOCH) // _MICROSECOND
    kept = {name: value for name, value in document.items() if value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def read_relation(text: str) -> Relation:
    """The relation that `write_relation` wrote."""
    document = json.loads(text)
    modified_on = document.get("modified_on")
    return Relation(
        relation_id=document["id"],
        number=document.get("number", 0),
        name=document.get("name", ""),
        emails=tuple(document.get("emails", ())),
        phones=tuple(document.get("phones", ())),
        address=_read_address(document.get("address")),
        correspondence=_read_address(document.get("correspondence")),
        active=not document.get("inactive", False),
        role=RelationRole(document.get("role", RelationRole.CUSTOMER)),
        modified_on=None if modified_on is None else _EPOCH + modified_on * _MICROSECOND,
        **{name: document.get(name) for name in _TEXTS},
    )


def _write_address(address: RelationAddress) -> list[str] | None:
    if address == _NO_ADDRESS:
        return None
    return [getattr(address, part) for part in _ADDRESS_PARTS]


def _read_address(parts: list[str] | None) -> RelationAddress:
    return _NO_ADDRESS if parts is None else RelationAddress(**dict(zip(_ADDRESS_PARTS, parts, strict=True)))
