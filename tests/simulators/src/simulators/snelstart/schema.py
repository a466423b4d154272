"""How a model of the API is described: once, for binding, showing and filtering it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Any, Final

INT32_MAX: Final = 2**31 - 1


class Kind(Enum):
    """What a property holds; the names follow the OData kinds as far as filters see them."""

    TEXT = auto()
    INTEGER = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    MOMENT = auto()
    GUID = auto()
    CHOICE = auto()
    CHOICES = auto()
    MODEL = auto()
    MODELS = auto()


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property.

    `length_code` is the business rule that says the same as the annotation `length_max`.
    A `read_only` property is the server's: what a caller sends for it is ignored.
    """

    kind: Kind = Kind.TEXT
    required: bool = False
    read_only: bool = False
    length_max: int | None = None
    length_code: str | None = None
    minimum: int = -INT32_MAX - 1
    maximum: int = INT32_MAX
    choices: tuple[str, ...] = ()
    model: "Model | None" = None
    default: Any = None


@dataclass(frozen=True)
class Model:
    """A model by the JSON names of its properties; `resource` is the collection its uri points into."""

    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    resource: str | None = None

    @cached_property
    def by_lower_name(self) -> dict[str, str]:
        """The JSON names by their lower-case form: names in requests match whatever their case."""
        return {name.lower(): name for name in self.fields}

    @cached_property
    def by_filter_name(self) -> dict[str, str]:
        """The JSON names by the UpperCamelCase form that $filter asks for."""
        return {name[0].upper() + name[1:]: name for name in self.fields}

    def show(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row as JSON with every property; .NET writes what is empty as null."""
        shown = {name: _shown(each, row.get(name, each.default)) for name, each in self.fields.items()}
        if self.resource is not None and "id" in shown:
            shown["uri"] = f"/{self.resource}/{shown['id']}"
        return shown


def _shown(described: Field, value: Any) -> Any:
    if value is None or described.model is None:
        return value
    if described.kind is Kind.MODEL:
        return described.model.show(value)
    return [described.model.show(item) for item in value]


def text(length_max: int | None = None, code: str | None = None, *, required: bool = False) -> Field:
    return Field(length_max=length_max, length_code=code, required=required)


def integer(minimum: int = -INT32_MAX - 1, maximum: int = INT32_MAX) -> Field:
    return Field(kind=Kind.INTEGER, minimum=minimum, maximum=maximum)


def decimal(*, required: bool = False) -> Field:
    return Field(kind=Kind.DECIMAL, required=required)


def boolean(*, read_only: bool = False) -> Field:
    return Field(kind=Kind.BOOLEAN, default=False, read_only=read_only)


def moment(*, required: bool = False, read_only: bool = False) -> Field:
    return Field(kind=Kind.MOMENT, required=required, read_only=read_only)


def guid() -> Field:
    return Field(kind=Kind.GUID)


def choice(*choices: str, required: bool = False) -> Field:
    return Field(kind=Kind.CHOICE, choices=choices, required=required)


def nested(model: Model, *, required: bool = False) -> Field:
    return Field(kind=Kind.MODEL, model=model, required=required)


def many(model: Model, *, required: bool = False, read_only: bool = False) -> Field:
    return Field(kind=Kind.MODELS, model=model, required=required, read_only=read_only, default=())


def reference(resource: str, *, required: bool = False) -> Field:
    """Describe a property that points at a row of another collection by its id."""
    return nested(Model(f"{resource}Identifier", {"id": guid()}, resource), required=required)


MODIFIED_ON = moment(read_only=True)
LINE_VAT_KINDS = ("Geen", "Laag", "Hoog", "Overig")
