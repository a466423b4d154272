"""The books of a SnelStart administration: the one place with their Dutch names."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from booking_writer.adapters.snelstart_refusals import translate_refusal
from booking_writer.domain.booking import BookingLine, ComposedBooking, SalesVatCategory
from booking_writer.domain.comparison import ExistingBooking, ExistingLine, ExistingVatRow
from booking_writer.domain.refusal import reason, refuse
from booking_writer.domain.rules import Administration
from booking_writer.domain.wording import line_description
from sconnect.clock import Clock
from sconnect.errors import ReasonCode, UpstreamUnavailable
from sconnect.ledgers import ForeignVatRate, VatRateBand
from sconnect.profiles import StoredProfile
from sconnect.snelstart import (
    SnelstartDirectory,
    SnelstartNotFound,
    SnelstartRefused,
    SnelstartSession,
    SnelstartSessions,
    account_of,
    foreign_vat_rates,
    odata,
    vat_periods,
)

BOOKINGS_PATH = "/verkoopboekingen"
INVOICES_PATH = "/verkoopfacturen"

ADMINISTRATION_AGE_SECONDS_MAX = 900
REREAD_INTERVAL_SECONDS_MIN = 60

# Two vocabularies, one for lines and one for VAT rows; a swap is BOE-0082.
BAND_WORDS = MappingProxyType(
    {
        VatRateBand.NONE: "Geen",
        VatRateBand.LOW: "Laag",
        VatRateBand.HIGH: "Hoog",
        VatRateBand.OTHER: "Overig",
    }
)
CATEGORY_WORDS = MappingProxyType(
    {
        SalesVatCategory.SALES_LOW: "VerkopenLaag",
        SalesVatCategory.SALES_HIGH: "VerkopenHoog",
        SalesVatCategory.SALES_OTHER: "VerkopenOverig",
    }
)
BANDS = MappingProxyType({word: band for band, word in BAND_WORDS.items()})
CATEGORIES = MappingProxyType({word: category for category, word in CATEGORY_WORDS.items()})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """An administration as it was at `read_at`, with the ids behind its numbers."""

    administration: Administration
    ledger_ids: Mapping[int, str]
    ledger_numbers: Mapping[str, int]
    cost_centre_ids: Mapping[int, str]
    read_at: datetime


class SnelstartBookkeeping:
    """A Bookkeeping over the B2B API."""

    def __init__(self, session: SnelstartSession, clock: Clock) -> None:
        self._session = session
        self._directory = SnelstartDirectory(session)
        self._clock = clock
        self._reading: _Reading | None = None
        self._one_at_a_time = asyncio.Lock()

    async def administration(self) -> Administration:
        return (await self._read(age_seconds_max=ADMINISTRATION_AGE_SECONDS_MAX)).administration

    async def reread_administration(self) -> Administration:
        return (await self._read(age_seconds_max=REREAD_INTERVAL_SECONDS_MIN)).administration

    async def post_booking(self, booking: ComposedBooking) -> ExistingBooking:
        # However old: reading it anew now would use up the time that the caller keeps for the POST.
        reading = self._reading or await self._read(age_seconds_max=ADMINISTRATION_AGE_SECONDS_MAX)
        try:
            answer = await self._session.post(BOOKINGS_PATH, _content(booking, reading))
        except SnelstartRefused as refusal:
            raise translate_refusal(refusal, booking) from None
        return _read_booking(answer, reading, is_write=True)

    async def find_booking_by_invoice_number(self, invoice_number: str) -> ExistingBooking | None:
        reading = await self._read(age_seconds_max=ADMINISTRATION_AGE_SECONDS_MAX)
        condition = f"Factuurnummer eq {odata.text(invoice_number)}"
        for row in await self._session.get_all(INVOICES_PATH, filter=condition):
            if str(row.get("factuurnummer")).strip().casefold() == invoice_number.casefold():
                return await self._booking_of_invoice(row, reading)
        return None

    async def _booking_of_invoice(self, invoice: Mapping[str, Any], reading: _Reading) -> ExistingBooking:
        booking_id = (invoice.get("verkoopBoeking") or {}).get("id")
        if booking_id is None:
            return _invoice_alone(invoice)
        try:
            booking = await self._session.get(f"{BOOKINGS_PATH}/{booking_id}")
        except SnelstartNotFound:
            return _invoice_alone(invoice)
        return _read_booking(booking, reading, is_write=False)

    async def _read(self, *, age_seconds_max: int) -> _Reading:
        async with self._one_at_a_time:
            oldest = self._clock.now() - timedelta(seconds=age_seconds_max)
            if self._reading is None or self._reading.read_at < oldest:
                self._reading = await self._read_now()
            return self._reading

    async def _read_now(self) -> _Reading:
        read_at = self._clock.now()
        company = await self._directory.company_info()
        ledgers = await self._directory.ledgers()
        cost_centres = [centre for centre in await self._directory.cost_centres() if centre.active]
        periods = await self._directory.vat_rate_periods()
        foreign_rates = await self._foreign_rates() if company.foreign_vat else ()
        numbers = {ledger.id: ledger.number for ledger in ledgers}
        return _Reading(
            administration=Administration(
                id=company.administration_id,
                invoices_foreign_vat=company.foreign_vat,
                vat_periods=vat_periods(periods),
                foreign_vat_rates=foreign_rates,
                foreign_vat_ledger=numbers.get(company.foreign_vat_ledger_id or ""),
                ledgers={ledger.number: account_of(ledger) for ledger in ledgers},
                cost_centres=frozenset(centre.number for centre in cost_centres),
                small_business_scheme=company.small_business_scheme,
            ),
            ledger_ids={ledger.number: ledger.id for ledger in ledgers},
            ledger_numbers=numbers,
            cost_centre_ids={centre.number: centre.id for centre in cost_centres},
            read_at=read_at,
        )

    async def _foreign_rates(self) -> tuple[ForeignVatRate, ...]:
        periods = await self._directory.foreign_vat_rate_periods()
        return foreign_vat_rates(periods, await self._directory.countries())


class SnelstartBooks:
    """Opens a profile's administration; one bookkeeping per version of a profile."""

    def __init__(self, sessions: SnelstartSessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._open: dict[str, tuple[int, SnelstartBookkeeping]] = {}

    def __call__(self, profile: StoredProfile) -> SnelstartBookkeeping:
        name = profile.profile.name
        version, bookkeeping = self._open.get(name, (0, None))
        if bookkeeping is None or version != profile.version:
            bookkeeping = SnelstartBookkeeping(self._sessions.of(profile), self._clock)
            self._open[name] = (profile.version, bookkeeping)
        return bookkeeping


def _content(booking: ComposedBooking, reading: _Reading) -> dict[str, Any]:
    """The request body. Amounts are texts, dates have no time: a zone could shift them a day."""
    content: dict[str, Any] = {
        "factuurnummer": booking.invoice_number,
        "klant": {"id": booking.relation_id},
        "factuurdatum": booking.invoice_date.isoformat(),
        "factuurbedrag": str(booking.total),
        "omschrijving": booking.description,
        "markering": booking.mark_unread,
        "boekingsregels": [_line_content(line, reading) for line in booking.lines],
        "btw": [
            {"btwSoort": CATEGORY_WORDS[row.category], "btwBedrag": str(row.amount)}
            for row in booking.vat_rows
        ],
    }
    if booking.payment_term_days is not None:
        content["betalingstermijn"] = booking.payment_term_days
    return content


def _line_content(line: BookingLine, reading: _Reading) -> dict[str, Any]:
    ledger_id = reading.ledger_ids.get(line.ledger_number)
    if ledger_id is None:  # gone since the booking was composed
        refuse(
            ReasonCode.LEDGER_UNFIT,
            "unknown",
            ledger=line.ledger_number,
            field=f"bookings.ledgers.{line.kind}",
        )
    content = {
        "omschrijving": line_description(line),
        "grootboek": {"id": ledger_id},
        "bedrag": str(line.amount),
        "btwSoort": BAND_WORDS[line.band],
    }
    if line.cost_centre is None:
        return content
    cost_centre_id = reading.cost_centre_ids.get(line.cost_centre)
    if cost_centre_id is None:
        refuse(ReasonCode.LEDGER_UNFIT, "cost_centre_unknown", cost_centre=line.cost_centre)
    return content | {"kostenplaats": {"id": cost_centre_id}}


def _read_booking(row: Any, reading: _Reading, *, is_write: bool) -> ExistingBooking:
    """A booking as the API shows it. Not readable after a write: it was written all the same."""
    try:
        return ExistingBooking(
            booking_id=str(row["id"]),
            invoice_number=str(row["factuurnummer"]),
            invoice_date=_day(row["factuurdatum"]),
            relation_id=str(row["klant"]["id"]),
            total=_amount(row["factuurbedrag"]),
            lines=tuple(_existing_line(line, reading) for line in row["boekingsregels"]),
            vat_rows=tuple(
                ExistingVatRow(category=CATEGORIES.get(entry["btwSoort"]), amount=_amount(entry["btwBedrag"]))
                for entry in row.get("btw") or ()
            ),
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        raise _unreadable("sales_booking", is_write=is_write) from None


def _existing_line(line: Mapping[str, Any], reading: _Reading) -> ExistingLine:
    ledger_id = str(line["grootboek"]["id"])
    return ExistingLine(
        ledger=str(reading.ledger_numbers.get(ledger_id, ledger_id)),
        amount=_amount(line["bedrag"]),
        band=BANDS[line.get("btwSoort") or "Geen"],
    )


def _invoice_alone(invoice: Mapping[str, Any]) -> ExistingBooking:
    """An invoice of SnelStart's own making: it has the number, but no booking to compare."""
    try:
        return ExistingBooking(
            booking_id="",
            invoice_number=str(invoice["factuurnummer"]),
            invoice_date=_day(invoice["factuurDatum"]),
            relation_id=str((invoice.get("relatie") or {}).get("id") or ""),
            total=_amount(invoice["factuurBedrag"]),
            lines=(),
            vat_rows=(),
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        raise _unreadable("sales_invoice", is_write=False) from None


def _day(text: Any) -> date:
    return date.fromisoformat(str(text)[:10])


def _amount(number: Any) -> Decimal:
    return Decimal(str(number))


def _unreadable(part: str, *, is_write: bool) -> UpstreamUnavailable:
    details = reason(ReasonCode.UPSTREAM_UNAVAILABLE, "unreadable_answer", host="SnelStart", part=part)
    return UpstreamUnavailable(details, outcome_unknown=is_write)
