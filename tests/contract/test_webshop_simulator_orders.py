"""The webshop simulator's orders: pages, filters, and how they change between two looks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import plain_order


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def base_url(clock: HandClock) -> Iterator[str]:
    with running(create_app(clock)) as url:
        yield url


@pytest.fixture
def shop(base_url: str) -> Iterator[ShopDriver]:
    with ShopDriver(base_url) as driver:
        driver.control("POST", "/reset")
        driver.open()
        yield driver


def series(first: int, last: int) -> list[dict[str, Any]]:
    """Return plain orders with these numbers."""
    return [plain_order(number) for number in range(first, last + 1)]


class TestPages:
    def test_ten_orders_by_default_as_a_bare_list(self, shop: ShopDriver) -> None:
        shop.add(*series(1001, 1012))

        assert shop.numbers() == [str(number) for number in range(1001, 1011)]

    def test_last_page_is_short_and_the_next_one_empty(self, shop: ShopDriver) -> None:
        shop.add(*series(1001, 1012))

        assert shop.numbers(limit=5, offset=10) == ["1011", "1012"]
        assert shop.numbers(limit=5, offset=15) == []

    def test_order_is_by_number_not_by_text_or_arrival(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1000), plain_order(99), plain_order(1001))

        assert shop.numbers() == ["99", "1000", "1001"]
        assert shop.numbers(ordering="desc") == ["1001", "1000", "99"]

    def test_limit_above_the_maximum_is_lowered(self, shop: ShopDriver) -> None:
        shop.add(*series(1001, 1101))

        assert len(shop.orders(limit=250)) == 100

    def test_limit_above_the_maximum_may_be_refused(self, shop: ShopDriver) -> None:
        shop.open(options={"limit_above_maximum": "refuse"})

        assert shop.get("/v1/orders", limit=101).status_code == 422
        assert shop.get("/v1/orders", limit=100).status_code == 200

    def test_negative_offset_is_refused(self, shop: ShopDriver) -> None:
        assert shop.get("/v1/orders", offset=-1).status_code == 422

    def test_order_inserted_between_two_pages_shifts_the_second(self, shop: ShopDriver) -> None:
        shop.add(*series(1001, 1004))
        first = shop.numbers(limit=2)
        shop.add(plain_order(1000))

        assert first == ["1001", "1002"]
        assert shop.numbers(limit=2, offset=2) == ["1002", "1003"]


FILTERED = [
    ({"status_id": 3}, ["1002"]),
    ({"status_id": 99}, []),
    ({"start_date": "2026-03-02"}, ["1002", "1003"]),
    ({"end_date": "2026-03-02"}, ["1001", "1002"]),
    ({"start_date": "2026-03-02", "end_date": "2026-03-02"}, ["1002"]),
    ({"archived": 1}, ["1003"]),
    ({"archived": "true"}, ["1003"]),
    ({"archived": 0}, ["1001", "1002"]),
    ({"archived": "false"}, ["1001", "1002"]),
    ({"status_changed_start_date": "2026-03-04 12:00:00"}, ["1002", "1003"]),
    ({"status_changed_start_date": "2026-03-04 12:00:01"}, ["1003"]),
    ({"status_changed_end_date": "2026-03-04 12:00:00"}, ["1001", "1002"]),
    ({"test": 1}, ["1001", "1002", "1003", "T-7"]),
    ({"test": "true", "start_date": "2026-03-05"}, ["T-7"]),
    ({"test": 0}, ["1001", "1002", "1003"]),
]


class TestFilters:
    @pytest.fixture
    def filled(self, shop: ShopDriver) -> ShopDriver:
        noor = {"id": "debtor-noor", "email": "Noor@example.nl"}
        shop.add(
            plain_order(1001, date="2026-03-01", status_changed_date="2026-03-01"),
            plain_order(
                1002,
                date="2026-03-02",
                status=3,
                status_changed_date="2026-03-04",
                status_changed_time="12:00:00",
            ),
            plain_order(
                1003, date="2026-03-03", archived=True, status_changed_date="2026-03-05", debtor=noor
            ),
            plain_order("T-7", date="2026-03-05", archived=None),
        )
        return shop

    @pytest.mark.parametrize(("query", "expected"), FILTERED)
    def test_list_and_count_take_the_same_filters(
        self, filled: ShopDriver, query: dict[str, Any], expected: list[str]
    ) -> None:
        assert sorted(filled.numbers(**query)) == expected
        assert filled.get("/v1/orders/count", **query).json() == {"count": len(expected)}

    def test_debtor_filters_are_ored(self, filled: ShopDriver) -> None:
        assert filled.numbers(debtor_email="noor@example.nl") == ["1003"]
        assert filled.numbers(debtor_id="debtor-noor") == ["1003"]
        assert filled.numbers(debtor_email="bram@example.nl", debtor_id="debtor-noor") == [
            "1001",
            "1002",
            "1003",
        ]

    def test_count_has_no_debtor_filters(self, filled: ShopDriver) -> None:
        assert filled.get("/v1/orders/count", debtor_id="debtor-noor").json() == {"count": 3}

    def test_end_date_may_leave_the_day_itself_out(self, filled: ShopDriver) -> None:
        filled.open(options={"end_date_inclusive": False})

        assert filled.numbers(end_date="2026-03-02") == ["1001"]

    def test_archived_orders_may_be_left_out_unless_asked_for(self, filled: ShopDriver) -> None:
        filled.open(options={"archived_omitted": "active"})

        assert filled.numbers() == ["1001", "1002"]
        assert filled.numbers(archived=1) == ["1003"]

    @pytest.mark.parametrize(
        "query",
        [
            {"archived": "ja"},
            {"ordering": "newest"},
            {"status_id": "paid"},
            {"start_date": "01-03-2026"},
            {"status_changed_start_date": "2026-03-04"},
            {"format": "xml"},
        ],
    )
    def test_unreadable_filter_is_refused(self, filled: ShopDriver, query: dict[str, str]) -> None:
        response = filled.get("/v1/orders", **query)

        assert response.status_code == 422
        assert list(response.json()["errors"]) == list(query)


class TestChange:
    def test_order_becomes_visible_later_with_a_lower_number(
        self, shop: ShopDriver, clock: HandClock
    ) -> None:
        visible_from = (clock.moment + timedelta(minutes=1)).isoformat()
        shop.add(plain_order(1001, _simulator={"visible_from": visible_from}), plain_order(1002))
        before = shop.numbers(), shop.get("/v1/orders/1001").status_code

        clock.moment += timedelta(minutes=1)

        assert before == (["1002"], 404)
        assert shop.numbers() == ["1001", "1002"]
        assert "_simulator" not in shop.orders()[0]

    def test_status_change_moves_its_moment_in_dutch_time(self, shop: ShopDriver, clock: HandClock) -> None:
        shop.add(plain_order(1001, status=1))
        clock.moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

        shop.change(1001, status=2)

        order = shop.orders(status_changed_start_date="2026-07-02 00:30:00")[0]
        assert (order["status"], order["status_changed_date"], order["status_changed_time"]) == (
            2,
            "2026-07-02",
            "00:30:00",
        )

    def test_other_changes_leave_the_moment_alone(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))
        before = shop.orders()[0]

        shop.change(
            1001, comments={"internal": "Bellen"}, debtor={"address": {"invoice": {"city": "Elders"}}}
        )

        after = shop.orders()[0]
        assert after["comments"] == {"customer": "", "internal": "Bellen"}
        assert after["debtor"]["address"]["invoice"] == {
            **before["debtor"]["address"]["invoice"],
            "city": "Elders",
        }
        assert after["status_changed_time"] == before["status_changed_time"]

    @pytest.mark.parametrize("changes", [{"uuid": "other"}, {"_simulator": {"tax_rows": "table"}}])
    def test_change_that_makes_no_sense_is_refused_whole(
        self, shop: ShopDriver, changes: dict[str, Any]
    ) -> None:
        shop.add(plain_order(1001))
        before = shop.orders()

        with pytest.raises(httpx.HTTPStatusError, match="422"):
            shop.change(1001, reference="changed", **changes)

        assert shop.orders() == before

    def test_lines_change_only_when_the_shop_lets_them(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))
        with pytest.raises(httpx.HTTPStatusError, match="409"):
            shop.change(1001, orderlines=[])

        shop.open(options={"lines_editable": True})
        shop.change(1001, orderlines=[])

        assert shop.orders()[0]["orderlines"] == []

    def test_same_uuid_replaces_and_a_removed_order_is_gone(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001, status=1), plain_order(1002))
        shop.add(plain_order(1001, status=3))
        shop.remove(1002)

        assert [(order["number"], order["status"]) for order in shop.orders()] == [("1001", 3)]


class TestSingleOrder:
    def test_same_order_as_in_the_list(self, shop: ShopDriver) -> None:
        shop.add(*series(1001, 1002))

        assert shop.get("/v1/orders/1002").json() == shop.orders()[1]

    @pytest.mark.parametrize("number", ["1003", "T-7"])
    def test_unknown_and_test_numbers_are_not_found(self, shop: ShopDriver, number: str) -> None:
        shop.add(plain_order(1001), plain_order("T-7"))

        assert shop.get(f"/v1/orders/{number}").status_code == 404
        assert shop.get(f"/v1/orders/{number}/payments").status_code == 404
