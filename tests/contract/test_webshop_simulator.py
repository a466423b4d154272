"""The webshop simulator's endpoints, over real HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from simulators.clock import system_clock
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import plain_order


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(create_app(system_clock)) as url:
        yield url


@pytest.fixture
def shop(base_url: str) -> Iterator[ShopDriver]:
    with ShopDriver(base_url) as driver:
        driver.control("POST", "/reset")
        driver.open()
        yield driver


class TestTokens:
    @pytest.mark.parametrize("query", [{"token": "wrong"}, {"token": ""}])
    def test_wrong_or_missing_token_is_unauthorized(self, shop: ShopDriver, query: dict[str, str]) -> None:
        response = shop.get("/v1/orders", **query)

        assert response.status_code == 401
        assert response.json()["title"] == "Unauthorized"

    def test_token_selects_the_shop(self, shop: ShopDriver, base_url: str) -> None:
        shop.add(plain_order(1001))
        with ShopDriver(base_url, "keuken", "token-of-keuken") as other:
            other.open()
            assert other.numbers() == []
        assert shop.numbers() == ["1001"]

    def test_two_shops_cannot_have_one_token(self, shop: ShopDriver, base_url: str) -> None:
        with (
            ShopDriver(base_url, "keuken", shop.token) as other,
            pytest.raises(httpx.HTTPStatusError, match="422"),
        ):
            other.open()

    def test_general_token_reads_the_statuses_without_a_partner_token(self, shop: ShopDriver) -> None:
        statuses = shop.get("/v1/orderstatuses").json()

        assert {"status": 10, "description": "Creditorder", "credit_order": True} in statuses

    def test_statuses_may_need_the_partner_token(self, shop: ShopDriver) -> None:
        shop.open(partner_token="partner", partner_token_required=True)

        assert shop.get("/v1/orderstatuses").status_code == 403
        assert shop.get("/v1/orderstatuses", partner_token="other").status_code == 401
        assert shop.get("/v1/orderstatuses", partner_token="partner").status_code == 200
        assert shop.get("/v1/orders").status_code == 200

    @pytest.mark.parametrize("status", [401, 403])
    def test_token_expires(self, shop: ShopDriver, status: int) -> None:
        shop.open(options={"token_expired": True, "refused_token_status": status})

        assert shop.get("/v1/orders").status_code == status


class TestErrorBodies:
    def test_problem_details_name_the_parameter(self, shop: ShopDriver) -> None:
        response = shop.get("/v1/orders", start_date="1 maart", limit="veel")

        assert response.status_code == 422
        assert response.headers["content-type"] == "application/json"
        assert response.json()["status"] == 422
        assert set(response.json()["errors"]) == {"start_date", "limit"}

    def test_legacy_form(self, shop: ShopDriver) -> None:
        shop.open(options={"error_body": "legacy"})

        body = shop.get("/v1/orders/999").json()

        assert body == {
            "code": 404,
            "message": "Not Found",
            "description": "There is no order with this number.",
        }

    def test_unknown_path_and_method_are_refused_in_the_same_form(self, shop: ShopDriver) -> None:
        assert shop.get("/v1/nothing").json()["status"] == 404
        assert shop.client.post("/v1/orders", params={"token": shop.token}).json()["status"] == 405


class TestVersions:
    def test_v1_has_the_deprecated_fields(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))

        order = shop.get("/v1/orders/1001").json()

        assert order["finished"] is True
        assert order["debtor"]["name"] == order["debtor"]["address"]["invoice"]["name"]
        assert order["debtor"]["address"]["invoice"]["country"] == "Nederland"

    def test_v2_beta_drops_them_and_nothing_else(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))
        expected = shop.get("/v1/orders/1001").json()
        del expected["finished"]
        for name in ("name", "company", "phone", "gender"):
            del expected["debtor"][name]
        for address in expected["debtor"]["address"].values():
            del address["country"]

        assert shop.get("/v2-beta/orders").json() == [expected]

    def test_there_is_no_other_version(self, shop: ShopDriver) -> None:
        assert shop.get("/v3/orders").status_code == 404


class TestPayments:
    def test_minor_units_and_mutations(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))

        (payment,) = shop.get("/v1/orders/1001/payments", embed="mutations").json()["payments"]

        assert (payment["gateway"], payment["method"], payment["price"]) == ("mollie", "ideal", 5585)
        assert payment["createdAt"].startswith("2026-03-01T")
        assert payment["createdAt"].endswith("+01:00")
        assert payment["isTest"] is False
        assert [(mutation["type"], mutation["price"]) for mutation in payment["mutations"]] == [
            ("authorize", 5585),
            ("capture", 5585),
        ]

    def test_nothing_embedded_unless_asked_for(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))

        (payment,) = shop.get("/v1/orders/1001/payments").json()["payments"]

        assert payment.keys().isdisjoint({"mutations", "order", "properties"})

    def test_embedded_order_has_effective_rates(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))

        (payment,) = shop.get("/v1/orders/1001/payments", embed="order,properties").json()["payments"]

        goods, costs = payment["order"]["lines"]
        assert (goods["type"], goods["price"], goods["tax"]) == ("physical", 4990, 866)
        assert (costs["type"], costs["price"], costs["tax"]) == ("shipping_fee", 595, 103)
        assert (goods["taxRate"], costs["taxRate"]) == ("0.2100", "0.2093")
        assert payment["order"]["tax"] == 969
        assert payment["properties"] == {}

    def test_credit_order_and_zero_total_have_none(self, shop: ShopDriver) -> None:
        shop.add_samples("2026-03-01", kinds=["zero_total", "credit_order_partial"])

        for number in ("1002", "1003"):
            assert shop.get(f"/v1/orders/{number}/payments").json() == {"payments": []}
        assert len(shop.get("/v1/orders/1001/payments").json()["payments"]) == 1

    def test_test_payment_can_be_marked(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001, _simulator={"test_payment": True}))

        assert shop.get("/v1/orders/1001/payments").json()["payments"][0]["isTest"] is True


class TestOtherEndpoints:
    def test_store(self, shop: ShopDriver) -> None:
        shop.open(store={"currency": "GBP", "prices_include_tax": False})

        store = shop.get("/v1/store").json()

        assert (store["name"], store["currency"], store["prices_include_tax"]) == ("tuin", "GBP", False)

    def test_tax_policy_is_wrapped_unless_switched(self, shop: ShopDriver) -> None:
        wrapped = shop.get("/v1/tax-policy/regions").json()
        shop.open(options={"tax_policy": "list"})

        assert [region["regionCode"] for region in wrapped["regions"]] == ["NL", "BE", "DE"]
        assert shop.get("/v1/tax-policy/regions").json() == wrapped["regions"]

    def test_gateways_of_me_and_of_the_own_store(self, shop: ShopDriver) -> None:
        store_id = shop.get("/v1/store").json()["id"]

        for store in ("me", store_id):
            gateways = shop.get(f"/v1/payment/stores/{store}/gateways").json()["gateways"]
            assert "mollie" in {gateway["name"] for gateway in gateways}
        assert shop.get("/v1/payment/stores/other/gateways").status_code == 404

    def test_offline_locations(self, shop: ShopDriver) -> None:
        assert [place["deleted"] for place in shop.get("/v1/offlinelocations").json()] == [False]
        assert shop.get("/v1/offlinelocations", deleted=1).json() == []

    def test_own_statuses(self, shop: ShopDriver) -> None:
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
    ) -> None:
        response = shop.client.request(method, f"/_control{path}", json=body)

        assert response.status_code == status
        assert response.json()["error"]

    @pytest.mark.parametrize("own", [{"colour": "red"}, {"tax_rows": "table"}, {"visible_from": "morgen"}])
    def test_order_with_a_wrong_switch_is_refused_and_none_is_stored(
        self, shop: ShopDriver, own: dict[str, str]
    ) -> None:
        with pytest.raises(httpx.HTTPStatusError, match="422"):
            shop.add(plain_order(1001), plain_order(1002, _simulator=own))

        assert shop.numbers() == []

    def test_settings_change_and_the_orders_stay(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))
        shop.token = "new-token"

        shop.open()

        assert shop.numbers() == ["1001"]
        assert shop.get("/v1/orders", token="token-of-tuin").status_code == 401

    def test_reset_forgets_everything(self, shop: ShopDriver) -> None:
        shop.add(plain_order(1001))
        shop.add_fault("cut_before", path="/v1/orders")
        assert shop.get("/v1/store", token="wrong").status_code == 401

        shop.control("POST", "/reset")

        assert shop.calls() == []
        assert shop.control("GET", "/faults").json() == []
        assert shop.get("/v1/orders").status_code == 401
