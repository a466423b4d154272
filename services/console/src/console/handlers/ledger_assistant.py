"""Helps to fill in a profile's ledgers: proposes them, tries them on the shop's last orders, keeps them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from console.domain.findings import Finding, about_ledgers, warning
from console.domain.ledger_proposal import LEDGERS_PATH, ProposedLedger, Situation, propose_ledgers
from console.domain.previews import LastOrders
from console.handlers.examination import Examination, Examiner
from console.handlers.previews import Preview, PreviewDesk
from console.handlers.profiles import ProfileDesk, ProfileRefused
from sconnect.ledgers import (
    TREATED_KINDS,
    Books,
    MappingSettings,
    ShopSales,
    check_mapping,
    foreign_vat_countries,
)
from sconnect.profiles import (
    BookingSettings,
    Ledgers,
    Profile,
    StoredProfile,
    ledger_mapping,
    mapping_settings,
    shop_terms,
)

LEDGER_FINDINGS = "ledgers."


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerProposal:
    """`findings` is what would still be wrong or doubtful with these ledgers; `remarks` what a person should
    know beside them. `orders_seen` counts the recent orders that told what is needed."""

    stored: StoredProfile
    books: Books
    ledgers: Ledgers
    choices: tuple[ProposedLedger, ...]
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    orders_seen: int

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        return tuple(choice.field for choice in self.choices if choice.is_unconfirmed)


class LedgerAssistant:
    """Reads at both vendors; only `keep` changes something, and that is the profile."""

    def __init__(self, *, profiles: ProfileDesk, examiner: Examiner, previews: PreviewDesk) -> None:
        self._profiles = profiles
        self._examiner = examiner
        self._previews = previews

    async def propose(self, name: str) -> LedgerProposal:
        """For a profile with or without ledgers, switched off or on.

        NotKnown: no such profile. ProfileRefused: shop or administration cannot be looked into.
        """
        stored = await self._profiles.profile(name)
        examination = await self._examiner.examine(stored.profile)
        books = _books_of(examination)
        sales = examination.sales or ShopSales()
        choices = propose_ledgers(self._situation(stored.profile, books, sales))
        ledgers = _as_ledgers(choices, stored.profile.bookings)
        return LedgerProposal(
            stored=stored,
            books=books,
            ledgers=ledgers,
            choices=choices,
            findings=self._findings(stored.profile, ledgers, books, sales, choices),
            remarks=tuple(_remarks(stored.profile, books, sales)),
            orders_seen=len(sales.orders),
        )

    async def try_out(self, proposal: LedgerProposal, *, orders: int, by: str) -> Preview:
        """What the last orders of the shop would become with these ledgers; nothing is booked.

        NotSensible: more orders than a preview takes.
        """
        asked = await self._previews.ask(
            proposal.stored.profile.name, LastOrders(count=orders), ledgers=proposal.ledgers, by=by
        )
        return await self._previews.finished(asked.id)

    async def keep(self, proposal: LedgerProposal, *, by: str) -> StoredProfile:
        """Save the proposal in its profile, every ledger that nobody looked at marked as such."""
        applied = await self._profiles.save_ledgers(
            proposal.stored, proposal.ledgers, unconfirmed=proposal.unconfirmed, by=by
        )
        return applied.stored

    def _situation(self, profile: Profile, books: Books, sales: ShopSales) -> Situation:
        bookings = profile.bookings
        return Situation(
            books=books,
            seen=self._examiner.seen_sales(profile, books, sales),
            mapping=ledger_mapping(bookings.ledgers or Ledgers()),
            unconfirmed=frozenset(bookings.unconfirmed_ledgers),
            has_cost_centre=bookings.cost_centre is not None,
            small_business_scheme=profile.shop.small_business_scheme,
        )

    def _findings(
        self,
        profile: Profile,
        ledgers: Ledgers,
        books: Books,
        sales: ShopSales,
        choices: tuple[ProposedLedger, ...],
    ) -> tuple[Finding, ...]:
        """The checks of the proposal, less what it says itself: what is unconfirmed, and what is open."""
        bookings = profile.bookings.model_copy(update={"ledgers": ledgers, "unconfirmed_ledgers": ()})
        settings = mapping_settings(profile.model_copy(update={"bookings": bookings}))
        findings = check_mapping(
            settings or MappingSettings(mapping=ledger_mapping(ledgers)),
            books,
            seen=self._examiner.seen_sales(profile, books, sales),
            vat_was_seen=sales.vat_was_seen,
        )
        opened = {f"{LEDGERS_PATH}{choice.field}" for choice in choices if choice.is_open}
        return tuple(about_ledgers(found) for found in findings if found.details["field"] not in opened)


def _books_of(examination: Examination) -> Books:
    """Ledgers that do not exist are what the assistant is for; every other refusal is in its way."""
    refusals = [f for f in examination.refusals if not f.text_key.startswith(LEDGER_FINDINGS)]
    if refusals or examination.books is None:
        raise ProfileRefused(refusals)
    return examination.books


def _as_ledgers(choices: Iterable[ProposedLedger], bookings: BookingSettings) -> Ledgers:
    """The proposal as a profile states it; refinements stay as they are."""
    document: dict[str, Any] = {kind.value: {"oss": {}} for kind in TREATED_KINDS}
    for choice in choices:
        if choice.number is None:
            continue
        kind, _, column = choice.field.partition(".")
        place, _, code = column.partition(".")
        if not column:
            document[kind] = choice.number
        elif code:
            document[kind][place][code] = choice.number
        else:
            document[kind][place] = choice.number
    ledgers = Ledgers.model_validate(document)
    kept = bookings.ledgers or Ledgers()
    return ledgers.model_copy(update={"refinements": kept.refinements})


def _remarks(profile: Profile, books: Books, sales: ShopSales) -> Iterator[Finding]:
    terms = shop_terms(profile)
    countries = set(foreign_vat_countries(sales.orders, terms))
    countries |= {region.country for region in sales.regions} - {terms.home_country}
    if countries and not books.invoices_foreign_vat and not terms.small_business_scheme:
        yield warning("proposal.foreign_vat_off", countries=", ".join(sorted(countries)))
    if not sales.orders:
        yield warning("proposal.no_orders")
    if not sales.regions:
        yield warning("proposal.no_vat_settings")
