"""Accounts: made, changed and switched off by an administrator."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.people import Person, Role, account_name
from console.domain.refusals import NotKnown, NotNow
from console.ports import Passwords, PeopleBook
from sconnect.clock import Clock

FIRST_NAME = "administrator"
# Five groups of four out of 31 signs that cannot be mistaken for each other: 99 bits.
PASSWORD_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet
PASSWORD_GROUPS = 5
PASSWORD_GROUP_LENGTH = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPassword:
    """Shown once: only its hash is kept."""

    person: Person
    password: str


class PeopleDesk:
    """Each call is one change. A change ends the sessions of the account it is about."""

    def __init__(self, *, people: PeopleBook, passwords: Passwords, clock: Clock) -> None:
        self._people = people
        self._passwords = passwords
        self._clock = clock

    async def people(self) -> Sequence[Person]:
        return await self._people.people()

    async def first(self) -> NewPassword:
        """The first administrator. NotNow when there is an account already."""
        return await self._add(FIRST_NAME, Role.ADMINISTRATOR, first=True)

    async def add(self, typed_name: str, role: Role) -> NewPassword:
        """An account with a password that must be changed at the first sign-in. NotNow: the name is taken."""
        name = account_name(typed_name)
        if name is None:
            raise NotNow("account_name_unusable")
        return await self._add(name, role, first=False)

    async def set_role(self, name: str, role: Role) -> Person:
        person = await self._person(name)
        await self._change(person, role=role)
        return await self._person(name)

    async def reset_password(self, name: str) -> NewPassword:
        """Also opens an account again that too many wrong passwords have closed."""
        person = await self._person(name)
        password = new_password()
        await self._people.change_person(
            person.name, password_hash=await self._passwords.hash(password), must_change_password=True
        )
        return NewPassword(person=await self._person(name), password=password)

    async def switch(self, name: str, *, disabled: bool) -> Person:
        person = await self._person(name)
        await self._change(person, disabled=disabled)
        return await self._person(name)

    async def _add(self, name: str, role: Role, *, first: bool) -> NewPassword:
        password = new_password()
        person = Person(
            name=name,
            role=role,
            password_hash=await self._passwords.hash(password),
            # The first administrator is alone with the screen that shows the password.
            must_change_password=not first,
            disabled=False,
            created_at=self._clock.now(),
        )
        if not await self._people.add_person(person, only_if_first=first):
            raise NotNow("accounts_exist" if first else "account_exists", name=name)
        return NewPassword(person=person, password=password)

    async def _change(
        self, person: Person, *, role: Role | None = None, disabled: bool | None = None
    ) -> None:
        if not await self._people.change_person(person.name, role=role, disabled=disabled):
            raise NotNow("last_administrator", name=person.name)

    async def _person(self, typed_name: str) -> Person:
        name = account_name(typed_name)
        person = None if name is None else await self._people.person(name)
        if person is None:
            raise NotKnown("account_unknown", name=typed_name)
        return person


def new_password() -> str:
    groups = (
        "".join(secrets.choice(PASSWORD_SIGNS) for _ in range(PASSWORD_GROUP_LENGTH))
        for _ in range(PASSWORD_GROUPS)
    )
    return "-".join(groups)
