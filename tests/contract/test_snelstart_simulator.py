"""The SnelStart simulator's door: tokens, keys, scopes and rate limits."""

import base64
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

START = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock(START)


@pytest.fixture(scope="module")
def base_url(clock: HandClock) -> Iterator[str]:
    with running(create_app(clock)) as url:
        yield url


@pytest.fixture
def administration(base_url: str, clock: HandClock) -> Iterator[AdministrationDriver]:
    clock.moment = START
    with AdministrationDriver(base_url) as driver:
        driver.control("POST", "/reset")
        driver.open()
        yield driver


def claims_of(token: str) -> dict[str, Any]:
    """Return what the middle part of a JWT says."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


class TestTokens:
    def test_connection_key_gives_a_token_of_3599_seconds(self, administration: AdministrationDriver):
        response = administration.request_token()

        assert response.status_code == 200
        granted = response.json()
        assert granted.keys() == {"access_token", "token_type", "expires_in"}
        assert (granted["token_type"], granted["expires_in"]) == ("bearer", 3599)

    def test_token_is_a_jwt_with_one_text_of_scopes(self, administration: AdministrationDriver):
        claims = claims_of(administration.request_token().json()["access_token"])

        assert {"relaties:write", "boekhouden:write", "orders:read"} <= set(claims["scopes"].split(" "))
        assert claims["exp"] == int(START.timestamp()) + 3599

    def test_every_token_is_another(self, administration: AdministrationDriver):
        assert administration.request_token().json() != administration.request_token().json()

    def test_key_with_plus_slash_and_equals_survives_the_form(self, administration: AdministrationDriver):
        administration.connection_key = "ab+c/d=="
        administration.change(connection_key="ab+c/d==")

        assert administration.request_token().status_code == 200

    def test_older_grant_takes_user_and_password_out_of_the_key(self, administration: AdministrationDriver):
        key = base64.b64encode(b"gebruiker:geheim").decode()
        administration.change(connection_key=key)

        granted = administration.request_token(grant_type="password", username="gebruiker", password="geheim")
        refused = administration.request_token(grant_type="password", username="gebruiker", password="x")

        assert (granted.status_code, refused.status_code) == (200, 400)

    def test_wrong_key_is_a_400(self, administration: AdministrationDriver):
        response = administration.request_token(clientkey="wrong")

        assert response.status_code == 400
        assert response.json() == {
            "error": "GrantType clientkey was found. Parameter clientkey does not contain a valid value"
        }

    def test_wrong_key_can_be_a_401(self, administration: AdministrationDriver):
        administration.control("PUT", "/token-refusal", {"status": 401})

        assert administration.request_token(clientkey="wrong").status_code == 401

    def test_withdrawn_key_gives_no_token(self, administration: AdministrationDriver):
        administration.command("POST", "/connection-key", {"connection_key": None})

        assert administration.request_token().status_code == 400

    def test_unknown_grant_is_refused(self, administration: AdministrationDriver):
        assert administration.request_token(grant_type="client_credentials").status_code == 400

    def test_token_expires_by_the_clock(self, administration: AdministrationDriver, clock: HandClock):
        assert administration.call("GET", "/companyInfo").status_code == 200
        clock.moment = START + timedelta(seconds=3598)
        assert administration.call("GET", "/companyInfo").status_code == 200
        clock.moment = START + timedelta(seconds=3599)
        assert administration.call("GET", "/companyInfo").status_code == 401

    def test_revoked_token_is_refused_and_a_new_one_works(self, administration: AdministrationDriver):
        assert administration.call("GET", "/companyInfo").status_code == 200
        administration.command("POST", "/revoke-tokens")
        assert administration.call("GET", "/companyInfo").status_code == 401
        administration.forget_token()
        assert administration.call("GET", "/companyInfo").status_code == 200


class TestKeysAndScopes:
    def get(self, administration: AdministrationDriver, **headers: str) -> httpx.Response:
        return administration.client.get("/v2/companyInfo", headers=headers)

    def test_subscription_key_comes_before_the_bearer(self, administration: AdministrationDriver):
        missing = self.get(administration)
        wrong = self.get(administration, **{"Ocp-Apim-Subscription-Key": "wrong"})

        assert missing.status_code == wrong.status_code == 401
        assert missing.json()["message"].startswith("Access denied due to missing subscription key.")
        assert wrong.json() == {
            "statusCode": 401,
            "message": "Access denied due to invalid subscription key. Make sure to provide a valid key "
            "for an active subscription.",
        }

    @pytest.mark.parametrize("authorization", ["", "Bearer garbled", "Basic abc"])
    def test_missing_or_garbled_bearer_is_a_401(
        self, administration: AdministrationDriver, authorization: str
    ):
        headers = {**administration.headers(), "Authorization": authorization}

        response = self.get(administration, **headers)

        assert response.status_code == 401
        assert "subscription key" not in response.text

    def test_subscription_key_may_stand_in_the_query(self, administration: AdministrationDriver):
        response = administration.client.get(
            "/v2/companyInfo",
            params={"subscription-key": administration.subscription_key},
            headers={"Authorization": administration.headers()["Authorization"]},
        )

        assert response.status_code == 200

    def test_missing_scope_is_a_403_that_names_it(self, administration: AdministrationDriver):
        administration.open(scopes=["boekhouden:read", "boekhouden:write"])

        response = administration.call("GET", "/verkoopfacturen")

        assert response.status_code == 403
        assert response.json() == {
            "error": "insufficient access rights. required scopes for this operation are: orders:read"
        }
        assert administration.call("GET", "/grootboeken").status_code == 200

    def test_reading_scope_does_not_let_write(self, administration: AdministrationDriver):
        administration.open(scopes=["relaties:read"])

        assert administration.call("GET", "/relaties").status_code == 200
        assert administration.call("POST", "/relaties", {"naam": "x"}).status_code == 403

    def test_key_selects_the_administration(self, administration: AdministrationDriver, base_url: str):
        administration.add_customer(naam="Klant van tuin")
        with AdministrationDriver(base_url, "dier") as other:
            other.open()
            names = [row["naam"] for row in other.rows("/relaties")]
            mine, theirs = administration.rows("/companyInfo"), other.rows("/companyInfo")

        assert "Klant van tuin" not in names
        assert mine["administratieNaam"] == "tuin"
        assert theirs["administratieIdentifier"] != mine["administratieIdentifier"]

    def test_call_log_names_the_administration(self, administration: AdministrationDriver):
        administration.call("GET", "/landen")

        call = administration.control("GET", "/calls").json()[-1]
        assert (call["path"], call["status"], call["tenant"]) == ("/v2/landen", 200, "tuin")

    def test_echo_checks_the_keys(self, administration: AdministrationDriver):
        assert administration.rows("/echo/hallo") == "hallo"


class TestRateLimits:
    def test_a_minute_holds_so_many_calls(self, administration: AdministrationDriver, clock: HandClock):
        administration.change(limits={"per_minute": 3, "per_hour": 100, "concurrent": 5})
        statuses = [administration.call("GET", "/companyInfo").status_code for _ in range(3)]
        clock.moment = START + timedelta(seconds=20)

        refused = administration.call("GET", "/companyInfo")

        assert statuses == [200, 200, 200]
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "40"
        assert refused.json() == {
            "statusCode": 429,
            "message": "Rate limit is exceeded. Try again in 40 seconds.",
        }
        clock.moment = START + timedelta(seconds=60)
        assert administration.call("GET", "/companyInfo").status_code == 200

    def test_an_hour_holds_so_many_calls(self, administration: AdministrationDriver, clock: HandClock):
        administration.change(limits={"per_minute": 100, "per_hour": 2, "concurrent": 5})
        administration.call("GET", "/companyInfo")
        clock.moment = START + timedelta(minutes=10)
        administration.call("GET", "/companyInfo")

        refused = administration.call("GET", "/companyInfo")

        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3000")

    def test_spent_quota_can_be_a_403(self, administration: AdministrationDriver):
        administration.change(
            limits={"per_minute": 100, "per_hour": 1, "concurrent": 5},
            options={"rate_limit_answer": "quota"},
        )
        administration.call("GET", "/companyInfo")

        refused = administration.call("GET", "/companyInfo")

        assert refused.status_code == 403
        assert refused.json()["message"] == (
            "Out of call volume quota. Quota will be replenished in 01:00:00."
        )

    def test_bare_answer_has_no_body_and_no_header(self, administration: AdministrationDriver):
        administration.change(
            limits={"per_minute": 1, "per_hour": 0, "concurrent": 0}, options={"rate_limit_answer": "bare"}
        )
        administration.call("GET", "/companyInfo")

        refused = administration.call("GET", "/companyInfo")

        assert (refused.status_code, refused.content) == (429, b"")
        assert "Retry-After" not in refused.headers

    @pytest.mark.parametrize(("product", "per_minute"), [("test", 100), ("production", 500)])
    def test_products_have_the_limits_that_the_vendor_publishes(
        self, administration: AdministrationDriver, product: str, per_minute: int
    ):
        administration.change(limits=product)

        statuses = [administration.call("GET", "/echo/x").status_code for _ in range(per_minute + 1)]

        assert statuses.count(200) == per_minute
        assert statuses[-1] == 429

    def test_only_so_many_calls_run_at_once(self, administration: AdministrationDriver):
        administration.change(limits={"per_minute": 0, "per_hour": 0, "concurrent": 2}, latency_seconds=0.5)
        headers = administration.headers()
        together = threading.Barrier(4)

        def call(_: int) -> int:
            together.wait()
            return httpx.get(f"{administration.client.base_url}/v2/companyInfo", headers=headers).status_code

        with ThreadPoolExecutor(4) as pool:
            statuses = sorted(pool.map(call, range(4)))

        assert statuses == [200, 200, 429, 429]

    def test_limits_of_one_administration_leave_another_alone(
        self, administration: AdministrationDriver, base_url: str
    ):
        administration.change(limits={"per_minute": 1, "per_hour": 0, "concurrent": 0})
        administration.call("GET", "/companyInfo")

        with AdministrationDriver(base_url, "dier") as other:
            other.open()
            assert other.call("GET", "/companyInfo").status_code == 200
        assert administration.call("GET", "/companyInfo").status_code == 429
