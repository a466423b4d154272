"""A reason as three columns."""

import json
from typing import Any

from sqlalchemy import Row

from sconnect.errors import Reason, ReasonCode


def reason_values(reason: Reason | None) -> dict[str, str | None]:
    if reason is None:
        return {"reason_code": None, "reason_variant": None, "reason_details": None}
    return {
        "reason_code": reason.code.value,
        "reason_variant": reason.variant,
        "reason_details": json.dumps(dict(reason.details), ensure_ascii=False),
    }


def reason_of(row: Row[Any]) -> Reason | None:
    if row.reason_code is None:
        return None
    details = json.loads(row.reason_details)
    return Reason(code=ReasonCode(row.reason_code), variant=row.reason_variant, details=details)
