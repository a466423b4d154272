"""Rows in memory by id, with indexes for the filters that connectors ask most."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from simulators.snelstart.wire import Row

# A property by the JSON names on the way to it.
Names: TypeAlias = tuple[str, ...]

BY_ID: Names = ("id",)


def value_at(row: Any, names: Names) -> Any:
    """Return the value of a property, None when it or anything on the way to it is absent."""
    for name in names:
        if row is None:
            return None
        row = row.get(name)
    return row


class Table:
    """Rows in the order in which they came, found by id, by an equal value and by a range of values.

    An index on texts pays no heed to case: what it finds are candidates, to be filtered by the caller.
    """

    def __init__(self, *, equal: Iterable[Names] = (), ordered: Iterable[Names] = ()) -> None:
        self._rows: dict[str, Row] = {}
        self._equal: dict[Names, dict[Any, list[str]]] = {names: {} for names in equal}
        self._ordered: dict[Names, list[tuple[Any, str]]] = {names: [] for names in ordered}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def get(self, row_id: str | None) -> Row | None:
        return None if row_id is None else self._rows.get(row_id)

    def put(self, row: Row) -> None:
        """Add the row, or put it in the place of the one with its id; never change a row in the table."""
        self._unindex(row["id"])
        self._rows[row["id"]] = row
        for names, index in self._equal.items():
            key = _key(value_at(row, names))
            if key is not None:
                index.setdefault(key, []).append(row["id"])
        for names, order in self._ordered.items():
            insort(order, (value_at(row, names), row["id"]))

    def remove(self, row_id: str) -> None:
        self._unindex(row_id)
        self._rows.pop(row_id, None)

    def has_index(self, names: Names) -> bool:
        return names == BY_ID or names in self._equal

    def has_order(self, names: Names) -> bool:
        return names in self._ordered

    def equal(self, names: Names, value: Any) -> Sequence[Row]:
        """Return the rows with that value, for texts whatever their case."""
        if names == BY_ID:
            return [self._rows[value]] if value in self._rows else []
        return [self._rows[row_id] for row_id in self._equal[names].get(_key(value), ())]

    def between(self, names: Names, low: Any = None, high: Any = None) -> Iterable[Row]:
        """Return the rows from `low` up to and including `high`, in order; None leaves an end open."""
        order = self._ordered[names]
        start = 0 if low is None else bisect_left(order, low, key=_first)
        stop = len(order) if high is None else bisect_right(order, high, key=_first)
        return (self._rows[row_id] for _, row_id in islice(order, start, stop))

    def _unindex(self, row_id: str) -> None:
        row = self._rows.get(row_id)
        if row is None:
            return
        for names, index in self._equal.items():
            key = _key(value_at(row, names))
            if key is not None:
                index[key].remove(row_id)
        for names, order in self._ordered.items():
            del order[bisect_left(order, (value_at(row, names), row_id))]


def _first(entry: tuple[Any, str]) -> Any:
    return entry[0]


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
