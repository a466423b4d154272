"""The webshop simulator against the vendor's contract, and read by the public client of the API."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from myonlinestore import ConnectClient
from myonlinestore.config import ConnectConfig
from myonlinestore.exceptions import AuthenticationError, NotFoundError, RateLimitError, ServerError
from myonlinestore.models import Order
from myonlinestore.pagination import iterate_all
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from simulators.clock import system_clock
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import sample_orders

CONTRACT_FILE = Path(__file__).parents[2] / "../shared/reference/openapi/myonlinestore-connect.yaml"
CONTRACT_URI = "urn:myonlinestore-connect"
TODAY = "2026-03-10"

# Where the contract differs from the live API, as the public client reads that, and from its own example: the
# place, and the rule of the contract. There the simulator follows the live API.
KNOWN_DIFFERENCES = {
    ("number", "type"): "a whole number in the contract, text live",
    ("credited_order_number", "type"): "no null in the contract; it stands for an ordinary order",
    (
        "orderlines/articles",
        "required",
    ): "the contract puts rate and amount beside the price, its example inside",
    ("orderlines/articles/options", "required"): "list_option_id: an action price is no option of a list",
    ("orderlines/articles/options/price", "type"): "text in the contract, an object in its own example",
}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(create_app(system_clock)) as url:
        yield url


@pytest.fixture
def shop(base_url: str) -> Iterator[ShopDriver]:
    with ShopDriver(base_url) as driver:
        driver.control("POST", "/reset")
        driver.open()
        driver.add_samples(TODAY)
        yield driver


@pytest.fixture(scope="module")
def document() -> Any:
    """Return the vendor's contract, in which a price is an object, so that "a price or a list" is clear."""
    if not CONTRACT_FILE.exists():
        pytest.skip("the vendor's contract is not on this machine")
    document = yaml.safe_load(CONTRACT_FILE.read_text())
    document["components"]["schemas"]["TaxPrice"]["type"] = "object"
    return document


Differences: TypeAlias = Callable[[str, Any], set[tuple[str, str]]]


@pytest.fixture(scope="module")
def differences(document: Any) -> Differences:
    """Return a function that tells where a value differs from a schema, without positions in lists."""
    registry = Registry().with_resource(CONTRACT_URI, DRAFT4.create_resource(document))

    def find(schema: str, value: Any) -> set[tuple[str, str]]:
        reference = {"$ref": f"{CONTRACT_URI}#/components/schemas/{schema}"}
        validator = OAS30Validator(reference, registry=registry, format_checker=oas30_format_checker)
        return {
            ("/".join(part for part in error.absolute_path if isinstance(part, str)), error.validator)
            for error in validator.iter_errors(value)
        }

    return find


class TestVendorsContract:
    def test_orders_differ_only_where_the_live_api_does(
        self, shop: ShopDriver, differences: Differences
    ) -> None:
        found = set().union(*(differences("Order", order) for order in shop.orders(limit=100, test=1)))

        assert found == KNOWN_DIFFERENCES.keys()

    def test_switches_give_the_contracts_own_form(self, shop: ShopDriver, differences: Differences) -> None:
        shop.open(options={"order_number": "integer", "no_credited_order": "absent"})

        found = set().union(*(differences("Order", order) for order in shop.orders(limit=100)))

        assert found == {place for place in KNOWN_DIFFERENCES if place[0].startswith("orderlines")}

    def test_documented_example_is_answered_as_it_is(self, shop: ShopDriver, document: Any) -> None:
        example = document["components"]["schemas"]["Order"]["example"]
        shop.add(example)

        assert shop.get("/v1/orders/27").json() == example

    @pytest.mark.parametrize(
        ("path", "schema"),
        [
            ("/v1/orderstatuses", "OrderStatus"),
            ("/v1/offlinelocations", "OfflineLocation"),
            ("/v1/tax-policy/regions", "TaxPolicyRegion"),
        ],
    )
    def test_bare_lists(self, shop: ShopDriver, differences: Differences, path: str, schema: str) -> None:
        # The contract has a bare list of regions; the live API wraps it.
        shop.open(options={"tax_policy": "list"})

        answered = shop.get(path).json()

        assert answered
        assert set().union(*(differences(schema, item) for item in answered)) == set()

    @pytest.mark.parametrize(
        ("path", "schema"),
        [
            ("/v1/store", "Store"),
            ("/v1/orders/count", "CountResponse"),
            ("/v1/payment/stores/me/gateways", "StorePaymentGateways"),
        ],
    )
    def test_objects(self, shop: ShopDriver, differences: Differences, path: str, schema: str) -> None:
        assert differences(schema, shop.get(path).json()) == set()

    def test_payments(self, shop: ShopDriver, differences: Differences) -> None:
        for number in shop.numbers(limit=100):
            answer = shop.get(f"/v1/orders/{number}/payments", embed="mutations,order,properties").json()
            for payment in answer["payments"]:
                assert differences("Payment", payment) == set(), number

    def test_errors(self, shop: ShopDriver, differences: Differences) -> None:
        problem = shop.get("/v1/orders", limit="x").json()
        shop.open(options={"error_body": "legacy"})

        assert differences("ApiProblem", problem) == set()
        assert differences("Error", shop.get("/v1/orders", limit="x").json()) == set()


class TestPublicClient:
    @pytest.fixture
    def client(self, shop: ShopDriver, base_url: str) -> Iterator[ConnectClient]:
        config = ConnectConfig(store_token=shop.token, base_url=base_url, max_retries=0)
        with ConnectClient(config=config) as client:
            yield client

    def test_every_order_is_read_as_it_was_made(self, client: ConnectClient) -> None:
        made = {order["number"]: order for order in sample_orders(date.fromisoformat(TODAY), shop="tuin")}

        read = {order.number: order for order in client.orders.list(limit=100, test=True).items}

        assert read.keys() == made.keys()
        for number, order in read.items():
            assert order == Order.model_validate(made[str(number)])
            assert order.price is not None
            assert order.price.total == made[str(number)]["price"]["total"]

    def test_pages_counts_and_filters(self, client: ConnectClient) -> None:
        numbers = [order.number for order in iterate_all(client.orders.list, page_size=7)]

        assert len(numbers) == len(set(numbers)) == client.orders.count()
        assert client.orders.count(status_id=10) == len(client.orders.list(status_id=10).items) == 4
        assert [order.archived for order in client.orders.list(archived=True).items] == [True]

    def test_single_order_and_its_payments(self, client: ConnectClient, shop: ShopDriver) -> None:
        # The client declares the prices of a payment as text; the contract has them as whole numbers.
        shop.open(options={"payment_prices": "text"})

        order = client.orders.get(order_number=1001)
        (payment,) = client.orders.list_payments(order_number=1001, embed="mutations").items

        assert order.price is not None
        assert (order.price.total, payment.price) == ("89.00", "8900")
        assert payment.mutations is not None
        assert [mutation.type for mutation in payment.mutations] == ["authorize", "capture"]

    def test_both_versions(self, shop: ShopDriver, base_url: str) -> None:
        config = ConnectConfig(store_token=shop.token, base_url=base_url, api_version="2-beta")
        with ConnectClient(config=config) as client:
            order = client.orders.get(order_number=1001)

        assert order.finished is None
        assert order.debtor is not None
        assert (order.debtor.name, order.debtor.email) == (None, "bram@example.nl")

    def test_other_resources(self, client: ConnectClient) -> None:
        assert client.store.get().region_code == "NL"
        assert {status.status for status in client.order_statuses.list().items} == {1, 2, 3, 6, 10}
        assert [region.region_code for region in client.tax_policy.list().items] == ["NL", "BE", "DE"]
        assert len(client.offline_locations.list().items) == 1
        gateways = client.payment_gateways.list_for_store(store="me").items
        assert {gateway.name for gateway in gateways} == {"mollie", "paypal", "basic"}

    def test_errors_are_understood(self, client: ConnectClient, shop: ShopDriver) -> None:
        with pytest.raises(NotFoundError, match="Not Found"):
            client.orders.get(order_number=999)
        shop.add_fault("status", status=429, retry_after="0")
        with pytest.raises(RateLimitError):
            client.orders.list()
        shop.add_fault("status", status=502, body="<h1>Bad Gateway</h1>")
        with pytest.raises(ServerError):
            client.orders.list()
        shop.token = "another"
        shop.open()
        with pytest.raises(AuthenticationError, match="Unauthorized"):
            client.orders.list()
