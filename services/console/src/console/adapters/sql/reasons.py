"""Reasons as columns: `<prefix>_code`, `<prefix>_variant`, `<prefix>_details` (JSON)."""

import json
from typing import Any

from sqlalchemy import Row

from console.domain.standing import ToldReason


def reason_values(reason: ToldReason | None, prefix: str = "reason") -> dict[str, Any]:
    return {
        f"{prefix}_code": reason.code if reason else None,
        f"{prefix}_variant": reason.variant if reason else None,
        f"{prefix}_details": json.dumps(dict(reason.details)) if reason else None,
    }


def read_reason(row: Row[Any], prefix: str = "reason") -> ToldReason | None:
    columns = row._mapping  # noqa: SLF001 - SQLAlchemy's public access to columns by name
    code = columns[f"{prefix}_code"]
    if code is None:
        return None
    details = json.loads(columns[f"{prefix}_details"] or "{}")
    return ToldReason(code=code, variant=columns[f"{prefix}_variant"], details=details)
