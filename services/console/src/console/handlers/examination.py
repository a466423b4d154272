"""Looks at a profile's shop and books, and tells what is wrong or doubtful about the profile."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from console.domain.findings import Finding, about_ledgers, refusal, warning
from console.domain.permissions import CONNECTION_KEY_FIELD, check_permissions
from console.ports import Bookkeeping, OpenedBooks, Shop
from sconnect.clock import Clock, dutch_date
from sconnect.errors import MisconfiguredError, RejectedError, TransientError
from sconnect.ledgers import (
    Books,
    SeenSale,
    ShopSales,
    ShopTerms,
    check_mapping,
    foreign_vat_countries,
    sales_of_orders,
    sales_of_regions,
)
from sconnect.profiles import Profile, mapping_settings, shop_terms

T = TypeVar("T")

SHOP_KEY_FIELD = "shop.token"
VendorTrouble = (MisconfiguredError, TransientError, RejectedError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Examination:
    """`opened` is None when nobody could log in to the books.

    `books` and `sales` also when there was no need, or no right, to look at them.
    """

    opened: OpenedBooks | None
    findings: tuple[Finding, ...]
    books: Books | None = None
    sales: ShopSales | None = None

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_refusal)


class Examiner:
    """Reads at both vendors and changes nothing."""

    def __init__(self, *, shop: Shop, bookkeeping: Bookkeeping, clock: Clock) -> None:
        self._shop = shop
        self._bookkeeping = bookkeeping
        self._clock = clock

    async def examine(self, profile: Profile) -> Examination:
        shop_findings, sales = await self._look_into_shop(profile)
        try:
            opened = await self._bookkeeping.log_in(profile)
            findings = check_permissions(opened.granted, makes_customers=profile.customers.policy != "manual")
            if any(finding.is_refusal for finding in findings):
                return Examination(opened=opened, findings=(*shop_findings, *findings), sales=sales)
            books = await self._bookkeeping.books(profile)
        except VendorTrouble as error:
            trouble = _finding(error, about=CONNECTION_KEY_FIELD, party="bookkeeping")
            return Examination(opened=None, findings=(*shop_findings, trouble), sales=sales)
        mapping = self._check_mapping(profile, books, sales)
        return Examination(
            opened=opened, findings=(*shop_findings, *findings, *mapping), books=books, sales=sales
        )

    async def try_shop(self, profile: Profile) -> tuple[Finding, ...]:
        """What keeps the profile's key from opening the shop; nothing when it opens."""
        closed = await _trouble(self._shop.log_in(profile), about=SHOP_KEY_FIELD, party="shop")
        return () if closed is None else (closed,)

    async def try_bookkeeping(self, profile: Profile) -> tuple[OpenedBooks | None, tuple[Finding, ...]]:
        """The administration that the profile's keys open, and which permissions they lack."""
        try:
            opened = await self._bookkeeping.log_in(profile)
        except VendorTrouble as error:
            return None, (_finding(error, about=CONNECTION_KEY_FIELD, party="bookkeeping"),)
        makes_customers = profile.customers.policy != "manual"
        return opened, check_permissions(opened.granted, makes_customers=makes_customers)

    def seen_sales(self, profile: Profile, books: Books, sales: ShopSales) -> tuple[SeenSale, ...]:
        """What the shop's recent orders and VAT settings need a ledger for."""
        terms = shop_terms(profile)
        return (
            *sales_of_orders(sales.orders, terms, books),
            *sales_of_regions(sales.regions, terms, books, dutch_date(self._clock.now())),
        )

    async def _look_into_shop(self, profile: Profile) -> tuple[tuple[Finding, ...], ShopSales | None]:
        closed = await self.try_shop(profile)
        if closed:
            return closed, None
        try:
            return (), await self._shop.sales(profile)
        except VendorTrouble:
            # The key is right, so this keeps nobody from saving: only one check less was made.
            return (warning("command.shop_sales_unread", about="bookings.ledgers"),), None

    def _check_mapping(self, profile: Profile, books: Books, sales: ShopSales | None) -> tuple[Finding, ...]:
        settings = mapping_settings(profile)
        if settings is None:
            return ()
        known = sales or ShopSales()
        seen = self.seen_sales(profile, books, known)
        findings = check_mapping(settings, books, seen=seen, vat_was_seen=known.vat_was_seen)
        return (
            *(about_ledgers(finding) for finding in findings),
            *_foreign_vat(known, shop_terms(profile), books),
        )


def _foreign_vat(sales: ShopSales, terms: ShopTerms, books: Books) -> tuple[Finding, ...]:
    """Orders with the VAT of another country wait for as long as SnelStart does not know that VAT."""
    countries = foreign_vat_countries(sales.orders, terms)
    if books.invoices_foreign_vat or terms.small_business_scheme or not countries:
        return ()
    named = ", ".join(countries)
    return (warning("command.foreign_vat_needed", about="bookings.ledgers.revenue.oss", countries=named),)


async def _trouble(call: Awaitable[None], *, about: str, party: str) -> Finding | None:
    try:
        await call
    except VendorTrouble as error:
        return _finding(error, about=about, party=party)
    return None


def _finding(
    error: MisconfiguredError | TransientError | RejectedError, *, about: str, party: str
) -> Finding:
    """What kept us from logging in: a refused key by its own sentence, anything else as no answer."""
    if isinstance(error, MisconfiguredError):
        return refusal(f"reason.{error.reason.text_key}", about=about, **error.reason.details)
    if isinstance(error, RejectedError):
        return refusal(f"command.{party}_refuses", about=about, **error.reason.details)
    return refusal(f"command.{party}_unreachable", about=about, **error.reason.details)
