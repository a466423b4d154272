"""Who may sign in, and what each role may do."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from types import MappingProxyType

NAME_LENGTH_MAX = 64
PASSWORD_LENGTH_MIN = 12
# Long enough for any sentence, short enough that hashing it costs no more than hashing a word.
PASSWORD_LENGTH_MAX = 128


class Role(StrEnum):
    """The accountant looks on; the bookkeeper also solves; the administrator also changes how things work."""

    ADMINISTRATOR = "administrator"
    BOOKKEEPER = "bookkeeper"
    ACCOUNTANT = "accountant"


class Permission(Enum):
    READ = "read"
    """See orders, bookings and what waits."""
    WORK = "work"
    """Import, solve what waits, send on, put away."""
    ADMINISTER = "administer"
    """Change profiles, accounts and settings; see who did what."""


_GRANTED = MappingProxyType(
    {
        Role.ACCOUNTANT: frozenset({Permission.READ}),
        Role.BOOKKEEPER: frozenset({Permission.READ, Permission.WORK}),
        Role.ADMINISTRATOR: frozenset(Permission),
    }
)


def may(role: Role, permission: Permission) -> bool:
    return permission in _GRANTED[role]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An account. `password_hash` is argon2's own text; it is never shown.

    `must_change_password`: somebody else knows the password, so nothing opens before it is changed.
    """

    name: str
    role: Role
    password_hash: str
    must_change_password: bool
    disabled: bool
    created_at: datetime
    last_signed_in_at: datetime | None = None


def account_name(typed: str) -> str | None:
    """The one spelling of a name, however it was typed; None for what cannot be a name."""
    name = unicodedata.normalize("NFKC", typed).strip().casefold()
    fits = 0 < len(name) <= NAME_LENGTH_MAX and name.isprintable()
    return name if fits else None


def password_fault(name: str, password: str) -> str | None:
    """The text key (section `people`) of what is wrong with a new password; None when it will do."""
    if len(password) < PASSWORD_LENGTH_MIN:
        return "password_too_short"
    if len(password) > PASSWORD_LENGTH_MAX:
        return "password_too_long"
    if len(set(password)) <= 2 or password.casefold() == name.casefold():  # noqa: PLR2004
        return "password_too_simple"
    return None
