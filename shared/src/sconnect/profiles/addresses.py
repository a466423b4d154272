"""Which addresses a profile may name: the connector calls them with keys from inside its own network."""

import re
from urllib.parse import SplitResult, urlsplit

from sconnect.http.guard import is_public

_LOCAL_NAMES = ("localhost", "local", "internal", "lan", "home", "corp")
# The end of a host that a resolver reads as an IPv4 address in another notation: 127.1, 0x7f000001.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)


def address_problem(address: str, *, allow_local_apis: bool) -> str | None:
    """The text key of what is wrong with an address, or None.

    A name that resolves to a private address is found out when it is connected to, not here.
    """
    parts = _split(address)
    if parts is None:
        return "profile.bad_address"
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return "profile.address_with_extras"
    if allow_local_apis:
        return None if parts.scheme in {"http", "https"} else "profile.bad_address"
    if parts.scheme != "https":
        return "profile.address_not_https"
    return None if _looks_public(parts.hostname or "") else "profile.address_not_public"


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    plain = address.isascii() and address.isprintable() and " " not in address and "\\" not in address
    return parts if usable and plain else None


def _looks_public(host: str) -> bool:
    if ":" in host:
        return _is_public_literal(host)
    labels = host.rstrip(".").lower().split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _is_public_literal(host)
    return len(labels) > 1 and labels[-1] not in _LOCAL_NAMES


def _is_public_literal(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return False
