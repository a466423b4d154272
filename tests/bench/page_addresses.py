"""What `make bench-pages` asks: every page, what a form answers after work, and the lists of the API.

`missing_from` names what the console can show and this table does not ask: a new page is measured too.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from console_crowd import BIG_RUN, LEDGER_WAITED_FOR, PROFILES, dead_letter_near, profile_of
from console_past import BIG_JOB
from console_routes import routes_of

PROFILE = PROFILES[2]
Until = Literal["last byte", "first byte"]
# What serves no page, what is timed by itself, and one row that somebody has to ask for first.
NOT_PAGES = frozenset(
    {"/static/{name}", "/api/{rest:path}", "/orders.csv", "/sign-in", "/api/privacy/erasures/{erasure_id}"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request; with `typed` it is a form.

    What is as long as the shop is old is timed `until` its first byte.
    """

    path: str
    typed: Mapping[str, str] | None = None
    until: Until = "last byte"
    statuses: Collection[int] = field(default=(200,))


def asked(middle: int, preview: str) -> dict[str, Asked]:
    """By what it shows; `middle` is the number of an order, `preview` the id of a finished one."""
    pages = _about_orders(middle) | _about_needs(middle) | _about_profiles() | _others(preview)
    return {what: Asked(path=path) for what, path in pages.items()} | _forms(middle) | _lists(middle, preview)


def _about_orders(middle: int) -> dict[str, str]:
    return {
        "overview": "/",
        "orders, the newest": "/orders",
        "orders, a page in the middle": f"/orders?until=2025-10-01&profile={PROFILES[1]}",
        "orders that need a person": "/orders?status=dead_lettered",
        "orders of one reason and profile": f"/orders?reason=TOTAL_MISMATCH&profile={PROFILES[3]}",
        "orders of a reason that a profile never had": f"/orders?reason=TOTAL_MISMATCH&profile={PROFILES[1]}",
        "orders of a profile in a state": f"/orders?status=skipped&profile={PROFILES[1]}",
        "one order": f"/profiles/{profile_of(middle)}/orders/{middle}",
        "one order as a file": f"/profiles/{profile_of(middle)}/orders/{middle}/export",
        "an import of 5,000 orders": f"/imports/{BIG_RUN}",
    }


def _about_needs(middle: int) -> dict[str, str]:
    return {
        "needs you": "/needs-you",
        "needs you, one reason": "/needs-you/reasons/AMBIGUOUS_CUSTOMER",
        "needs you, one reason of a profile": f"/needs-you/reasons/TOTAL_MISMATCH?profile={PROFILES[3]}",
        "needs you, one order": f"/needs-you/letters/{dead_letter_near(middle)}",
        "needs you, choose a ledger": f"/needs-you/ledgers/{PROFILE}?place={LEDGER_WAITED_FOR}",
        "put away": "/needs-you/put-away",
        "remembered customers": "/customers",
        "solved together": "/letter-jobs",
        "solved together, 5,000 letters": f"/letter-jobs/{BIG_JOB}",
    }


def _about_profiles() -> dict[str, str]:
    tabs = ("shop", "bookkeeping", "bookings", "customers", "planning", "history", "copy", "delete", "export")
    return {
        "profiles": "/profiles",
        "a new profile": "/new-profile",
        "a profile from a file": "/import-profile",
        "one profile": f"/profiles/{PROFILE}",
    } | {f"one profile: {tab}": f"/profiles/{PROFILE}/{tab}" for tab in tabs}


def _others(preview: str) -> dict[str, str]:
    return {
        "preview, the form": "/previews",
        "preview of 100 orders": f"/previews/{preview}",
        "notifications": "/notifications",
        "users": "/users",
        "who did what": "/log",
        "a new password": "/password",
    }


def _forms(middle: int) -> dict[str, Asked]:
    searches = {
        "orders found by number": {"q": str(middle)},
        "orders found by name": {"q": "voorbeelde"},
        "orders: nothing found": {"q": "niemand"},
        "orders: nothing found in a state": {"q": "niemand", "status": "booked"},
        "orders: nothing found for a profile": {"q": "niemand", "profile": PROFILE},
        "orders: nothing found for both": {"q": "niemand", "profile": PROFILE, "status": "booked"},
    }
    at = f"/profiles/{PROFILE}"
    return {what: Asked(path="/orders", typed=typed) for what, typed in searches.items()} | {
        "one profile: all checks": Asked(path=f"{at}/check", typed={}, statuses=(303,)),
        "one profile: test of a connection": Asked(path=f"{at}/shop/try", typed={}, statuses=(200, 422)),
        "one profile: the assistant": Asked(path=f"{at}/bookings/proposal", typed={}, statuses=(200, 422)),
    }


def _lists(middle: int, preview: str) -> dict[str, Asked]:
    whole = {
        "API: status": "/api/status",
        "API: profiles": "/api/profiles",
        "API: one profile": f"/api/profiles/{PROFILE}",
        "API: one profile as a file": f"/api/profiles/{PROFILE}/export",
        "API: history": f"/api/profiles/{PROFILE}/history",
        "API: what is left over of a profile": f"/api/profiles/{PROFILE}/left-over",
        "API: one order": f"/api/profiles/{profile_of(middle)}/orders/{middle}",
        "API: one dead letter": f"/api/dead-letters/{dead_letter_near(middle)}",
        "API: jobs": "/api/dead-letter-jobs",
        "API: one job": f"/api/dead-letter-jobs/{BIG_JOB}",
        "API: a preview": f"/api/previews/{preview}",
        "API: users": "/api/users",
        "API: notifications": "/api/notifications",
        "API: its description": "/api/openapi.json",
    }
    long = {
        "API: all orders of a profile": f"/api/profiles/{PROFILE}/orders",
        "API: all dead letters": "/api/dead-letters",
        "API: all remembered customers of a profile": f"/api/profiles/{PROFILE}/remembered-links",
        "API: an import of 5,000 orders": f"/api/imports/{BIG_RUN}",
    }
    return {what: Asked(path=path) for what, path in whole.items()} | {
        what: Asked(path=path, until="first byte") for what, path in long.items()
    }


def missing_from(table: Mapping[str, Asked], routes: Any) -> list[str]:
    """Addresses of the console that can be looked at and that the table does not ask."""
    paths = [asked.path.partition("?")[0] for asked in table.values() if asked.typed is None]
    shown = {address for address, route in routes_of(routes) if "GET" in (route.methods or ())}
    patterns = {
        address: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", address)) for address in sorted(shown - NOT_PAGES)
    }
    return [address for address, each in patterns.items() if not any(each.fullmatch(path) for path in paths)]
