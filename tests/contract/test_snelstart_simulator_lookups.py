"""The collections of the SnelStart simulator that are only read, what does not exist, the control door."""

from collections.abc import Iterator
from datetime import UTC, datetime

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


class TestLookups:
    @pytest.mark.parametrize(
        "path", ["/dagboeken", "/landen", "/btwtarieven", "/kostenplaatsen", "/artikelomzetgroepen"]
    )
    def test_some_collections_silently_heed_no_option(self, administration: AdministrationDriver, path: str):
        everything = administration.rows(path)

        assert administration.rows(path, filter="Onzin eq 'x'", top="1", skip="abc") == everything
        assert len(everything) > 1

    def test_chart_has_the_accounts_that_a_webshop_books_on(self, administration: AdministrationDriver):
        ledgers = {row["nummer"]: row for row in administration.rows("/grootboeken")}

        assert ledgers[8100]["grootboekfunctie"] == "VerkopenOmzetHoog"
        assert ledgers[8100]["btwSoort"] == ["Hoog"]
        assert ledgers[8110]["btwSoort"] == ["Laag"]
        assert ledgers[8120]["btwSoort"] == ["Overig"]
        assert ledgers[8140]["grootboekfunctie"] == "VerkopenOmzetOnbelastVerlegd"
        assert ledgers[8160]["grootboekfunctie"] == "VerkopenExportBuitenEU"
        assert ledgers[8170]["grootboekfunctie"] == "VerkopenExportBinnenEU"
        assert (ledgers[8177]["vatRateCode"], ledgers[8179]["vatRateCode"]) == ("SR", "RRL")
        assert ledgers[1760]["rekeningCode"] == ledgers[1765]["rekeningCode"] == "Balans"
        assert (ledgers[8990]["rekeningCode"], ledgers[8990]["btwSoort"]) == ("WinstEnVerlies", ["Geen"])
        assert ledgers[8105]["kostenplaatsVerplicht"]
        assert ledgers[8119]["nonactief"]

    def test_ledgers_are_filtered(self, administration: AdministrationDriver):
        oss = "Grootboekfunctie eq 'InstallatieTeleverkoopBinnenEUgeen' and VatRateCode eq 'RRL'"

        (one,) = administration.rows("/grootboeken", filter="Nummer eq 8100")
        assert [row["nummer"] for row in administration.rows("/grootboeken", filter=oss)] == [8179, 8189]
        assert administration.rows(f"/grootboeken/{one['id']}") == one

    def test_ledger_ids_belong_to_the_administration(
        self, administration: AdministrationDriver, base_url: str
    ):
        with AdministrationDriver(base_url, "dier") as other:
            other.open()
            assert other.ledger(8100) != administration.ledger(8100)

    def test_ledgers_can_be_added_changed_and_removed(self, administration: AdministrationDriver):
        administration.command("POST", "/ledgers", {"nummer": 8100, "omschrijving": "Anders"})
        administration.command(
            "POST",
            "/ledgers",
            {"nummer": 8555, "omschrijving": "Nieuw", "grootboekfunctie": "VerkopenOmzetLaag"},
        )
        administration.command("DELETE", "/ledgers/8110")

        ledgers = {row["nummer"]: row for row in administration.rows("/grootboeken")}
        assert ledgers[8100]["omschrijving"] == "Anders"
        assert ledgers[8100]["grootboekfunctie"] == "VerkopenOmzetHoog"
        assert (ledgers[8555]["btwSoort"], ledgers[8555]["rekeningCode"]) == (["Laag"], "WinstEnVerlies")
        assert 8110 not in ledgers

    def test_low_rate_went_from_6_to_9_in_2019(self, administration: AdministrationDriver):
        low = [row for row in administration.rows("/btwtarieven") if row["btwSoort"] == "Laag"]

        assert [(row["btwPercentage"], row["datumVanaf"], row["datumTotEnMet"]) for row in low] == [
            (6, "1986-10-01T00:00:00", "2018-12-31T00:00:00"),
            (9, "2019-01-01T00:00:00", "2400-12-31T00:00:00"),
        ]

    def test_countries_carry_both_codes(self, administration: AdministrationDriver):
        countries = {row["landcode"]: row for row in administration.rows("/landen")}

        assert len(countries) == 249
        assert (countries["BE"]["naam"], countries["BE"]["landcodeISO"]) == ("België", "BEL")

    def test_vat_rates_are_filtered_by_country(self, administration: AdministrationDriver):
        (germany,) = administration.rows("/vatrates", filter="CountryCode eq 'DEU'")

        assert [(rate["rateCode"], rate["rate"]) for rate in germany["vatRates"]] == [("SR", 19), ("RRL", 7)]
        assert {row["rateCode"] for row in administration.rows("/vatratedefinitions")} == {
            "SR",
            "RRH",
            "RRL",
            "SRR",
            "PR",
        }

    def test_company_shows_the_foreign_vat_ledger_when_that_is_on(self, administration: AdministrationDriver):
        before = administration.rows("/companyInfo")
        administration.change(foreign_vat=True)
        after = administration.rows("/companyInfo")

        assert (before["factureerBuitenlandsBtw"], before["buitenlandseBtwGrootboek"]) == (False, None)
        assert after["factureerBuitenlandsBtw"] is True
        assert after["buitenlandseBtwGrootboek"]["id"] == administration.ledger(1690)["id"]
        assert after["huidigBoekjaar"] == 2026

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/verkoopboekingen"), ("POST", "/verkoopfacturen"), ("GET", "/nergens")]
    )
    def test_operation_that_does_not_exist_is_the_gateways_404(
        self, administration: AdministrationDriver, method: str, path: str
    ):
        response = administration.call(method, path)

        assert response.status_code == 404
        assert response.json() == {"statusCode": 404, "message": "Resource not found"}

    @pytest.mark.parametrize(
        ("shape", "body"),
        [
            ("empty", b""),
            ("message", b'{"Message":"De relatie is niet gevonden"}'),
            (
                "codes",
                b'[{"errorCode":"REL-0005","message":"De relatie is niet gevonden","details":null}]',
            ),
        ],
    )
    def test_unknown_id_is_a_404_in_the_shape_that_is_set(
        self, administration: AdministrationDriver, shape: str, body: bytes
    ):
        administration.change(options={"not_found_body": shape})

        response = administration.call("GET", "/relaties/00000000-0000-0000-0000-000000000001")

        assert (response.status_code, response.content) == (404, body)


class TestControlDoor:
    def test_wrong_settings_are_refused(self, administration: AdministrationDriver):
        for wrong in (
            {"options": {"no_such_option": True}},
            {"options": {"not_found_body": "other"}},
            {"limits": {"per_minute": 1}},
            {"no_such_setting": 1},
        ):
            with pytest.raises(httpx.HTTPStatusError, match="422"):
                administration.change(**wrong)

    def test_unknown_administration_is_a_404(self, administration: AdministrationDriver):
        with pytest.raises(httpx.HTTPStatusError, match="404"):
            administration.control("GET", "/administrations/nobody/bookings")

    def test_opening_again_empties_and_keeps_the_identity(self, administration: AdministrationDriver):
        identifier = administration.rows("/companyInfo")["administratieIdentifier"]
        administration.add_customer(naam="Weg Voorbeeld")

        administration.open()

        assert administration.rows("/companyInfo")["administratieIdentifier"] == identifier
        assert administration.rows("/relaties", filter="Naam eq 'Weg Voorbeeld'") == []

    def test_administrations_are_listed(self, administration: AdministrationDriver):
        (listed,) = administration.control("GET", "/administrations").json()

        assert (listed["name"], listed["relations"], listed["bookings"]) == ("tuin", 3, 0)
