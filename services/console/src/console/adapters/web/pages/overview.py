"""How it goes: what needs a person, each profile with its runs, and where the orders stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.charts import BARS_HEIGHT, BARS_WIDTH, Bar, Slice, bars, stacked_bar
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.words import Words
from console.adapters.web.sentences import finding_sentence, reason_sentence
from console.domain.search import DayFigures
from console.domain.standing import OrderStatus
from console.handlers.status import ProductStatus, ProfileStatus

DAYS_SHOWN = 30
CENTS_PER_EURO = 100
# Most urgent first.
STATUSES = (
    OrderStatus.DEAD_LETTERED,
    OrderStatus.WAITING,
    OrderStatus.IN_PROGRESS,
    OrderStatus.BOOKED,
    OrderStatus.SKIPPED,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayChart:
    """A bar per day, and what the days come to."""

    total: str
    bars: Sequence[Bar]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileCard:
    """A profile with everything that stands in its way, in words."""

    profile: ProfileStatus
    trouble: tuple[str, ...]

    @property
    def imported(self) -> int:
        return sum(self.profile.orders.values())


def overview_pages(frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    async def show_overview(request: Request) -> Response:
        status = await desks.status.status()
        words = frame.words(request)
        counts = _counts(status)
        slices = [
            Slice(label=words.text(f"status.{known.value}"), value=counts[known], kind=known.value)
            for known in STATUSES
        ]
        days = await desks.orders.last_days(DAYS_SHOWN)
        return await frame.page(
            request,
            "overview.html",
            days=[(figures, _euros(figures.booked_cents)) for figures in days],
            charts=_charts(days, words),
            charts_size=(BARS_WIDTH, BARS_HEIGHT),
            product=status,
            counts=counts,
            statuses=STATUSES,
            cards=[_card(profile, words.language) for profile in status.profiles],
            standing=stacked_bar(slices),
        )

    return router


def _charts(days: Sequence[DayFigures], words: Words) -> Mapping[str, DayChart]:
    def chart(told: Callable[[DayFigures], str], value: Callable[[DayFigures], int]) -> list[Bar]:
        return bars([(f"{words.day(figures.day)}: {told(figures)}", value(figures)) for figures in days])

    orders = sum(figures.orders for figures in days)
    revenue = _euros(sum(figures.booked_cents for figures in days))
    return {
        "orders": DayChart(
            total=words.number(orders),
            bars=chart(lambda each: words.number(each.orders), lambda each: each.orders),
        ),
        "revenue": DayChart(
            total=words.money(revenue),
            bars=chart(lambda each: words.money(_euros(each.booked_cents)), lambda each: each.booked_cents),
        ),
    }


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / CENTS_PER_EURO


def _counts(status: ProductStatus) -> Mapping[OrderStatus, int]:
    return {known: sum(profile.orders.get(known, 0) for profile in status.profiles) for known in OrderStatus}


def _card(profile: ProfileStatus, language: str) -> ProfileCard:
    run = profile.last_run
    failure = reason_sentence(run.failure, language) if run else None
    pauses = [reason_sentence(pause.reason, language) for pause in profile.pauses]
    ledgers = [finding_sentence(finding, language) for finding in profile.ledgers]
    told = dict.fromkeys(sentence for sentence in (failure, *pauses, *ledgers) if sentence)
    return ProfileCard(profile=profile, trouble=tuple(told))
