"""The session over a simulated SnelStart: login, lists page by page, answers of every kind."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
import pytest_asyncio

from sconnect.clock import ManualClock
from sconnect.errors import MisconfiguredError, RateLimited, SConnectError, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client
from sconnect.snelstart import (
    Credentials,
    SnelstartDirectory,
    SnelstartNotFound,
    SnelstartRefused,
    SnelstartSession,
    SnelstartSessions,
    odata,
)
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

E = TypeVar("E", bound=SConnectError)


class Line:
    """A session with an administration, and what the simulator saw of it."""

    def __init__(self, driver: AdministrationDriver, sessions: SnelstartSessions, clock: ManualClock) -> None:
        self.driver = driver
        self.clock = clock
        self.sessions = sessions
        self.credentials = Credentials(
            token_url=f"{driver.client.base_url}/b2b/token",
            api_url=f"{driver.client.base_url}/v2/",
            subscription_key=driver.subscription_key,
            connection_key=driver.connection_key,
        )
        self.session = sessions.session(self.credentials)
        self.directory = SnelstartDirectory(self.session)

    def other(self, **changes: str) -> SnelstartSession:
        fields = {name: getattr(self.credentials, name) for name in self.credentials.__slots__}
        return self.sessions.session(Credentials(**{**fields, **changes}))

    def calls(self, path: str = "") -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self.driver.control("GET", "/calls").json()
        return [call for call in calls if path in call["path"]]


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running(create_app(system_clock)) as base_url:
        yield base_url


@pytest_asyncio.fixture
async def line(simulator: str) -> AsyncIterator[Line]:
    with AdministrationDriver(simulator) as driver:
        driver.control("POST", "/reset")
        driver.open()
        async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
            clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
            sessions = SnelstartSessions(client, clock, total_timeout_seconds=2)
            yield Line(driver, sessions, clock)


async def test_an_administration_is_read_in_our_terms(line: Line) -> None:
    company = await line.directory.company_info()
    ledgers = {ledger.number: ledger for ledger in await line.directory.ledgers()}
    centres = {centre.number: centre for centre in await line.directory.cost_centres()}
    netherlands = next(country for country in await line.directory.countries() if country.code == "NL")
    low = [period for period in await line.directory.vat_rate_periods() if period.band == "Laag"]

    assert company.administration_id
    assert not company.foreign_vat
    assert ledgers[8100].function == "VerkopenOmzetHoog"
    assert ledgers[8100].vat_rate_bands == {"Hoog"}
    assert (ledgers[8100].account_kind, ledgers[1760].account_kind) == ("WinstEnVerlies", "Balans")
    assert ledgers[8177].vat_rate_code == "SR"
    assert ledgers[8105].cost_centre_required
    assert not ledgers[8119].active
    assert (centres[1].active, centres[9].active) == (True, False)
    assert netherlands.code_iso3 == "NLD"
    assert [period.percentage for period in low if period.first_day.year == 2019] == [Decimal(9)]


async def test_one_token_serves_many_calls_at_once(line: Line) -> None:
    await asyncio.gather(*(line.directory.company_info() for _ in range(10)))

    assert len(line.calls("/token")) == 1
    assert line.sessions.session(line.credentials) is line.session


async def test_a_token_is_renewed_a_minute_before_its_end(line: Line) -> None:
    await line.directory.company_info()
    line.clock.advance(timedelta(seconds=3599 - 61))
    await line.directory.company_info()
    assert len(line.calls("/token")) == 1

    line.clock.advance(timedelta(seconds=1))
    await line.directory.company_info()
    assert len(line.calls("/token")) == 2


async def test_a_token_that_is_revoked_is_renewed_once(line: Line) -> None:
    await line.directory.company_info()
    line.driver.command("POST", "/revoke-tokens")
    await asyncio.gather(*(line.directory.company_info() for _ in range(5)))

    assert len(line.calls("/token")) == 2


async def test_a_token_that_is_refused_every_time_pauses_the_profile(line: Line) -> None:
    line.driver.add_fault("status", path="companyInfo", status=401, times=0)
    error = await failing(line, MisconfiguredError)

    assert error.reason.text_key == "PROFILE_PAUSED.token_refused"
    assert len(line.calls("companyInfo")) == 2


async def test_the_token_tells_what_it_may_do(line: Line) -> None:
    assert {"relaties:write", "boekhouden:write", "orders:read"} <= await line.session.token_scopes()

    line.driver.change(scopes=["relaties:read"])
    assert await line.other(token_url=f"{line.driver.client.base_url}/b2b/token?again").token_scopes() == {
        "relaties:read"
    }


@pytest.mark.parametrize("refused_status", [400, 401])
async def test_a_wrong_koppelsleutel_pauses_the_profile(line: Line, refused_status: int) -> None:
    line.driver.control("PUT", "/token-refusal", {"status": refused_status})
    with pytest.raises(MisconfiguredError) as error:
        await line.other(connection_key="withdrawn").get("/companyInfo")
    line.driver.control("PUT", "/token-refusal", {"status": 400})

    assert error.value.reason.text_key == "PROFILE_PAUSED.connection_key"


async def test_a_wrong_subscription_key_is_not_blamed_on_the_koppelsleutel(line: Line) -> None:
    with pytest.raises(MisconfiguredError) as error:
        await line.other(subscription_key="expired").get("/companyInfo")

    assert error.value.reason.text_key == "PROFILE_PAUSED.subscription_key"
    assert len(line.calls("/token")) == 1


async def test_a_key_that_no_header_can_carry_pauses_the_profile(line: Line) -> None:
    with pytest.raises(MisconfiguredError) as error:
        await line.other(subscription_key="sleutel–met–streepjes").get("/companyInfo")

    assert error.value.reason.text_key == "PROFILE_PAUSED.subscription_key"


async def test_a_missing_right_is_named(line: Line) -> None:
    line.driver.change(scopes=["settings:read"])
    with pytest.raises(MisconfiguredError) as error:
        await line.session.get_all("/verkoopfacturen")

    assert error.value.reason.text_key == "PROFILE_PAUSED.scope"
    assert error.value.reason.details == {"scopes": "orders:read"}


async def test_an_address_that_is_not_the_api_pauses_the_profile(line: Line) -> None:
    with pytest.raises(MisconfiguredError) as error:
        await line.other(token_url=f"{line.driver.client.base_url}/elsewhere").get("/companyInfo")

    assert error.value.reason.text_key == "PROFILE_PAUSED.not_the_api"
    assert error.value.reason.details == {"host": "127.0.0.1", "status": "404"}


async def test_an_unknown_thing_is_not_found(line: Line) -> None:
    with pytest.raises(SnelstartNotFound):
        await line.session.get("/verkoopboekingen/5a0e2b5e-6a8e-4c53-9b49-0d6f3b8d4a10")


async def test_a_refusal_carries_every_problem(line: Line) -> None:
    with pytest.raises(SnelstartRefused) as refused:
        await line.session.post("/relaties", {"relatiesoort": ["Klant"], "naam": "", "iban": "NL00"})

    assert {"REL-0007", "REL-0011"} <= refused.value.codes


async def test_lists_come_whole_however_many_pages_they_have(line: Line) -> None:
    people = [
        {"naam": f"Klant {number} Voorbeeld", "relatiesoort": ["Klant"], "email": f"klant{number}@example.nl"}
        for number in range(1100)
    ]
    line.driver.command("POST", "/relations", people)
    pages = [len(page) async for page in line.session.pages("/relaties")]
    relations = await line.session.get_all("/relaties")

    assert pages[:2] == [500, 500]
    assert len({row["id"] for row in relations}) == len(relations) == sum(pages) >= 1100


async def test_a_list_that_ignores_its_options_ends_all_the_same(line: Line) -> None:
    pages = [page async for page in line.session.pages("/landen", page_size=10)]

    assert len(pages) == 1
    assert len(pages[0]) > 100


async def test_a_filter_finds_a_text_with_a_quote(line: Line) -> None:
    line.driver.add_customer(naam="Bob d'Voorbeeld")
    found = await line.session.get_all("/relaties", filter="Naam eq " + odata.text("Bob d'Voorbeeld"))

    assert [row["naam"] for row in found] == ["Bob d'Voorbeeld"]


async def test_a_thing_is_made_and_replaced(line: Line) -> None:
    made = await line.session.post("/relaties", {"relatiesoort": ["Klant"], "naam": "Ria Voorbeeld"})
    await line.session.put(f"/relaties/{made['id']}", {**made, "email": "ria@example.nl"})

    assert (await line.session.get(f"/relaties/{made['id']}"))["email"] == "ria@example.nl"


async def test_amounts_arrive_exactly(line: Line) -> None:
    customer = line.driver.add_customer()
    line.driver.post_booking(line.driver.plain_booking(customer)).raise_for_status()
    (invoice,) = await line.session.get_all("/verkoopfacturen")

    assert str(invoice["factuurBedrag"]) in ("121.00", "121.0", "121")
    assert not isinstance(invoice["factuurBedrag"], float)


async def failing(line: Line, kind: type[E]) -> E:
    with pytest.raises(kind) as error:
        await line.directory.company_info()
    return error.value


@pytest.mark.parametrize(
    ("fault", "variant"),
    [
        ({"kind": "status", "status": 503}, "status"),
        ({"kind": "status", "status": 500, "body": "<html>"}, "status"),
        ({"kind": "cut_before"}, "connection_lost"),
        ({"kind": "cut_after_commit"}, "connection_lost"),
        ({"kind": "reset"}, "connection_lost"),
        ({"kind": "truncate"}, "unreadable_answer"),
        ({"kind": "status", "status": 200, "body": "<html>"}, "unreadable_answer"),
        ({"kind": "slow", "seconds": 5}, "timeout"),
    ],
)
async def test_trouble_heals_and_is_told_apart_for_reads_and_writes(
    line: Line, fault: dict[str, Any], variant: str
) -> None:
    line.driver.add_fault(path="companyInfo", **fault)
    error = await failing(line, UpstreamUnavailable)
    assert (error.reason.variant, error.outcome_unknown) == (variant, False)

    assert (await line.directory.company_info()).administration_id
    line.driver.add_fault(path="relaties", **fault)
    with pytest.raises(UpstreamUnavailable) as write:
        await line.session.post("/relaties", {"relatiesoort": ["Klant"], "naam": "Ria Voorbeeld"})
    assert write.value.outcome_unknown


@pytest.mark.parametrize("body", [[], {}, [{}], "text", None])
async def test_an_answer_of_another_shape_is_no_administration(line: Line, body: Any) -> None:
    line.driver.add_fault("status", path="companyInfo", status=200, body=body)

    assert (await failing(line, UpstreamUnavailable)).reason.variant == "unreadable_answer"


@pytest.mark.parametrize(("retry_after", "seconds"), [("5", 5), (None, None)])
async def test_a_limit_is_obeyed_and_nothing_was_done(
    line: Line, retry_after: str | None, seconds: float | None
) -> None:
    line.driver.add_fault("status", path="relaties", status=429, retry_after=retry_after)
    with pytest.raises(RateLimited) as limited:
        await line.session.post("/relaties", {"relatiesoort": ["Klant"], "naam": "Ria Voorbeeld"})

    assert limited.value.retry_after_seconds == seconds


async def test_login_and_call_share_one_deadline(line: Line) -> None:
    line.driver.add_fault("slow", path="token", seconds=1.5)
    line.driver.add_fault("slow", path="companyInfo", seconds=1.5)
    started = asyncio.get_running_loop().time()
    await failing(line, UpstreamUnavailable)

    assert asyncio.get_running_loop().time() - started < 2.9


async def test_a_slow_login_leaves_a_write_undone(line: Line) -> None:
    line.driver.add_fault("slow", path="token", seconds=5)
    with pytest.raises(UpstreamUnavailable) as error:
        await line.session.post("/relaties", {"relatiesoort": ["Klant"], "naam": "Ria Voorbeeld"})

    assert not error.value.outcome_unknown


def test_keys_are_not_shown() -> None:
    credentials = Credentials(
        token_url="https://auth.example.nl",
        api_url="https://api.example.nl",
        subscription_key="s3",
        connection_key="k3",
    )
    assert "s3" not in repr(credentials)
    assert "k3" not in repr(credentials)
