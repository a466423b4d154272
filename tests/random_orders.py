"""Books random orders in the SnelStart simulator and counts what it refuses: nothing, on a valid mapping.

`make random-orders COUNT=100000` prints what became of them, by treatment and by reason.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx

from booking_outcomes import outcome
from booking_writer.adapters.snelstart_bookkeeping import SnelstartBookkeeping
from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.case import Case
from booking_writer.domain.rules import Administration, BookingRules
from order_noise import make_noisy_sale
from order_strategies import MARKETS, Pick, RandomPick, Sale, make_sale
from sconnect.clock import SystemClock
from sconnect.errors import SConnectError
from sconnect.ledgers import LedgerColumn, LedgerRefinement, LineKind
from sconnect.snelstart import Credentials, SnelstartSession
from simulators.snelstart import create_app

BASE = "http://snelstart.test"
FIRST_SEED = int(os.environ.get("RANDOM_ORDERS_SEED", "1"))
UNLIMITED = {"per_minute": 10**9, "per_hour": 10**9, "concurrent": 10**6}
ADMINISTRATION = {
    "subscription_key": "subscription-key-of-the-tests",
    "connection_key": "koppelsleutel-of-the-tests",
    "foreign_vat": True,
    "limits": UNLIMITED,
    "fiscal_year": 2017,  # orders of 2012 and 2018 too
}
# The chart of a new administration has no ledgers for these two rate codes.
MORE_LEDGERS = [
    {
        "nummer": number,
        "omschrijving": f"Webwinkel EU {code}",
        "grootboekfunctie": "InstallatieTeleverkoopBinnenEUgeen",
        "vatRateCode": code,
    }
    for number, code in ((8175, "PR"), (8176, "SRR"))
]
COST_CENTRE = 1
REFINEMENTS = (
    LedgerRefinement(
        kind=LineKind.REVENUE,
        sku="BOEK-*",
        numbers={
            LedgerColumn.NL_HIGH: 8000,
            LedgerColumn.NL_LOW: 8010,
            LedgerColumn.NL_OTHER: 8020,
            LedgerColumn.NL_ZERO: 8040,
            LedgerColumn.EXPORT: 8060,
            LedgerColumn.EU_BUSINESS: 8270,
            LedgerColumn.OSS_SR: 8077,
        },
    ),
    LedgerRefinement(
        kind=LineKind.SHIPPING,
        country="CH",
        numbers={LedgerColumn.NL_HIGH: 8200, LedgerColumn.NL_LOW: 8210, LedgerColumn.EXPORT: 8160},
    ),
)
# Its ledger wants a cost centre.
REFINEMENTS_WITH_COST_CENTRE = (
    *REFINEMENTS,
    LedgerRefinement(
        kind=LineKind.PAYMENT_COSTS, payment_method="paypal/paypal", numbers={LedgerColumn.NL_HIGH: 8105}
    ),
)
EU_BUSINESS_CARD = "BE business"
VAT_NUMBER = "BE0123456749"


@dataclass
class Tally:
    """What became of the orders: booked by market, waiting by market and reason, refused one by one.

    `features` counts the booked orders that have something of note.
    """

    booked: Counter[str] = field(default_factory=Counter)
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The counts as lines of text."""
        lines = [f"{'treatment':<20}{'booked':>9}{'not booked':>12}"]
        for market in MARKETS:
            kept = sum(count for (name, _), count in self.waiting.items() if name == market)
            lines.append(f"{market:<20}{self.booked[market]:>9}{kept:>12}")
        kept = self.waiting.total()
        lines += [f"{'all':<20}{self.booked.total():>9}{kept:>12}", "", "booked orders with"]
        lines += _counted(self.features)
        reasons: Counter[str] = Counter()
        for (_, reason), count in self.waiting.items():
            reasons[reason] += count
        lines += ["", "not booked, by reason", *_counted(reasons)]
        lines += ["", f"refused by SnelStart: {len(self.refused)}", *self.refused[:20]]
        return "\n".join(lines)


def _counted(names: Counter[str]) -> list[str]:
    return [f"  {count:>9}  {name}" for name, count in names.most_common()]


def random_sale(seed: int) -> Sale:
    """The order of a seed: every second has something wrong; rules and mapping differ too."""
    pick = RandomPick(seed)
    make = make_noisy_sale if seed % 2 else make_sale
    made = make(pick, untold_rates=True, lines_max=pick.one_of((6,) * 49 + (400,)))
    return replace(made, case=replace(made.case, rules=_settled(made.case.rules, pick)))


def _settled(rules: BookingRules, pick: Pick) -> BookingRules:
    cost_centre = pick.one_of((None, COST_CENTRE))
    refined = REFINEMENTS if cost_centre is None else REFINEMENTS_WITH_COST_CENTRE
    mapping = replace(rules.ledgers, refinements=pick.one_of(((), refined)))
    return replace(rules, ledgers=mapping, cost_centre=cost_centre, payment_term_days=pick.one_of((None, 14)))


@asynccontextmanager
async def simulated_administration() -> AsyncIterator["Desk"]:
    """An administration in a simulator in this process, with a card in every country of the markets."""
    app = create_app(lambda: datetime(2026, 3, 3, 9, tzinfo=UTC))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        await _control(client, "PUT", "", ADMINISTRATION)
        await _control(client, "POST", "/ledgers", MORE_LEDGERS)
        credentials = Credentials(
            token_url=f"{BASE}/b2b/token",
            api_url=f"{BASE}/v2",
            subscription_key=str(ADMINISTRATION["subscription_key"]),
            connection_key=str(ADMINISTRATION["connection_key"]),
        )
        session = SnelstartSession(client, SystemClock(), credentials, total_timeout_seconds=20)
        bookkeeping = SnelstartBookkeeping(session, SystemClock())
        yield Desk(
            bookkeeping=bookkeeping,
            books=await bookkeeping.administration(),
            cards=await _cards(client, bookkeeping),
        )


async def _control(client: httpx.AsyncClient, method: str, path: str, content: object) -> httpx.Response:
    answer = await client.request(method, f"/_control/administrations/tuin{path}", json=content)
    assert answer.is_success, answer.text
    return answer


async def _cards(client: httpx.AsyncClient, bookkeeping: SnelstartBookkeeping) -> dict[str, str]:
    """The id of a card for each country, and of an EU business."""
    countries = {country.code: country.id for country in await bookkeeping._directory.countries()}
    ids = {}
    sold_to = {market.customer.get("country_code", "NL") for market in MARKETS.values()}
    for name in (*sorted(sold_to), EU_BUSINESS_CARD):
        card = {
            "naam": f"{name} Voorbeeld",
            "relatiesoort": ["Klant"],
            "vestigingsAdres": {"land": {"id": countries[name[:2]]}},
            **({"btwNummer": VAT_NUMBER} if name == EU_BUSINESS_CARD else {}),
        }
        ids[name] = (await _control(client, "POST", "/relations", card)).json()["ids"][0]
    return ids


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where random orders are booked."""

    bookkeeping: SnelstartBookkeeping
    books: Administration
    cards: dict[str, str]

    async def book(self, seed: int, tally: Tally) -> None:
        made = random_sale(seed)
        case = self._placed(made, seed)
        result = outcome(case)
        if not isinstance(result, ComposedBooking):
            reason = result.reason if isinstance(result, SkippedOrder) else result
            tally.waiting[made.market, reason.code] += 1
            return
        tally.booked[made.market] += 1
        tally.features.update(_features(case, result))
        try:
            await self.bookkeeping.post_booking(result)
        except SConnectError as refusal:
            tally.refused.append(f"{made.market}, seed {seed}: {refusal}")

    def _placed(self, sale: Sale, number: int) -> Case:
        """The sale with a number of its own, its market's card, and the administration as it was read."""
        country = sale.case.customer.country_code or "NL"
        card = EU_BUSINESS_CARD if sale.market == "eu_business" else country
        return replace(
            sale.case,
            order=replace(sale.order, number=sale.order.number and str(number)),
            customer=replace(sale.case.customer, relation_id=self.cards[card]),
            administration=self.books,
        )


def _features(case: Case, booking: ComposedBooking) -> list[str]:
    """What is worth a count, so that it shows that such orders were booked."""
    order = case.order
    ledgers = {line.ledger_number for line in booking.lines}
    refined = {n for refinement in case.rules.ledgers.refinements for n in refinement.numbers.values()}
    kinds = sorted({line.kind for line in booking.lines} - {LineKind.REVENUE})
    discounts = [line for line in order.lines if line.kind == "discount"]
    found = {
        "prices including VAT": order.prices_include_vat,
        "prices excluding VAT": not order.prices_include_vat,
        "a credit printed negative": order.is_credit and (order.total or "").startswith("-"),
        "a credit printed positive": order.is_credit and not (order.total or "").startswith("-"),
        "a negative total that is no credit": booking.total < 0 and not order.is_credit,
        "a discount without its rate": any(price.rate == "" for each in discounts for price in each.prices),
        "a rate that has gone (other)": any(row.category == "sales_other" for row in booking.vat_rows),
        "no VAT row printed": not order.vat_amounts,
        "a refined ledger": bool(ledgers & refined),
        "a cost centre": case.rules.cost_centre is not None,
        "two rates or more": len({line.rate for line in booking.lines if line.rate}) > 1,
        "100 lines or more": len(order.lines) >= 100,
    }
    return [name for name, is_so in found.items() if is_so] + [f"a line of {kind}" for kind in kinds]


async def book_random_orders(count: int, first_seed: int = FIRST_SEED) -> Tally:
    """Compose and post `count` orders, one for each seed."""
    tally = Tally()
    async with simulated_administration() as desk:
        for seed in range(first_seed, first_seed + count):
            await desk.book(seed, tally)
    return tally


def main() -> int:
    """`python -m random_orders COUNT`: exit code 1 when SnelStart refused anything."""
    tally = asyncio.run(book_random_orders(int(sys.argv[1])))
    sys.stdout.write(tally.table() + "\n")
    return 1 if tally.refused else 0


if __name__ == "__main__":
    sys.exit(main())
