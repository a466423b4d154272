"""A $filter made into a test of rows, checked against the model as ASP.NET's OData layer does."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from simulators.snelstart.odata_syntax import (
    AnyOf,
    Comparison,
    Function,
    Junction,
    Literal,
    Node,
    Not,
    Path,
    parse,
)
from simulators.snelstart.refusals import odata_message
from simulators.snelstart.schema import Field, Kind, Model
from simulators.snelstart.tables import Names, Table, value_at
from simulators.snelstart.wire import Row

# Takes the row and, inside any(…), the item that its variable stands for.
Getter: TypeAlias = Callable[[Any, Any], Any]

COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
OPERATOR_KINDS: Final = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}
EDM_NAMES: Final = {
    "text": "Edm.String",
    "number": "Edm.Decimal",
    "boolean": "Edm.Boolean",
    "guid": "Edm.Guid",
    "moment": "Edm.DateTime",
}
VALUE_KINDS: Final = {
    Kind.TEXT: "text",
    Kind.CHOICE: "text",
    Kind.CHOICES: "text",
    Kind.INTEGER: "number",
    Kind.DECIMAL: "number",
    Kind.BOOLEAN: "boolean",
    Kind.MOMENT: "moment",
    Kind.GUID: "guid",
    Kind.MODEL: "model",
    Kind.MODELS: "model",
}


@dataclass(frozen=True)
class Signature:
    """A function: the kinds it takes, the kind it gives, and how it is worked out."""

    takes: tuple[str, ...]
    gives: str
    work_out: Callable[..., Any]


# `contains` is OData v4: this dialect has substringof, with the needle first.
FUNCTIONS: Final[Mapping[str, Signature]] = {
    "startswith": Signature(("text", "text"), "boolean", str.startswith),
    "endswith": Signature(("text", "text"), "boolean", str.endswith),
    "substringof": Signature(("text", "text"), "boolean", lambda needle, text: needle in text),
    "tolower": Signature(("text",), "text", str.lower),
    "toupper": Signature(("text",), "text", str.upper),
    "trim": Signature(("text",), "text", str.strip),
    "length": Signature(("text",), "number", len),
    "year": Signature(("moment",), "number", lambda moment: int(moment[:4])),
    "month": Signature(("moment",), "number", lambda moment: int(moment[5:7])),
    "day": Signature(("moment",), "number", lambda moment: int(moment[8:10])),
}


@dataclass(frozen=True)
class Operand:
    """A part of the filter that has a value for each row."""

    kind: str
    get: Getter


@dataclass(frozen=True)
class Filter:
    """A checked filter: `accepts` tests one row."""

    node: Node
    accepts: Callable[[Row], bool]

    def candidates(self, table: Table, model: Model) -> Iterable[Row] | None:
        """Return the rows that an index finds for the filter, None when no index helps."""
        return _candidates(self.node, table, model)


def compile_filter(text: str, model: Model, *, is_case_sensitive: bool) -> Filter:
    """Check a filter against the model.

    Raises FilterSyntaxError, or RefusedError for a property, function or comparison that does not exist.
    """
    node = parse(text)
    condition = _Compiler(model, is_case_sensitive=is_case_sensitive).condition(node)
    return Filter(node, lambda row: condition(row, None) is True)


@dataclass(frozen=True)
class _Compiler:
    """`variable` and `item` are set inside any(…): what the variable stands for."""

    model: Model
    is_case_sensitive: bool
    variable: str | None = None
    item: Field | None = field(default=None)

    def condition(self, node: Node) -> Getter:
        operand = self.operand(node)
        if operand.kind != "boolean":
            raise odata_message(
                "The query specified in the URI is not valid. The $filter expression must evaluate "
                "to a single boolean value."
            )
        return operand.get

    def operand(self, node: Node) -> Operand:  # noqa: PLR0911 - one for each kind of node
        match node:
            case Literal(kind, value):
                return Operand(kind, lambda _row, _item: value)
            case Path():
                return self._property(node)
            case Function():
                return self._function(node)
            case AnyOf():
                return self._any_of(node)
            case Comparison():
                return self._comparison(node)
            case Not():
                negated = self.condition(node.operand)
                return Operand("boolean", lambda row, item: negated(row, item) is not True)
            case Junction():
                return self._junction(node)

    def _junction(self, node: Junction) -> Operand:
        conditions = [self.condition(each) for each in node.operands]
        decide = all if node.word == "and" else any
        return Operand("boolean", lambda row, item: decide(each(row, item) is True for each in conditions))

    def _comparison(self, node: Comparison) -> Operand:
        left, right = self.operand(node.left), self.operand(node.right)
        if left.kind != right.kind and "null" not in (left.kind, right.kind):
            raise _incompatible(node.operator, left.kind, right.kind)
        first, second = self._comparable(left), self._comparable(right)
        compare = _null_safe(node.operator)
        return Operand("boolean", lambda row, item: compare(first(row, item), second(row, item)))

    def _comparable(self, operand: Operand) -> Getter:
        if self.is_case_sensitive or operand.kind != "text":
            return operand.get

        def folded(row: Any, item: Any) -> Any:
            value = operand.get(row, item)
            return None if value is None else value.casefold()

        return folded

    def _function(self, node: Function) -> Operand:
        signature = FUNCTIONS.get(node.name)
        if signature is None:
            raise odata_message(f"An unknown function with name '{node.name}' was found.")
        operands = [self.operand(each) for each in node.arguments]
        if tuple(operand.kind for operand in operands) != signature.takes:
            raise odata_message(f"No function signature for the function with name '{node.name}' matches.")
        getters = [self._comparable(operand) for operand in operands]

        def result(row: Any, item: Any) -> Any:
            values = [getter(row, item) for getter in getters]
            return None if None in values else signature.work_out(*values)

        return Operand(signature.gives, result)

    def _property(self, node: Path) -> Operand:
        names, found, is_of_item = self._resolve(node)
        kind = VALUE_KINDS[found.kind]
        if is_of_item:
            return Operand(kind, lambda _row, item: value_at(item, names))
        if found.kind is Kind.CHOICES:
            return Operand("collection", lambda row, _item: value_at(row, names))
        if len(names) == 1:
            name, default = names[0], found.default
            return Operand(kind, lambda row, _item: row.get(name, default))
        return Operand(kind, lambda row, _item: value_at(row, names))

    def _any_of(self, node: AnyOf) -> Operand:
        names, found, _ = self._resolve(node.path)
        if found.kind not in (Kind.CHOICES, Kind.MODELS):
            raise odata_message("Any/All may only be used following a collection.")
        if node.condition is None:
            return Operand("boolean", lambda row, _item: bool(value_at(row, names)))
        inner = _Compiler(
            self.model, is_case_sensitive=self.is_case_sensitive, variable=node.variable, item=found
        ).condition(node.condition)
        return Operand(
            "boolean", lambda row, _item: any(inner(row, each) is True for each in value_at(row, names) or ())
        )

    def _resolve(self, node: Path) -> tuple[Names, Field, bool]:
        if self.item is not None and node.names[0] == self.variable:
            if len(node.names) == 1:
                return (), self.item, True
            assert self.item.model is not None
            return *resolve(self.item.model, node.names[1:]), True
        return *resolve(self.model, node.names), False


def resolve(model: Model, filter_names: tuple[str, ...]) -> tuple[Names, Field]:
    """Find a property by its UpperCamelCase names; raises RefusedError when the model has none such."""
    names: list[str] = []
    found: Field | None = None
    owner: Model | None = model
    for filter_name in filter_names:
        name = None if owner is None else owner.by_filter_name.get(filter_name)
        if owner is None or name is None:
            type_name = model.name if owner is None else owner.name
            raise odata_message(f"Could not find a property named '{filter_name}' on type '{type_name}'.")
        names.append(name)
        found = owner.fields[name]
        owner = found.model if found.kind is Kind.MODEL else None
    assert found is not None
    return tuple(names), found


def _null_safe(operator_name: str) -> Callable[[Any, Any], bool]:
    compare = COMPARE[operator_name]
    if operator_name in ("eq", "ne"):
        return compare
    return lambda left, right: left is not None and right is not None and compare(left, right)


def _incompatible(operator_name: str, left: str, right: str) -> Exception:
    kinds = f"'{EDM_NAMES.get(left, left)}' and '{EDM_NAMES.get(right, right)}'"
    return odata_message(
        "A binary operator with incompatible types was detected. "
        f"Found operand types {kinds} for operator kind '{OPERATOR_KINDS[operator_name]}'."
    )


def _candidates(node: Node, table: Table, model: Model) -> Iterable[Row] | None:
    if isinstance(node, Comparison):
        return _candidates_of_comparison(node, table, model)
    if not isinstance(node, Junction):
        return None
    if node.word == "and":
        found = (_candidates(each, table, model) for each in node.operands)
        # An index on an equal value answers a list, which is shorter than any range.
        usable = [rows for rows in found if rows is not None]
        return min(usable, key=_is_range, default=None)
    parts = [_candidates(each, table, model) for each in node.operands]
    if any(part is None for part in parts):
        return None
    return {row["id"]: row for part in parts if part is not None for row in part}.values()


def _is_range(rows: Iterable[Row]) -> bool:
    return not isinstance(rows, list)


def _candidates_of_comparison(node: Comparison, table: Table, model: Model) -> Iterable[Row] | None:
    if not isinstance(node.left, Path) or not isinstance(node.right, Literal) or node.right.value is None:
        return None
    names, _ = resolve(model, node.left.names)
    value = node.right.value
    if node.operator == "eq" and table.has_index(names):
        return table.equal(names, value)
    if node.operator == "ne" or not table.has_order(names):
        return None
    low = None if node.operator in ("lt", "le") else value
    high = None if node.operator in ("gt", "ge") else value
    return table.between(names, low, high)
