"""One administration: its settings, its rows, and the calls it has made of late."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from simulators.clock import Clock
from simulators.snelstart import chart
from simulators.snelstart.binding import Binder
from simulators.snelstart.countries import HOME, Countries
from simulators.snelstart.rate_limits import RateLimiter
from simulators.snelstart.refusals import RefusedError, not_found
from simulators.snelstart.settings import LengthErrors, Settings
from simulators.snelstart.tables import Table
from simulators.snelstart.wire import Row, moment_text

FIRST_RELATION_CODE: Final = 1000
UNKNOWN_SUPPLIER_CODE: Final = -1
UNKNOWN_CUSTOMER_CODE: Final = -2
DUTCH_TIME: Final = "Europe/Amsterdam"


class Administration:
    """All that SnelStart keeps for one company; its ids follow from its name, so a restart keeps them."""

    def __init__(self, name: str, settings: Settings, clock: Clock, countries: Countries) -> None:
        self.name = name
        self.identifier = uuid5(NAMESPACE_URL, f"https://web.snelstart.nl/administraties/{name}")
        self.clock = clock
        self.countries = countries
        self.settings = settings
        self.limiter = RateLimiter(settings.limits, clock)
        self.relations = Table(
            equal=[("email",), ("relatiecode",), ("naam",), ("btwNummer",), ("kvkNummer",)],
            ordered=[("modifiedOn",)],
        )
        self.ledgers = Table(equal=[("nummer",), ("grootboekfunctie",)])
        self.bookings = Table(equal=[("klant", "id"), ("factuurnummer",)])
        self.invoices = Table(
            equal=[("factuurnummer",), ("relatie", "id"), ("verkoopBoeking", "id")], ordered=[("modifiedOn",)]
        )
        self.entries = Table(
            equal=[("source",), ("factuurNummer",), ("relatiePublicIdentifier", "id"), ("grootboek", "id")],
            ordered=[("modifiedOn",), ("datum",)],
        )
        self.documents = Table(equal=[("parentIdentifier",)])
        self.settlements = {kind: Table() for kind in ("Bank", "Kas", "Memoriaal")}
        # By booking: what each settlement paid of it.
        self.payments: dict[str, dict[str, Decimal]] = {}
        self._next_code = FIRST_RELATION_CODE
        self._fill()

    def change(self, settings: Settings) -> None:
        """Take new settings; the calls counted so far go on counting."""
        self.settings = settings
        self.limiter.limits = settings.limits

    def now_text(self) -> str:
        """Return the present moment as `modifiedOn` shows it: local, without a zone."""
        zone = ZoneInfo(self.settings.options.modified_on_zone)
        return moment_text(self.clock().astimezone(zone).replace(tzinfo=None))

    @property
    def fiscal_year(self) -> int:
        return self.settings.fiscal_year or self.clock().astimezone(ZoneInfo(DUTCH_TIME)).year

    def binder(self) -> Binder:
        """Return a binder for one request."""
        reports_codes = self.settings.options.length_errors is LengthErrors.CODES
        return Binder(ZoneInfo(DUTCH_TIME), reports_codes=reports_codes)

    def missing(self, code: str) -> RefusedError:
        """Build the 404 of this administration; `code` says what was not found."""
        return not_found(self.settings.options.not_found_body, code)

    def free_relation_code(self) -> int:
        """Return the next relatiecode that no relation has."""
        while self.relations.equal(("relatiecode",), self._next_code):
            self._next_code += 1
        return self._next_code

    def journals(self) -> list[Row]:
        return chart.journals(self.identifier, self.ledgers)

    def cost_centres(self) -> list[Row]:
        return chart.cost_centres(self.identifier)

    def revenue_groups(self) -> list[Row]:
        return chart.revenue_groups(self.identifier)

    def ledger_by_number(self, number: int) -> Row | None:
        return next(iter(self.ledgers.equal(("nummer",), number)), None)

    def ledger_by_function(self, function: str) -> Row | None:
        """Return the first active ledger with the function, None when there is none."""
        found = self.ledgers.equal(("grootboekfunctie",), function)
        return next((ledger for ledger in found if not ledger.get("nonactief")), None)

    def put_ledgers(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add ledgers, or change those that have the number already."""
        for row in rows:
            known = self.ledger_by_number(row["nummer"]) or {"grootboekfunctie": "Diversen"}
            if "grootboekfunctie" in row:
                known = {name: value for name, value in known.items() if name != "btwSoort"}
            merged = {**known, **row, "modifiedOn": self.now_text()}
            self.ledgers.put(chart.complete_ledger(merged, self.identifier))

    def blocks(self, day: date) -> bool:
        return _holds(self.settings.blocked_until, day)

    def accountant_checked(self, day: date) -> bool:
        return _holds(self.settings.accountant_checked_until, day)

    def vat_returned(self, day: date) -> bool:
        return _holds(self.settings.vat_returned_until, day)

    def _fill(self) -> None:
        modified_on = self.now_text()
        for ledger in chart.default_ledgers(self.identifier, modified_on):
            self.ledgers.put(ledger)
        own_name = self.settings.company_name or self.name
        system_relations = (
            (UNKNOWN_SUPPLIER_CODE, "Leverancier onbekend", ("Leverancier",)),
            (UNKNOWN_CUSTOMER_CODE, "Klant onbekend", ("Klant",)),
            (0, own_name[:50], ("Eigen",)),
        )
        for code, name, kinds in system_relations:
            row = {
                "id": chart.own_id(self.identifier, "relaties", code),
                "relatiecode": code,
                "naam": name,
                "relatiesoort": kinds,
                "vestigingsAdres": {"land": self.countries.reference_by_code[HOME]},
                "modifiedOn": modified_on,
            }
            self.relations.put(row)


def _holds(last_day: date | None, day: date) -> bool:
    return last_day is not None and day <= last_day
