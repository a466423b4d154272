"""Reading the query of the order endpoints: filters, order, page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

from simulators.webshop.problems import Refusal
from simulators.webshop.shops import Order, is_test_order
from simulators.webshop.switches import ApiSwitches

LIMIT_DEFAULT: Final = 10
LIMIT_MAX: Final = 100

# The API's own page sends booleans as 0 and 1; its contract writes true and false.
FLAGS: Final = {"0": False, "1": True, "false": False, "true": True}

ValueT = TypeVar("ValueT")


class Parameters:
    """Reads the parameters of one call; collects what is wrong, and `check` refuses the call for it."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._errors: dict[str, str] = {}

    def read(self, name: str, parse: Callable[[str], ValueT], *, expected: str) -> ValueT | None:
        """Return the parameter as `parse` reads it; None when it is absent or wrong."""
        text = self._given.get(name, "")
        if not text:
            return None
        try:
            return parse(text)
        except (KeyError, ValueError):
            self._errors[name] = f"This value should be {expected}."
            return None

    def text(self, name: str) -> str | None:
        return self._given.get(name) or None

    def integer(self, name: str) -> int | None:
        return self.read(name, int, expected="an integer")

    def count(self, name: str) -> int | None:
        return self.read(name, _natural_number, expected="an integer of 0 or more")

    def flag(self, name: str) -> bool | None:
        return self.read(name, FLAGS.__getitem__, expected="a boolean")

    def day(self, name: str) -> date | None:
        return self.read(name, _day, expected="a date (yyyy-mm-dd)")

    def moment(self, name: str) -> str | None:
        return self.read(name, _moment, expected="a date and time (yyyy-mm-dd hh:mm:ss)")

    def add_error(self, name: str, error: str) -> None:
        self._errors[name] = error

    def check(self) -> None:
        """Refuse the call when a parameter was wrong."""
        if self._errors:
            raise Refusal(422, "The query parameters are not valid.", self._errors)


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders a call asks for."""

    start_date: date | None
    end_date: date | None
    end_date_inclusive: bool
    archived: bool | None
    status_id: int | None
    status_changed_start: str | None
    status_changed_end: str | None
    test: bool
    debtor_email: str | None = None
    debtor_id: str | None = None

    def selects(self, order: Order) -> bool:
        """Tell whether the order passes all filters."""
        return (
            (self.test or not is_test_order(order))
            and self.archived in (None, order.get("archived", False))
            and self.status_id in (None, int(order["status"]))
            and self._placed_in_time(date.fromisoformat(order["date"]))
            and self._changed_in_time(order)
            and self._debtor_asked_for(order)
        )

    def _placed_in_time(self, day: date) -> bool:
        if self.start_date and day < self.start_date:
            return False
        if self.end_date is None:
            return True
        return day <= self.end_date if self.end_date_inclusive else day < self.end_date

    def _changed_in_time(self, order: Order) -> bool:
        day = order.get("status_changed_date", order["date"])
        changed = f"{day} {order.get('status_changed_time', order['time'])}"
        return (self.status_changed_start or changed) <= changed <= (self.status_changed_end or changed)

    def _debtor_asked_for(self, order: Order) -> bool:
        if self.debtor_email is None and self.debtor_id is None:
            return True
        debtor = order.get("debtor") or {}
        email = (debtor.get("email") or "").strip().lower()
        by_email = self.debtor_email is not None and email == self.debtor_email.strip().lower()
        return by_email or (self.debtor_id is not None and debtor.get("id") == self.debtor_id)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of the selected orders a call asks for."""

    limit: int
    offset: int
    descending: bool

    def of(self, orders: Iterable[Order]) -> list[Order]:
        """Return the page, ordered by number: the only order the API knows."""
        ordered = sorted(orders, key=number_in_series, reverse=self.descending)
        return ordered[self.offset : self.offset + self.limit]


def number_in_series(order: Order) -> int:
    """Return the order number as the API sorts it: without a test mark."""
    return int("".join(sign for sign in str(order["number"]) if sign.isdigit()) or 0)


def read_filter(parameters: Parameters, switches: ApiSwitches) -> OrderFilter:
    """Read the filters that the list and the count have in common."""
    archived = parameters.flag("archived")
    if archived is None and switches.archived_omitted == "active":
        archived = False
    return OrderFilter(
        start_date=parameters.day("start_date"),
        end_date=parameters.day("end_date"),
        end_date_inclusive=switches.end_date_inclusive,
        archived=archived,
        status_id=parameters.integer("status_id"),
        status_changed_start=parameters.moment("status_changed_start_date"),
        status_changed_end=parameters.moment("status_changed_end_date"),
        test=parameters.flag("test") or False,
    )


def read_page(parameters: Parameters, switches: ApiSwitches) -> Page:
    """Read the page; whether a limit above the maximum is lowered or refused is a switch."""
    limit = parameters.count("limit")
    if limit is not None and limit > LIMIT_MAX and switches.limit_above_maximum == "refuse":
        parameters.add_error("limit", f"This value should be {LIMIT_MAX} or less.")
    descending = parameters.read("ordering", {"asc": False, "desc": True}.__getitem__, expected="asc or desc")
    return Page(
        limit=min(LIMIT_DEFAULT if limit is None else limit, LIMIT_MAX),
        offset=parameters.count("offset") or 0,
        descending=bool(descending),
    )


def _natural_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - the shop's dates have no zone


def _moment(text: str) -> str:
    return f"{datetime.strptime(text, '%Y-%m-%d %H:%M:%S'):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ007 - idem
