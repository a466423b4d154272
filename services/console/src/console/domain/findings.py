"""What is found wrong, or doubtful, about a profile."""

from collections.abc import Mapping
from dataclasses import dataclass

from sconnect.ledgers import Finding as LedgerFinding
from sconnect.ledgers import Severity

# What is not there at all is a slip of the pen: such a profile is not saved.
REFUSED_LEDGER_FINDINGS = frozenset({"ledger_unknown", "cost_centre_unknown"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A refusal keeps the profile from being saved; a warning only tells. `text_key` names its sentence.

    With `stops_orders` the orders that need what is wrong wait for a person; all others are booked.
    """

    text_key: str
    is_refusal: bool
    field: str
    details: Mapping[str, str]
    stops_orders: bool = False


def refusal(text_key: str, *, about: str = "", **details: str) -> Finding:
    return Finding(text_key=text_key, is_refusal=True, field=about, details={"field": about, **details})


def warning(text_key: str, *, about: str = "", **details: str) -> Finding:
    return Finding(text_key=text_key, is_refusal=False, field=about, details={"field": about, **details})


def about_ledgers(finding: LedgerFinding) -> Finding:
    return Finding(
        text_key=f"ledgers.{finding.code}",
        is_refusal=finding.code in REFUSED_LEDGER_FINDINGS,
        field=finding.details["field"],
        details=finding.details,
        stops_orders=finding.severity is Severity.ERROR,
    )
