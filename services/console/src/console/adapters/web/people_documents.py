"""Accounts as JSON."""

from datetime import datetime

from console.adapters.web.document import Document
from console.domain.people import Person, Role
from console.handlers.people import NewPassword


class PersonDocument(Document):
    name: str
    role: Role
    disabled: bool
    must_change_password: bool
    created_at: datetime
    last_signed_in_at: datetime | None

    @classmethod
    def of(cls, person: Person) -> "PersonDocument":
        return cls(
            name=person.name,
            role=person.role,
            disabled=person.disabled,
            must_change_password=person.must_change_password,
            created_at=person.created_at,
            last_signed_in_at=person.last_signed_in_at,
        )


class NewPasswordDocument(PersonDocument):
    """`password` is shown this once."""

    password: str

    @classmethod
    def of_new(cls, made: NewPassword) -> "NewPasswordDocument":
        return cls(**PersonDocument.of(made.person).model_dump(), password=made.password)
