"""The text of a $filter, read into a tree: the part of OData v3 that SnelStart documents.

or  and  not  eq ne gt ge lt le   'text'  12.50  true  null  guid'…'  datetime'…'
Naam   VestigingsAdres/Land/Id   Relatiesoort/any(r:r eq 'Klant')   startswith(Naam,'x')
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from simulators.snelstart.wire import moment_text

OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<typed>(?:guid|datetime)'[^']*')
      | (?P<text>'(?:[^']|'')*')
      | (?P<number>-?\d+(?:\.\d+)?[mMdDfFlL]?(?![\w-]))
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>[(),/:])""",
    re.VERBOSE | re.ASCII,
)
# A filter deeper than this is a mistake; the limit keeps the reader's recursion harmless.
DEPTH_MAX = 50


class FilterSyntaxError(ValueError):
    """The text is no filter of this dialect."""


@dataclass(frozen=True)
class Literal:
    """A constant; `kind` is text, number, boolean, guid, moment or null."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Path:
    """A property, by the names on the way to it."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class AnyOf:
    """`path/any(variable:condition)`; without a condition: is there any item at all."""

    path: Path
    variable: str | None
    condition: "Node | None"


@dataclass(frozen=True)
class Comparison:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Not:
    operand: "Node"


@dataclass(frozen=True)
class Junction:
    """Two or more conditions joined by one `and` or `or`."""

    word: str
    operands: tuple["Node", ...]


Node: TypeAlias = Literal | Path | Function | AnyOf | Comparison | Not | Junction


def parse(text: str) -> Node:
    """Read a filter; raises FilterSyntaxError."""
    reader = _Reader(list(_tokens(text)))
    node = reader.junction("or")
    reader.expect_end()
    return node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise FilterSyntaxError(f"unexpected character at position {place}")
        if match.lastgroup != "space":
            yield match.lastgroup, match.group()
        place = match.end()


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._place = 0
        self._depth = 0

    def junction(self, word: str) -> Node:
        operands = [self._operand_of(word)]
        while self._take_word(word):
            operands.append(self._operand_of(word))
        return operands[0] if len(operands) == 1 else Junction(word, tuple(operands))

    def expect_end(self) -> None:
        if self._next[0] != "end":
            raise FilterSyntaxError(f"unexpected {self._next[1]!r}")

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place]

    def _advance(self) -> str:
        token = self._next[1]
        self._place += 1
        return token

    def _take_word(self, *words: str) -> str | None:
        return self._advance() if self._next[0] == "word" and self._next[1] in words else None

    def _take_mark(self, mark: str) -> bool:
        return self._next == ("mark", mark) and bool(self._advance())

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise FilterSyntaxError(f"{mark!r} expected before {self._next[1]!r}")

    def _operand_of(self, word: str) -> Node:
        return self.junction("and") if word == "or" else self._negation()

    def _negation(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise FilterSyntaxError("the filter is nested too deep")
        node = Not(self._negation()) if self._take_word("not") else self._comparison()
        self._depth -= 1
        return node

    def _comparison(self) -> Node:
        left = self._value()
        operator = self._take_word(*OPERATORS)
        return left if operator is None else Comparison(operator, left, self._value())

    def _value(self) -> Node:
        if self._take_mark("("):
            node = self.junction("or")
            self._expect_mark(")")
            return node
        kind, token = self._next
        if kind == "word" and token not in ("true", "false", "null"):
            return self._named()
        self._advance()
        return _literal(kind, token)

    def _named(self) -> Node:
        name = self._advance()
        if self._take_mark("("):
            return Function(name, self._arguments())
        names = [name]
        while self._take_mark("/"):
            if self._take_word("any"):
                return self._any_of(Path(tuple(names)))
            names.append(self._name())
        return Path(tuple(names))

    def _name(self) -> str:
        if self._next[0] != "word":
            raise FilterSyntaxError(f"a name expected before {self._next[1]!r}")
        return self._advance()

    def _arguments(self) -> tuple[Node, ...]:
        arguments: list[Node] = []
        while not self._take_mark(")"):
            if arguments:
                self._expect_mark(",")
            arguments.append(self.junction("or"))
        return tuple(arguments)

    def _any_of(self, path: Path) -> AnyOf:
        self._expect_mark("(")
        if self._take_mark(")"):
            return AnyOf(path, None, None)
        variable = self._name()
        self._expect_mark(":")
        condition = self.junction("or")
        self._expect_mark(")")
        return AnyOf(path, variable, condition)


def _literal(kind: str, token: str) -> Literal:
    try:
        return _read_literal(kind, token)
    except ValueError as error:
        raise FilterSyntaxError(f"{token!r} is no value") from error


def _read_literal(kind: str, token: str) -> Literal:
    if kind == "text":
        return Literal("text", token[1:-1].replace("''", "'"))
    if kind == "number":
        return Literal("number", Decimal(token.rstrip("mMdDfFlL")))
    if kind == "typed" and token.startswith("guid"):
        return Literal("guid", str(UUID(token[5:-1])))
    if kind == "typed":
        return Literal("moment", _moment(token[9:-1]))
    if token in ("true", "false"):
        return Literal("boolean", token == "true")
    if token == "null":
        return Literal("null", None)
    raise ValueError(token)


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    # Edm.DateTime of OData v3 has no zone; datetimeoffset is another kind.
    if moment.tzinfo is not None:
        raise ValueError(text)
    return moment_text(moment)
