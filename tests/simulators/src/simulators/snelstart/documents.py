"""Documents (bijlagen) of bookings and relations; their content is kept as the base64 that came in."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from simulators.snelstart.administration import Administration
from simulators.snelstart.models import DOCUMENT, DOCUMENT_CONTENT
from simulators.snelstart.refusals import Problem, model_state, refuse_if_any
from simulators.snelstart.tables import Table
from simulators.snelstart.wire import Reply, Row

CONTENT_BYTES_MAX: Final = 10 * 1024 * 1024
ILLEGAL_IN_FILE_NAME: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def parents(administration: Administration, document_type: str) -> tuple[Table, str]:
    """Return the rows that documents of a type hang on, and the code for one that is missing."""
    tables = {
        "verkoopboekingen": (administration.bookings, "BOE-0001"),
        "relaties": (administration.relations, "REL-0005"),
    }
    if document_type.lower() not in tables:
        raise administration.missing("BLG-0001")
    return tables[document_type.lower()]


def with_documents(administration: Administration, row: Row) -> Row:
    """Return the row with references to its documents."""
    return {**row, "documents": administration.documents.equal(("parentIdentifier",), row["id"])}


def create_document(administration: Administration, document_type: str, body: bytes) -> Reply:
    row = administration.binder().read(DOCUMENT_CONTENT, body)
    rows, code = parents(administration, document_type)
    if rows.get(row.get("parentIdentifier")) is None:
        raise administration.missing(code)
    refuse_if_any(_problems(row))
    stored = {**row, "id": str(uuid4())}
    administration.documents.put(stored)
    # The description says 200, the live API answered 201.
    return Reply(administration.settings.options.document_created_status, _identifier(stored))


def get_document(administration: Administration, document_id: str) -> Reply:
    row = administration.documents.get(document_id)
    if row is None:
        raise administration.missing("BLG-0001")
    return Reply(payload=DOCUMENT_CONTENT.show(row))


def list_documents(administration: Administration, document_type: str, parent_id: str) -> Reply:
    rows, code = parents(administration, document_type)
    if rows.get(parent_id) is None:
        raise administration.missing(code)
    found = administration.documents.equal(("parentIdentifier",), parent_id)
    return Reply(payload=[{**DOCUMENT.show(row), "verkoopBoekingId": parent_id} for row in found])


def _identifier(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "uri": f"/documenten/{row['id']}"}


def _problems(row: Row) -> Iterator[Problem]:
    file_name = row.get("fileName", "")
    if not file_name.strip():
        yield Problem("BLG-0007")
    if ILLEGAL_IN_FILE_NAME.search(file_name):
        yield Problem("BLG-0016", file_name)
    size = _size_bytes(row.get("content", ""))
    if size == 0:
        yield Problem("BLG-0011")
    if size > CONTENT_BYTES_MAX:
        yield Problem("BLG-0013")


def _size_bytes(content: str) -> int:
    try:
        return len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        path = "model.content"
        raise model_state({path: [f"Could not convert the value to a byte array. Path '{path}'."]}) from None
