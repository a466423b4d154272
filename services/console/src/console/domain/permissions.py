"""Which permissions of the accounting package a profile needs."""

from enum import StrEnum

from console.domain.findings import Finding, refusal, warning

CONNECTION_KEY_FIELD = "bookkeeping.connection_key"


class Permission(StrEnum):
    """The values are the accounting package's own words (SnelStart developer portal, scopes)."""

    READ_BOOKINGS = "boekhouden:read"
    WRITE_BOOKINGS = "boekhouden:write"
    READ_INVOICES = "orders:read"
    READ_CUSTOMERS = "relaties:read"
    WRITE_CUSTOMERS = "relaties:write"
    READ_SETTINGS = "settings:read"


# Invoices are read to find out whether a booking whose answer was lost is there: without it, no certainty.
_ALWAYS = frozenset(Permission) - {Permission.WRITE_CUSTOMERS}


def check_permissions(granted: frozenset[str], *, makes_customers: bool) -> tuple[Finding, ...]:
    """Refusals for permissions the profile cannot live without, warnings for the others it may come to need.

    An empty set means that the token does not say what it may do.
    """
    if not granted:
        return (warning("command.permissions_unknown", about=CONNECTION_KEY_FIELD),)
    essential = _ALWAYS | ({Permission.WRITE_CUSTOMERS} if makes_customers else set())
    return tuple(
        (refusal if permission in essential else warning)(
            "command.permission_missing", about=CONNECTION_KEY_FIELD, permission=permission.value
        )
        for permission in Permission
        if permission.value not in granted
    )
