"""The keys of a profile stay where they are when somebody changes something else.

They are never shown, so nobody can type them again by heart. They go to the address that they were typed for
and to no other: whoever changes an address gives the key anew, so that a profile cannot be turned into a way
to read its keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sconnect.profiles import (
    SECRET_FIELDS,
    Problem,
    Profile,
    ProfileInvalid,
    put_back_secrets,
    take_out_secrets,
)

KEY_FIELDS = tuple(f"{section}.{name}" for section, name in SECRET_FIELDS)
_ADDRESSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"shop": ("api_url",), "bookkeeping": ("token_url", "api_url")}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """A document with the keys that were kept; `kept` names them (`shop.token`)."""

    document: dict[str, Any]
    kept: tuple[str, ...]


def with_kept_keys(document: Mapping[str, Any], before: Profile, *, given: Mapping[str, Any]) -> Completed:
    """The document with every key of `before` of which `given` says nothing; null says that it goes."""
    _, secrets = take_out_secrets(before)
    kept = {path: secret for path, secret in secrets.items() if not _says_something(given, path)}
    fitting = {path: secret for path, secret in kept.items() if _has_section(document, path)}
    return Completed(document=put_back_secrets(document, fitting), kept=tuple(fitting))


def require_keys_at_their_addresses(profile: Profile, before: Profile, kept: tuple[str, ...]) -> None:
    """ProfileInvalid when a key that nobody typed would go to another address than before."""
    problems = tuple(
        Problem(field=path, text_key="profile.key_with_new_address")
        for path in kept
        if _moved(profile, before, path.partition(".")[0])
    )
    if problems:
        raise ProfileInvalid(problems)


def _moved(profile: Profile, before: Profile, side: str) -> bool:
    now, then = getattr(profile, side), getattr(before, side)
    return any(getattr(now, name) != getattr(then, name) for name in _ADDRESSES[side])


def _says_something(given: Mapping[str, Any], path: str) -> bool:
    section, _, name = path.partition(".")
    part = given.get(section)
    return isinstance(part, Mapping) and name in part


def _has_section(document: Mapping[str, Any], path: str) -> bool:
    return isinstance(document.get(path.partition(".")[0]), Mapping)
