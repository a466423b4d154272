"""The model binder: reads a request into a row, and reports what does not fit as `modelState` does.

Names match whatever their case, null counts as absent, unknown names are ignored. Money may be a JSON
text and is kept as a Decimal of two decimals. The texts of the errors are those of .NET.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from simulators.snelstart.refusals import Problem, RefusedError, model_state, refuse_if_any
from simulators.snelstart.schema import Field, Kind, Model
from simulators.snelstart.wire import Reply, Row, decode, moment_text, to_cents

MOMENT_FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
INTEGER_FORM = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
DECIMAL_FORM = re.compile(r"\s*[+-]?[\d,]*\.?\d*\s*", re.ASCII)


@dataclass
class Binder:
    """Binds one request. `time_zone` is where a moment with an offset is read.

    With `reports_codes` a text that is too long breaks its business rule instead of its annotation;
    with `takes_everything` the caller may fill what belongs to the server.
    """

    time_zone: ZoneInfo
    reports_codes: bool = False
    takes_everything: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, model: Model, body: bytes) -> Row:
        """Read a request body; raises RefusedError for what does not bind."""
        try:
            content = decode(body) if body.strip() else None
        except ValueError:
            raise model_state({"model": ["Unexpected character encountered while parsing value."]}) from None
        if content is None:
            raise RefusedError(Reply(400, [Problem("ALG-0106").as_json()]))
        row = self.bind(model, content)
        if self.errors:
            raise model_state(self.errors)
        refuse_if_any(self.problems)
        return row

    def bind(self, model: Model, content: Any, path: str = "model") -> Row:
        """Return the values present by their JSON names; what does not fit is noted."""
        if not isinstance(content, dict):
            self._note(path, "The value cannot be converted to an object.")
            return {}
        given = {
            model.by_lower_name[name.lower()]: value
            for name, value in content.items()
            if name.lower() in model.by_lower_name and value is not None
        }
        self._miss(path, (n for n, f in model.fields.items() if f.required and n not in given))
        row = {
            name: self._value(model.fields[name], value, f"{path}.{name}") for name, value in given.items()
        }
        return {name: value for name, value in row.items() if value is not None}

    def _miss(self, path: str, names: Iterable[str]) -> None:
        for name in names:
            self._note(f"{path}.{name}", f"The field {name[0].upper()}{name[1:]} is required.")

    def _note(self, path: str, message: str) -> None:
        self.errors.setdefault(path, []).append(message)

    def _value(self, described: Field, value: Any, path: str) -> Any:
        if described.read_only and not self.takes_everything:
            return None
        if described.kind is Kind.MODEL:
            assert described.model is not None
            return self.bind(described.model, value, path)
        if described.kind in (Kind.MODELS, Kind.CHOICES):
            return self._items(described, value, path)
        return self._single(described, value, path)

    def _items(self, described: Field, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            self._note(path, "The value cannot be converted to an array.")
            return []
        places = [(item, f"{path}[{place}]") for place, item in enumerate(value)]
        if described.model is None:
            return [self._single(described, item, place) for item, place in places]
        return [self.bind(described.model, item, place) for item, place in places]

    def _single(self, described: Field, value: Any, path: str) -> Any:
        try:
            read = self._read(described, value)
        except (ValueError, InvalidOperation):
            self._note(path, f"Could not convert the value to {described.kind.name}. Path '{path}'.")
            return None
        self._check(described, read, path)
        return read

    def _check(self, described: Field, value: Any, path: str) -> None:
        name = path.rsplit(".", 1)[-1]
        if described.kind is Kind.INTEGER and not described.minimum <= value <= described.maximum:
            limits = f"{described.minimum} and {described.maximum}"
            self._note(path, f"The field {name} must be between {limits}.")
        if described.length_max is None or len(value) <= described.length_max:
            return
        if self.reports_codes and described.length_code:
            self.problems.append(Problem(described.length_code, name))
        else:
            limit = f"a maximum length of {described.length_max}"
            self._note(path, f"The field {name} must be a string with {limit}.")

    def _read(self, described: Field, value: Any) -> Any:
        if described.kind is Kind.MOMENT:
            return self._moment(_string(value))
        if described.kind in (Kind.CHOICE, Kind.CHOICES):
            return _choice(described.choices, _string(value))
        return READERS[described.kind](value)

    def _moment(self, value: str) -> str:
        if MOMENT_FORM.fullmatch(value) is None:
            raise ValueError(value)
        moment = datetime.fromisoformat(value)
        # A stamp with an offset is taken to Dutch time: near midnight that is another day.
        if moment.tzinfo is not None:
            moment = moment.astimezone(self.time_zone).replace(tzinfo=None)
        return moment_text(moment)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a value that does not convert, like the others
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, Decimal)) else _string(value)


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if INTEGER_FORM.fullmatch(_string(value)) is None:
        raise ValueError(value)
    return int(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return to_cents(Decimal(value))
    if DECIMAL_FORM.fullmatch(_string(value)) is None:
        raise ValueError(value)
    # .NET reads a comma in a text as a separator of thousands: "12,34" becomes 1234.
    return to_cents(Decimal(value.replace(",", "")))


def _boolean(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004
    return value


def _guid(value: Any) -> str:
    return str(UUID(_string(value)))


def _choice(choices: tuple[str, ...], value: str) -> str:
    for each in choices:
        if each.lower() == value.lower():
            return each
    raise ValueError(value)


READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.GUID: _guid,
}
