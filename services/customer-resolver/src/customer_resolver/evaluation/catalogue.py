"""A file of SnelStart relations in memory, found by their keys: a mirror for one run."""

import gc
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from pathlib import Path
from sys import intern

from customer_resolver.adapters import relation_documents
from customer_resolver.adapters.snelstart_customers import read_relation
from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition import (
    CARRIERS_MAX,
    Candidates,
    Statistics,
    StatisticsCount,
    keys_of_buyer,
    keys_of_relation,
)
from customer_resolver.domain.relations import Relation
from customer_resolver.evaluation.lines import bad_line, read_objects
from sconnect.errors import UpstreamUnavailable

ADMINISTRATION_ID = "file"

# JSON may hold half of a character that takes two; whoever wrote it in a name must not stop the run.
_LONE_HALVES = "surrogatepass"

_Run = tuple["array[int]", "array[int]"]

# So many keys are sorted at a time, as numbers of Python; what is sorted lies flat, at 12 bytes a key.
_SORTED_AT_A_TIME = 1_000_000


class Catalogue:
    """The relations, packed until one is asked for, and two flat arrays of keys and rows."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._packed: list[bytes] = []
        count = StatisticsCount()
        pairs: list[tuple[int, int]] = []
        runs: list[_Run] = []
        # Millions of objects that all stay: without this the collector walks them again and again.
        gc.disable()
        try:
            for row, relation in enumerate(relations):
                self._packed.append(_pack(relation))
                count.add(relation)
                pairs.extend((key, row) for key in keys_of_relation(relation, ADMINISTRATION_ID))
                if len(pairs) >= _SORTED_AT_A_TIME:
                    runs.append(_sorted_run(pairs))
                    pairs.clear()
            runs.append(_sorted_run(pairs))
            pairs.clear()
            self._keys, self._rows = array("q"), array("I")
            for key, row in merge(*(zip(keys, rows, strict=True) for keys, rows in runs)):
                self._keys.append(key)
                self._rows.append(row)
        finally:
            gc.enable()
            gc.freeze()
        self.statistics: Statistics = count.statistics()

    def candidates(self, buyer: Buyer, *, without: frozenset[str] = frozenset()) -> Candidates:
        """What the mirror would find for a buyer, if the relations in `without` did not exist."""
        carriers: dict[int, int] = {}
        found: set[int] = set()
        unpacked = _Unpacked(self._packed)
        for key in keys_of_buyer(buyer, ADMINISTRATION_ID):
            rows = [
                row for row in self._rows_of(key) if not without or unpacked[row].relation_id not in without
            ]
            if rows:
                carriers[key] = len(rows)
            if len(rows) <= CARRIERS_MAX:
                found.update(rows)
        return Candidates(relations=tuple(unpacked[row] for row in sorted(found)), carriers=carriers)

    def _rows_of(self, key: int) -> "array[int]":
        """At most one more than counts."""
        first = bisect_left(self._keys, key)
        last = first
        end = min(len(self._keys), first + CARRIERS_MAX + 1)
        while last < end and self._keys[last] == key:
            last += 1
        return self._rows[first:last]


class _Unpacked(dict[int, Relation]):
    """Relations by their row, each unpacked once."""

    def __init__(self, packed: list[bytes]) -> None:
        self._packed = packed

    def __missing__(self, row: int) -> Relation:
        relation = relation_documents.read_relation(self._packed[row].decode("utf-8", _LONE_HALVES))
        self[row] = relation
        return relation


def _pack(relation: Relation) -> bytes:
    return relation_documents.write_relation(relation).encode("utf-8", _LONE_HALVES)


def _sorted_run(pairs: list[tuple[int, int]]) -> _Run:
    pairs.sort()
    return array("q", (key for key, _ in pairs)), array("I", (row for _, row in pairs))


def read_relations(file: Path, country_codes: Mapping[str, str]) -> Iterator[Relation]:
    """The relations of a file; a second one with the same id is refused, and so is a line that is none."""
    seen: set[str] = set()
    for line, row in read_objects(file):
        try:
            relation = read_relation(row, country_codes)
        except UpstreamUnavailable:
            raise bad_line(file, line, "no SnelStart relation (an id is needed)") from None
        if relation.relation_id in seen:
            raise bad_line(file, line, "a relation that stands in the file already")
        seen.add(relation.relation_id)
        yield relation


def read_country_codes(file: Path | None) -> dict[str, str]:
    """From the answer of GET /landen, one land a line: the two letters of each id."""
    if file is None:
        return {}
    return {
        str(row.get("id")): intern(str(row.get("landcode") or "").upper()) for _, row in read_objects(file)
    }
