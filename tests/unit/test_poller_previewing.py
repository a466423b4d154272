"""A preview reads the orders that were asked for, and the poller remembers nothing of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from factories import stored_profile
from fakes_poller import FakeShop, FakeShops
from poller.domain.windows import PAGE_SIZE
from poller.handlers.previewing import PreviewOrders
from poller_world import CREDIT, NEW, PAID, PROFILE, START, order, uuid_of
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Message,
    Mode,
    PreviewOrderRead,
    PreviewOrdersFound,
    PreviewRequested,
    PreviewSelection,
    PreviewTicket,
    SalesBookingPreviewed,
)
from sconnect.contracts.build import new_message
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable

SHOP_AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop"))
TICKET = PreviewTicket(
    preview_id="preview-1", expires_at=START + timedelta(seconds=60), ledgers={"rounding": 1}
)


def request(**selection: Any) -> PreviewRequested:
    return new_message(
        PreviewRequested,
        profile=PROFILE,
        occurred_at=START,
        correlation_id="preview-1",
        id_parts=("preview-1",),
        mode=Mode.PREVIEW,
        ticket=TICKET,
        selection=PreviewSelection(**{"orders_max": 100} | selection),
        requested_by="beheer",
    )


async def preview(shop: FakeShop, *, profile: Any = None, **selection: Any) -> list[Message]:
    work = PreviewOrders(sources=FakeShops({PROFILE: shop}), clock=ManualClock(START))
    stored = profile or stored_profile(enabled=False)
    return [message async for message in work(request(**selection), stored)]


def found_in(messages: list[Message]) -> list[str]:
    found = messages[0]
    assert isinstance(found, PreviewOrdersFound)
    return [key.number for key in found.orders]


def read_in(messages: list[Message]) -> list[PreviewOrderRead]:
    return [message for message in messages if isinstance(message, PreviewOrderRead)]


def answers_in(messages: list[Message]) -> list[SalesBookingPreviewed]:
    return [message for message in messages if isinstance(message, SalesBookingPreviewed)]


async def test_one_order_goes_on_its_way_with_the_ticket() -> None:
    shop = FakeShop([order(1001), order(1002)])
    messages = await preview(shop, order_number="1002")
    assert found_in(messages) == ["1002"]
    (read,) = read_in(messages)
    assert (read.order.number, read.ticket, read.held_back) == ("1002", TICKET, None)
    assert all(message.mode is Mode.PREVIEW for message in messages)


async def test_an_order_that_the_shop_does_not_have_is_answered_at_once() -> None:
    messages = await preview(FakeShop([order(1001)]), order_number="9999")
    assert found_in(messages) == ["9999"]
    (answer,) = answers_in(messages)
    assert (answer.outcome, answer.order.number) == ("not_found", "9999")
    assert answer.reason is not None
    assert answer.reason.variant == "not_in_shop"


@pytest.mark.parametrize(
    ("number", "status", "outcome", "code"),
    [(1001, NEW, "waiting", "STATUS_NOT_YET"), (1000, PAID, "skipped", "BEFORE_START")],
)
async def test_what_would_be_held_back_is_previewed_all_the_same(
    number: int, status: int, outcome: str, code: str
) -> None:
    messages = await preview(FakeShop([order(number, status=status)]), order_number=str(number))
    (read,) = read_in(messages)
    assert read.held_back is not None
    assert (read.held_back.outcome, read.held_back.reason.code) == (outcome, code)


async def test_an_order_that_cannot_be_read_says_which_field() -> None:
    messages = await preview(FakeShop([order(1001, date="gisteren")]), order_number="1001")
    (answer,) = answers_in(messages)
    assert (answer.outcome, answer.order.number) == ("dead_lettered", "1001")
    assert answer.reason is not None
    assert answer.reason.details == {"field": "date"}
    before_start = await preview(FakeShop([order(999, uuid=None)]), order_number="999")
    assert [answer.outcome for answer in answers_in(before_start)] == ["skipped"]


async def test_days_are_both_included_and_nothing_else_is() -> None:
    days = {
        1001: "2026-03-01",
        1002: "2026-03-02",
        1003: "2026-03-03",
        1004: "2026-03-04",
        1005: "2026-03-05",
    }
    shop = FakeShop([order(number, date=day) for number, day in days.items()])
    asked = {"placed_from": date(2026, 3, 2), "placed_to": date(2026, 3, 4)}
    assert found_in(await preview(shop, **asked)) == ["1002", "1003", "1004"]


async def test_more_orders_than_allowed_are_none() -> None:
    shop = FakeShop([order(number) for number in range(1001, 1007)])
    days = {"placed_from": date(2026, 3, 1), "placed_to": date(2026, 3, 31)}
    (found,) = await preview(shop, orders_max=5, **days)
    assert isinstance(found, PreviewOrdersFound)
    assert (found.too_many, found.orders) == (True, ())
    assert len(found_in(await preview(shop, orders_max=6, **days))) == 6


async def test_the_last_orders_are_those_with_the_highest_numbers() -> None:
    shop = FakeShop([order(number, archived=number == 1190) for number in range(1001, 1191)])
    messages = await preview(shop, last=3)
    assert found_in(messages) == ["1188", "1189", "1190"]
    windows = shop.asked("page")
    assert all(window.descending and offset == 0 for window, offset in windows)
    assert len(found_in(await preview(shop, last=PAGE_SIZE + 20, orders_max=500))) == PAGE_SIZE + 20


async def test_a_shop_without_orders_has_none_to_preview() -> None:
    assert found_in(await preview(FakeShop(), last=3)) == []


async def test_a_credit_order_comes_with_its_original() -> None:
    credit = order(1002, status=CREDIT, credited_order_number=1001)
    messages = await preview(FakeShop([order(1001, date="2026-02-01"), credit]), order_number="1002")
    (read,) = read_in(messages)
    assert read.order.credits is not None
    assert (read.order.credits.uuid, read.order.credits.placed_on) == (uuid_of(1001), date(2026, 2, 1))


async def test_an_original_that_cannot_be_read_now_costs_no_other_order_its_preview() -> None:
    credit = order(1002, status=CREDIT, credited_order_number=1001)
    shop = FakeShop([order(1001), credit, order(1003)], failures={"order": [SHOP_AWAY]})
    messages = await preview(shop, last=3)
    assert [read.order.number for read in read_in(messages)] == ["1001", "1003"]
    (answer,) = answers_in(messages)
    assert (answer.order.number, answer.outcome) == ("1002", "not_previewed")


async def test_a_shop_that_is_away_is_no_shop_without_orders() -> None:
    with pytest.raises(UpstreamUnavailable):
        await preview(FakeShop(failures={"page": [SHOP_AWAY]}), last=3)
