"""The webshop simulator's endpoints, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import sample_orders


class HandClock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


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


def numbered(number: int | str, **fields: Any) -> dict[str, Any]:
    """Return a plain order with this number; the uuid follows the number."""
    (order,) = sample_orders(datetime(2026, 3, 1, tzinfo=UTC).date(), ["plain_high_rate"])
    return {**order, "number": str(number), "uuid": f"uuid-of-{number}", **fields}


def series(first: int, last: int) -> list[dict[str, Any]]:
    """Return plain orders with these numbers."""
    return [numbered(number) for number in range(first, last + 1)]


class TestTokens:
    @pytest.mark.parametrize("query", [{"token": "wrong"}, {"token": ""}])
    def test_wrong_or_missing_token_is_unauthorized(self, shop: ShopDriver, query: dict[str, str]):
        response = shop.get("/v1/orders", **query)

        assert response.status_code == 401
        assert response.json()["title"] == "Unauthorized"

    def test_token_selects_the_shop(self, shop: ShopDriver, base_url: str):
        shop.add(numbered(1001))
        with ShopDriver(base_url, "keuken", "token-of-keuken") as other:
            other.open()
            assert other.numbers() == []
        assert shop.numbers() == ["1001"]

    def test_two_shops_cannot_have_one_token(self, shop: ShopDriver, base_url: str):
        with (
            ShopDriver(base_url, "keuken", shop.token) as other,
            pytest.raises(httpx.HTTPStatusError, match="422"),
        ):
            other.open()

    def test_general_token_reads_the_statuses_without_a_partner_token(self, shop: ShopDriver):
        statuses = shop.get("/v1/orderstatuses").json()

        assert {"status": 10, "description": "Creditorder", "credit_order": True} in statuses

    def test_statuses_may_need_the_partner_token(self, shop: ShopDriver):
        shop.open(partner_token="partner", partner_token_required=True)

        assert shop.get("/v1/orderstatuses").status_code == 403
        assert shop.get("/v1/orderstatuses", partner_token="other").status_code == 401
        assert shop.get("/v1/orderstatuses", partner_token="partner").status_code == 200
        assert shop.get("/v1/orders").status_code == 200

    @pytest.mark.parametrize("status", [401, 403])
    def test_token_expires(self, shop: ShopDriver, status: int):
        shop.open(options={"token_expired": True, "refused_token_status": status})

        assert shop.get("/v1/orders").status_code == status


class TestErrorBodies:
    def test_problem_details_name_the_parameter(self, shop: ShopDriver):
        response = shop.get("/v1/orders", start_date="1 maart", limit="veel")

        assert response.status_code == 422
        assert response.headers["content-type"] == "application/json"
        assert response.json()["status"] == 422
        assert set(response.json()["errors"]) == {"start_date", "limit"}

    def test_legacy_form(self, shop: ShopDriver):
        shop.open(options={"error_body": "legacy"})

        body = shop.get("/v1/orders/999").json()

        assert body == {
            "code": 404,
            "message": "Not Found",
            "description": "There is no order with this number.",
        }

    def test_unknown_path_and_method_are_refused_in_the_same_form(self, shop: ShopDriver):
        assert shop.get("/v1/nothing").json()["status"] == 404
        assert shop.client.post("/v1/orders", params={"token": shop.token}).json()["status"] == 405


class TestVersions:
    def test_v1_has_the_deprecated_fields(self, shop: ShopDriver):
        shop.add(numbered(1001))

        order = shop.get("/v1/orders/1001").json()

        assert order["finished"] is True
        assert order["debtor"]["name"] == order["debtor"]["address"]["invoice"]["name"]
        assert order["debtor"]["address"]["invoice"]["country"] == "Nederland"

    def test_v2_beta_drops_them_and_nothing_else(self, shop: ShopDriver):
        shop.add(numbered(1001))
        expected = shop.get("/v1/orders/1001").json()
        del expected["finished"]
        for name in ("name", "company", "phone", "gender"):
            del expected["debtor"][name]
        for address in expected["debtor"]["address"].values():
            del address["country"]

        assert shop.get("/v2-beta/orders").json() == [expected]

    def test_there_is_no_other_version(self, shop: ShopDriver):
        assert shop.get("/v3/orders").status_code == 404


class TestPages:
    def test_ten_orders_by_default_as_a_bare_list(self, shop: ShopDriver):
        shop.add(*series(1001, 1012))

        assert shop.numbers() == [str(number) for number in range(1001, 1011)]

    def test_last_page_is_short_and_the_next_one_empty(self, shop: ShopDriver):
        shop.add(*series(1001, 1012))

        assert shop.numbers(limit=5, offset=10) == ["1011", "1012"]
        assert shop.numbers(limit=5, offset=15) == []

    def test_order_is_by_number_not_by_text_or_arrival(self, shop: ShopDriver):
        shop.add(numbered(1000), numbered(99), numbered(1001))

        assert shop.numbers() == ["99", "1000", "1001"]
        assert shop.numbers(ordering="desc") == ["1001", "1000", "99"]

    def test_limit_above_the_maximum_is_lowered(self, shop: ShopDriver):
        shop.add(*series(1001, 1101))

        assert len(shop.orders(limit=250)) == 100

    def test_limit_above_the_maximum_may_be_refused(self, shop: ShopDriver):
        shop.open(options={"limit_above_maximum": "refuse"})

        assert shop.get("/v1/orders", limit=101).status_code == 422
        assert shop.get("/v1/orders", limit=100).status_code == 200

    def test_negative_offset_is_refused(self, shop: ShopDriver):
        assert shop.get("/v1/orders", offset=-1).status_code == 422

    def test_order_inserted_between_two_pages_shifts_the_second(self, shop: ShopDriver):
        shop.add(*series(1001, 1004))
        first = shop.numbers(limit=2)
        shop.add(numbered(1000))

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
            numbered(1001, date="2026-03-01", status_changed_date="2026-03-01"),
            numbered(
                1002,
                date="2026-03-02",
                status=3,
                status_changed_date="2026-03-04",
                status_changed_time="12:00:00",
            ),
            numbered(1003, date="2026-03-03", archived=True, status_changed_date="2026-03-05", debtor=noor),
            numbered("T-7", date="2026-03-05", archived=None),
        )
        return shop

    @pytest.mark.parametrize(("query", "expected"), FILTERED)
    def test_list_and_count_take_the_same_filters(
        self, filled: ShopDriver, query: dict[str, Any], expected: list[str]
    ):
        assert sorted(filled.numbers(**query)) == expected
        assert filled.get("/v1/orders/count", **query).json() == {"count": len(expected)}

    def test_debtor_filters_are_ored(self, filled: ShopDriver):
        assert filled.numbers(debtor_email="noor@example.nl") == ["1003"]
        assert filled.numbers(debtor_id="debtor-noor") == ["1003"]
        assert filled.numbers(debtor_email="bram@example.nl", debtor_id="debtor-noor") == [
            "1001",
            "1002",
            "1003",
        ]

    def test_count_has_no_debtor_filters(self, filled: ShopDriver):
        assert filled.get("/v1/orders/count", debtor_id="debtor-noor").json() == {"count": 3}

    def test_end_date_may_leave_the_day_itself_out(self, filled: ShopDriver):
        filled.open(options={"end_date_inclusive": False})

        assert filled.numbers(end_date="2026-03-02") == ["1001"]

    def test_archived_orders_may_be_left_out_unless_asked_for(self, filled: ShopDriver):
        filled.open(options={"archived_omitted": "active"})

        assert filled.numbers() == ["1001", "1002"]
        assert filled.numbers(archived=1) == ["1003"]

    @pytest.mark.parametrize(
        "query",
        [{"archived": "ja"}, {"ordering": "newest"}, {"status_id": "paid"}, {"start_date": "01-03-2026"}]
        + [{"status_changed_start_date": "2026-03-04"}, {"format": "xml"}],
    )
    def test_unreadable_filter_is_refused(self, filled: ShopDriver, query: dict[str, str]):
        response = filled.get("/v1/orders", **query)

        assert response.status_code == 422
        assert list(response.json()["errors"]) == list(query)


class TestChange:
    def test_order_becomes_visible_later_with_a_lower_number(self, shop: ShopDriver, clock: HandClock):
        visible_from = (clock.moment + timedelta(minutes=1)).isoformat()
        shop.add(numbered(1001, _simulator={"visible_from": visible_from}), numbered(1002))
        before = shop.numbers(), shop.get("/v1/orders/1001").status_code

        clock.moment += timedelta(minutes=1)

        assert before == (["1002"], 404)
        assert shop.numbers() == ["1001", "1002"]
        assert "_simulator" not in shop.orders()[0]

    def test_status_change_moves_its_moment_in_dutch_time(self, shop: ShopDriver, clock: HandClock):
        shop.add(numbered(1001, status=1))
        clock.moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

        shop.change(1001, status=2)

        order = shop.orders(status_changed_start_date="2026-07-02 00:30:00")[0]
        assert (order["status"], order["status_changed_date"], order["status_changed_time"]) == (
            2,
            "2026-07-02",
            "00:30:00",
        )

    def test_other_changes_leave_the_moment_alone(self, shop: ShopDriver):
        shop.add(numbered(1001))
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

    def test_lines_change_only_when_the_shop_lets_them(self, shop: ShopDriver):
        shop.add(numbered(1001))
        with pytest.raises(httpx.HTTPStatusError, match="409"):
            shop.change(1001, orderlines=[])

        shop.open(options={"lines_editable": True})
        shop.change(1001, orderlines=[])

        assert shop.orders()[0]["orderlines"] == []

    def test_same_uuid_replaces_and_a_removed_order_is_gone(self, shop: ShopDriver):
        shop.add(numbered(1001, status=1), numbered(1002))
        shop.add(numbered(1001, status=3))
        shop.remove(1002)

        assert [(order["number"], order["status"]) for order in shop.orders()] == [("1001", 3)]


class TestSingleOrder:
    def test_same_order_as_in_the_list(self, shop: ShopDriver):
        shop.add(*series(1001, 1002))

        assert shop.get("/v1/orders/1002").json() == shop.orders()[1]

    @pytest.mark.parametrize("number", ["1003", "T-7"])
    def test_unknown_and_test_numbers_are_not_found(self, shop: ShopDriver, number: str):
        shop.add(numbered(1001), numbered("T-7"))

        assert shop.get(f"/v1/orders/{number}").status_code == 404
        assert shop.get(f"/v1/orders/{number}/payments").status_code == 404


class TestPayments:
    def test_minor_units_and_mutations(self, shop: ShopDriver):
        shop.add(numbered(1001))

        (payment,) = shop.get("/v1/orders/1001/payments", embed="mutations").json()["payments"]

        assert (payment["gateway"], payment["method"], payment["price"]) == ("mollie", "ideal", 5585)
        assert payment["createdAt"].startswith("2026-03-01T")
        assert payment["createdAt"].endswith("+01:00")
        assert payment["isTest"] is False
        assert [(mutation["type"], mutation["price"]) for mutation in payment["mutations"]] == [
            ("authorize", 5585),
            ("capture", 5585),
        ]

    def test_nothing_embedded_unless_asked_for(self, shop: ShopDriver):
        shop.add(numbered(1001))

        (payment,) = shop.get("/v1/orders/1001/payments").json()["payments"]

        assert payment.keys().isdisjoint({"mutations", "order", "properties"})

    def test_embedded_order_has_effective_rates(self, shop: ShopDriver):
        shop.add(numbered(1001))

        (payment,) = shop.get("/v1/orders/1001/payments", embed="order,properties").json()["payments"]

        goods, costs = payment["order"]["lines"]
        assert (goods["type"], goods["price"], goods["tax"]) == ("physical", 4990, 866)
        assert (costs["type"], costs["price"], costs["tax"]) == ("shipping_fee", 595, 103)
        assert (goods["taxRate"], costs["taxRate"]) == ("0.2100", "0.2093")
        assert payment["order"]["tax"] == 969
        assert payment["properties"] == {}

    def test_credit_order_and_zero_total_have_none(self, shop: ShopDriver):
        shop.add_samples("2026-03-01", kinds=["zero_total", "credit_order_partial"])

        for number in ("1002", "1003"):
            assert shop.get(f"/v1/orders/{number}/payments").json() == {"payments": []}
        assert len(shop.get("/v1/orders/1001/payments").json()["payments"]) == 1

    def test_test_payment_can_be_marked(self, shop: ShopDriver):
        shop.add(numbered(1001, _simulator={"test_payment": True}))

        assert shop.get("/v1/orders/1001/payments").json()["payments"][0]["isTest"] is True


class TestOtherEndpoints:
    def test_store(self, shop: ShopDriver):
        shop.open(store={"currency": "GBP", "prices_include_tax": False})

        store = shop.get("/v1/store").json()

        assert (store["name"], store["currency"], store["prices_include_tax"]) == ("tuin", "GBP", False)

    def test_tax_policy_is_wrapped_unless_switched(self, shop: ShopDriver):
        wrapped = shop.get("/v1/tax-policy/regions").json()
        shop.open(options={"tax_policy": "list"})

        assert [region["regionCode"] for region in wrapped["regions"]] == ["NL", "BE", "DE"]
        assert shop.get("/v1/tax-policy/regions").json() == wrapped["regions"]

    def test_gateways_of_me_and_of_the_own_store(self, shop: ShopDriver):
        store_id = shop.get("/v1/store").json()["id"]

        for store in ("me", store_id):
            gateways = shop.get(f"/v1/payment/stores/{store}/gateways").json()["gateways"]
            assert "mollie" in {gateway["name"] for gateway in gateways}
        assert shop.get("/v1/payment/stores/other/gateways").status_code == 404

    def test_offline_locations(self, shop: ShopDriver):
        assert [place["deleted"] for place in shop.get("/v1/offlinelocations").json()] == [False]
        assert shop.get("/v1/offlinelocations", deleted=1).json() == []

    def test_own_statuses(self, shop: ShopDriver):
        statuses = [{"status": 8, "description": "Ingepakt", "credit_order": False}]
        shop.open(order_statuses=statuses)

        assert shop.get("/v1/orderstatuses").json() == statuses


class TestControlDoor:
    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("PUT", "/shops/tuin", {"options": {}}, 422),
            ("PUT", "/shops/tuin", {"token": "t", "colour": "red"}, 422),
            ("PUT", "/shops/tuin", {"token": "t", "options": {"colour": "red"}}, 422),
            ("PUT", "/shops/tuin", {"token": "t", "options": {"tax_rows": "table"}}, 422),
            ("PUT", "/shops/tuin", {"token": "t", "options": {"tax_cents_off": True}}, 422),
            ("GET", "/shops/elders/orders", None, 404),
            ("POST", "/shops/tuin/orders", {"number": "1001"}, 422),
            ("PATCH", "/shops/tuin/orders/999", {"status": 2}, 404),
            ("DELETE", "/shops/tuin/orders/999", None, 404),
            ("POST", "/shops/tuin/samples", {"first_number": 1, "today": "gisteren"}, 422),
            ("POST", "/shops/tuin/samples", {"first_number": 1, "today": "2026-03-01", "kinds": ["x"]}, 422),
        ],
    )
    def test_what_it_cannot_do_is_refused(
        self, shop: ShopDriver, method: str, path: str, body: Any, status: int
    ):
        response = shop.client.request(method, f"/_control{path}", json=body)

        assert response.status_code == status
        assert response.json()["error"]

    @pytest.mark.parametrize("own", [{"colour": "red"}, {"tax_rows": "table"}, {"visible_from": "morgen"}])
    def test_order_with_a_wrong_switch_is_refused_and_none_is_stored(
        self, shop: ShopDriver, own: dict[str, str]
    ):
        with pytest.raises(httpx.HTTPStatusError, match="422"):
            shop.add(numbered(1001), numbered(1002, _simulator=own))

        assert shop.numbers() == []

    def test_settings_change_and_the_orders_stay(self, shop: ShopDriver):
        shop.add(numbered(1001))
        shop.token = "new-token"

        shop.open()

        assert shop.numbers() == ["1001"]
        assert shop.get("/v1/orders", token="token-of-tuin").status_code == 401

    def test_reset_forgets_everything(self, shop: ShopDriver):
        shop.add(numbered(1001))
        shop.add_fault("cut_before", path="/v1/orders")
        assert shop.get("/v1/store", token="wrong").status_code == 401

        shop.control("POST", "/reset")

        assert shop.calls() == []
        assert shop.control("GET", "/faults").json() == []
        assert shop.get("/v1/orders").status_code == 401
