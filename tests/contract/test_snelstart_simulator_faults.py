"""Faults at the SnelStart simulator: what was committed stays committed, whatever the caller was told."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

# How a cut line shows depends on what the machine had sent by then.
LINE_CUT = (httpx.RemoteProtocolError, httpx.ReadError)

DEADLINE_SECONDS = 10


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(create_app(HandClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC)))) as url:
        yield url


@pytest.fixture
def administration(base_url: str) -> Iterator[AdministrationDriver]:
    with AdministrationDriver(base_url) as driver:
        driver.control("POST", "/reset")
        driver.open(limits={"per_minute": 0, "per_hour": 0, "concurrent": 0})
        yield driver


@pytest.fixture
def body(administration: AdministrationDriver) -> dict[str, Any]:
    return administration.plain_booking(administration.add_customer())


def booked(administration: AdministrationDriver) -> int:
    return len(administration.rows("/verkoopfacturen", filter="Factuurnummer eq '1001'"))


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "the condition did not come"


class TestFaults:
    def test_booking_is_in_when_the_connection_is_cut_after_the_commit(
        self, administration: AdministrationDriver, body: dict[str, Any]
    ):
        administration.add_fault("cut_after_commit", method="POST", path="/verkoopboekingen$")

        with pytest.raises(LINE_CUT):
            administration.post_booking(body)

        assert booked(administration) == 1
        repeated = administration.post_booking(body)
        assert [error["errorCode"] for error in repeated.json()] == ["BOE-0021"]

    def test_booking_is_not_in_when_the_connection_is_cut_before(
        self, administration: AdministrationDriver, body: dict[str, Any]
    ):
        administration.add_fault("cut_before", method="POST", path="/verkoopboekingen$")

        with pytest.raises(LINE_CUT):
            administration.post_booking(body)

        assert booked(administration) == 0

    @pytest.mark.parametrize("status", [500, 502])
    def test_booking_is_in_behind_an_error_of_the_gateway(
        self, administration: AdministrationDriver, body: dict[str, Any], status: int
    ):
        page = "<html><title>Bad Gateway</title></html>"
        administration.add_fault(
            "status_after_commit", method="POST", path="/verkoopboekingen$", status=status, body=page
        )

        response = administration.post_booking(body)

        assert (response.status_code, response.text) == (status, page)
        assert booked(administration) == 1

    def test_booking_may_come_in_after_the_answer(
        self, administration: AdministrationDriver, body: dict[str, Any]
    ):
        administration.add_fault(
            "late_commit", method="POST", path="/verkoopboekingen$", status=504, seconds=0.3
        )

        assert administration.post_booking(body).status_code == 504
        assert booked(administration) == 0
        wait_until(lambda: booked(administration) == 1)

    def test_only_one_of_many_calls_at_once_gets_the_number(
        self, administration: AdministrationDriver, body: dict[str, Any]
    ):
        administration.change(latency_seconds=0.1)
        headers = administration.headers()
        url = f"{administration.client.base_url}/v2/verkoopboekingen"

        with ThreadPoolExecutor(8) as pool:
            statuses = list(
                pool.map(lambda _: httpx.post(url, json=body, headers=headers).status_code, range(8))
            )

        assert sorted(statuses) == [201] + [400] * 7
        assert booked(administration) == 1

    def test_relation_is_in_behind_a_cut(self, administration: AdministrationDriver):
        administration.add_fault("cut_after_commit", method="POST", path="/relaties$")

        with pytest.raises(LINE_CUT):
            administration.call(
                "POST", "/relaties", {"naam": "Jan Voorbeeld", "relatiesoort": ["Klant"], "relatiecode": 4711}
            )

        assert len(administration.rows("/relaties", filter="Relatiecode eq 4711")) == 1

    def test_fault_may_be_meant_for_one_administration(
        self, administration: AdministrationDriver, base_url: str
    ):
        administration.add_fault("status", status=503, tenant="dier", times=0)

        with AdministrationDriver(base_url, "dier") as other:
            other.open()
            assert other.call("GET", "/companyInfo").status_code == 503
        assert administration.call("GET", "/companyInfo").status_code == 200

    def test_rejected_subscription_key_is_a_fault_for_every_path(self, administration: AdministrationDriver):
        administration.rows("/companyInfo")
        administration.change(subscription_key="replaced")

        response = administration.call("GET", "/companyInfo")

        assert response.status_code == 401
        assert "invalid subscription key" in response.json()["message"]

    def test_limit_is_given_back_by_a_call_that_failed(self, administration: AdministrationDriver):
        administration.change(limits={"per_minute": 0, "per_hour": 0, "concurrent": 1})

        refused = [administration.call("GET", "/relaties", filter="onzin").status_code for _ in range(3)]

        assert refused == [400, 400, 400]

    def test_reset_forgets_everything(self, administration: AdministrationDriver):
        administration.add_fault("status", status=503, times=0)
        administration.control("POST", "/reset")

        assert administration.control("GET", "/administrations").json() == []
        assert administration.control("GET", "/faults").json() == []
        assert administration.request_token().status_code == 400
