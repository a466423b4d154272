"""$filter, $top, $skip and $select on a collection; the answer is a bare array without a count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from simulators.snelstart.odata_filter import compile_filter
from simulators.snelstart.odata_syntax import FilterSyntaxError
from simulators.snelstart.refusals import Problem, RefusedError, odata_message
from simulators.snelstart.schema import Model
from simulators.snelstart.tables import Table
from simulators.snelstart.wire import Reply, Row

PAGE_SIZE_MAX: Final = 500


@dataclass(frozen=True)
class Collection:
    """The rows of a model that $filter can be asked of; case rules come from the administration."""

    model: Model
    rows: Table | Iterable[Row]
    is_case_sensitive: bool = False

    def page(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the page that the query asks for; raises RefusedError."""
        skip = _count(query, "$skip", 0)
        top = _count(query, "$top", PAGE_SIZE_MAX)
        if top > PAGE_SIZE_MAX:
            raise _over_the_top(top)
        if "$expand" in query:
            raise odata_message("The query option '$expand' is not allowed.")
        selected = self._selected(query.get("$select"))
        rows = islice(self._matching(query.get("$filter")), skip, skip + top)
        # $orderby has no known effect: it is let by and does nothing.
        return [self._shown(row, selected) for row in rows]

    def _matching(self, text: str | None) -> Iterable[Row]:
        if not text:
            return self.rows
        try:
            asked = compile_filter(text, self.model, is_case_sensitive=self.is_case_sensitive)
        except FilterSyntaxError as error:
            raise RefusedError(Reply(400, [Problem("ALG-0104", str(error)).as_json()])) from error
        rows = asked.candidates(self.rows, self.model) if isinstance(self.rows, Table) else None
        return (row for row in (self.rows if rows is None else rows) if asked.accepts(row))

    def _selected(self, text: str | None) -> frozenset[str] | None:
        if not text:
            return None
        names = [name.strip() for name in text.split(",")]
        unknown = next((name for name in names if name not in self.model.by_filter_name), None)
        if unknown is not None:
            raise odata_message(f"Could not find a property named '{unknown}' on type '{self.model.name}'.")
        return frozenset(self.model.by_filter_name[name] for name in names)

    def _shown(self, row: Row, selected: frozenset[str] | None) -> dict[str, Any]:
        shown = self.model.show(row)
        if selected is None:
            return shown
        return {name: value for name, value in shown.items() if name in selected}


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()):
        raise odata_message(
            "The query specified in the URI is not valid. "
            f"Invalid value '{text}' for {name} query option found."
        )
    return int(text)


def _over_the_top(top: int) -> RefusedError:
    return odata_message(
        f"The query specified in the URI is not valid. The limit of '{PAGE_SIZE_MAX}' for Top query has been "
        f"exceeded. The value from the incoming request is '{top}'."
    )
