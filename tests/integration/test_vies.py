"""VIES over HTTP, against its simulator with faults."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from sconnect.clock import ManualClock
from sconnect.errors import MisconfiguredError, RateLimited, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client
from sconnect.vat_numbers import EuVatNumber, Vies, read_eu_vat_number
from simulators.clock import system_clock
from simulators.server import running
from simulators.vies import create_app
from simulators.vies.driver import ViesDriver

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BELGIAN = EuVatNumber(letters="BE", digits="0123456749", is_valid=True)


@pytest.fixture
def driver() -> Iterator[ViesDriver]:
    with running(create_app(system_clock)) as url, ViesDriver(url) as driver:
        driver.register("BE0123456749", "EL123456783")
        yield driver


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest_asyncio.fixture
async def vies(driver: ViesDriver, clock: ManualClock) -> AsyncIterator[Vies]:
    client = create_http_client(HttpLimits(), allow_local_apis=True)
    yield Vies(client, clock, url=driver.base_url, total_timeout_seconds=1)
    await client.aclose()


def questions(driver: ViesDriver) -> int:
    return len([call for call in driver.calls() if call["path"] == "/check-vat-number"])


@pytest.mark.parametrize("answer", ["valid", "isValid"])
async def test_known_and_unknown_numbers(vies: Vies, driver: ViesDriver, answer: str) -> None:
    driver.set_options(answer=answer)
    assert await vies.is_registered(BELGIAN)
    assert not await vies.is_registered(EuVatNumber(letters="BE", digits="0428759497", is_valid=True))


async def test_a_registered_number_is_asked_once_in_its_lifetime(
    vies: Vies, driver: ViesDriver, clock: ManualClock
) -> None:
    for _ in range(3):
        assert await vies.is_registered(BELGIAN)
    assert questions(driver) == 1
    clock.advance(timedelta(hours=24))
    driver.register()
    assert not await vies.is_registered(BELGIAN)


async def test_an_unknown_number_is_asked_every_time(vies: Vies, driver: ViesDriver) -> None:
    driver.register()
    assert not await vies.is_registered(BELGIAN)
    driver.register("BE0123456749")
    assert await vies.is_registered(BELGIAN)


@pytest.mark.parametrize("status", [200, 400, 404])
@pytest.mark.parametrize("error", ["MS_UNAVAILABLE", "MS_MAX_CONCURRENT_REQ", "GLOBAL_MAX_CONCURRENT_REQ"])
async def test_a_member_state_that_is_away_is_an_outage_whatever_the_status(
    vies: Vies, driver: ViesDriver, error: str, status: int
) -> None:
    driver.set_options(error_status=status)
    driver.country_answers("BE", error)
    with pytest.raises(UpstreamUnavailable) as outage:
        await vies.is_registered(BELGIAN)
    assert outage.value.reason.text_key == "UPSTREAM_UNAVAILABLE.vies"
    assert outage.value.reason.details == {"country": "BE", "error": error}
    driver.country_answers("BE", None)
    assert await vies.is_registered(BELGIAN)


async def test_an_impossible_number_is_an_answer_and_no_outage(vies: Vies, driver: ViesDriver) -> None:
    driver.country_answers("BE", "INVALID_INPUT")
    assert not await vies.is_registered(BELGIAN)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 200, "body": "<html>onderhoud</html>"},
        {"kind": "status", "status": 200, "body": {"valid": "yes"}},
        {"kind": "status", "status": 404, "body": {"valid": True}},
        {"kind": "cut_before"},
        {"kind": "truncate"},
        {"kind": "slow", "seconds": 3},
    ],
)
async def test_whatever_else_goes_wrong_is_an_outage(
    vies: Vies, driver: ViesDriver, fault: dict[str, Any]
) -> None:
    driver.add_fault(path="check-vat-number", **fault)
    with pytest.raises(UpstreamUnavailable):
        await vies.is_registered(BELGIAN)


async def test_vies_may_ask_to_slow_down(vies: Vies, driver: ViesDriver) -> None:
    driver.add_fault("status", path="check-vat-number", status=429, retry_after="7")
    with pytest.raises(RateLimited) as wait:
        await vies.is_registered(BELGIAN)
    assert wait.value.retry_after_seconds == 7


async def test_a_private_address_is_refused(driver: ViesDriver, clock: ManualClock) -> None:
    async with create_http_client(HttpLimits()) as client:
        vies = Vies(client, clock, url=driver.base_url, total_timeout_seconds=1)
        with pytest.raises(MisconfiguredError):
            await vies.is_registered(BELGIAN)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("be 0123.456.749", "BE", ("BE", "0123456749", True)),
        ("0123456749", "BE", ("BE", "0123456749", True)),
        ("GR123456783", "GR", ("EL", "123456783", True)),
        ("123456783", "GR", ("EL", "123456783", True)),
        ("BE0123456700", "BE", ("BE", "0123456700", False)),
        ("12", None, ("12", "", False)),
    ],
)
def test_a_number_as_people_write_it(text: str, country: str | None, expected: tuple[str, str, bool]) -> None:
    number = read_eu_vat_number(text, country)
    assert number is not None
    assert (number.letters, number.digits, number.is_valid) == expected


@pytest.mark.parametrize("text", [None, "", " - "])
def test_nothing_written_is_no_number(text: str | None) -> None:
    assert read_eu_vat_number(text, "BE") is None
