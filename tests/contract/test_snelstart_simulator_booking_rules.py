"""Sales bookings that the SnelStart simulator refuses: every business rule but those of VAT."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

UNKNOWN_ID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(create_app(HandClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC)))) as url:
        yield url


@pytest.fixture
def administration(base_url: str) -> Iterator[AdministrationDriver]:
    with AdministrationDriver(base_url) as driver:
        driver.control("POST", "/reset")
        driver.open()
        yield driver


@pytest.fixture
def customer(administration: AdministrationDriver) -> str:
    return administration.add_customer()


def codes(response: httpx.Response) -> list[str]:
    """Return the error codes of a refusal."""
    assert response.status_code == 400, response.text
    return [error["errorCode"] for error in response.json()]


def created(response: httpx.Response) -> dict[str, Any]:
    """Return the booking that was made."""
    assert response.status_code == 201, response.text
    booking: dict[str, Any] = response.json()
    return booking


class TestRefusals:
    def refused(self, administration: AdministrationDriver, customer: str, **fields: Any) -> list[str]:
        before = administration.command("GET", "/bookings")
        response = administration.post_booking(administration.plain_booking(customer, **fields))
        assert administration.command("GET", "/bookings") == before
        assert administration.command("GET", "/mutations") == []
        return codes(response)

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"id": UNKNOWN_ID}, "ALG-0100"),
            ({"factuurdatum": "2020-12-31"}, "BOE-0033"),
            ({"factuurbedrag": "121.01"}, "BOE-0039"),
            ({"factuurbedrag": "120.99"}, "BOE-0039"),
            ({"factuurbedrag": None}, "BOE-0039"),
            ({"klant": {"id": UNKNOWN_ID}}, "BOE-0054"),
            ({"klant": {}}, "BOE-0054"),
            ({"factuurnummer": " "}, "BOE-0058"),
            ({"factuurdatum": None}, "BOE-0070"),
            (
                {
                    "eenmaligeIncassoMachtiging": {"omschrijving": "x", "datum": "2026-03-01"},
                    "doorlopendeIncassoMachtiging": {"id": UNKNOWN_ID},
                },
                "BOE-0064",
            ),
        ],
    )
    def test_broken_rule_has_its_code(
        self, administration: AdministrationDriver, customer: str, fields: dict[str, Any], code: str
    ):
        assert self.refused(administration, customer, **fields) == [code]

    def test_first_day_of_five_years_back_is_fine(self, administration: AdministrationDriver, customer: str):
        body = administration.plain_booking(customer, factuurdatum="2021-01-01")

        assert administration.post_booking(body).status_code == 201

    @pytest.mark.parametrize(
        ("setting", "code"), [("blocked_until", "BOE-0042"), ("accountant_checked_until", "BOE-0051")]
    )
    def test_closed_period(
        self, administration: AdministrationDriver, customer: str, setting: str, code: str
    ):
        administration.change(**{setting: "2026-03-02"})

        assert self.refused(administration, customer) == [code]
        next_day = administration.plain_booking(customer, factuurdatum="2026-03-03")
        assert administration.post_booking(next_day).status_code == 201

    def test_deleted_customer(self, administration: AdministrationDriver):
        deleted = administration.add_customer(nonactief=True)

        assert self.refused(administration, deleted) == ["BOE-0054"]

    @pytest.mark.parametrize("kinds", [["Leverancier"], ["Eigen"]])
    def test_relation_that_is_no_customer(self, administration: AdministrationDriver, kinds: list[str]):
        other = administration.add_customer(relatiesoort=kinds)

        assert self.refused(administration, other) == ["BOE-0060"]

    def test_no_lines(self, administration: AdministrationDriver, customer: str):
        assert self.refused(administration, customer, boekingsregels=[], btw=[], factuurbedrag="0.00") == [
            "BOE-0023"
        ]

    def test_zero_line_unless_the_option_takes_it(self, administration: AdministrationDriver, customer: str):
        lines = [administration.line(8100, "100.00", "Hoog"), administration.line(8300, "0.00", "Hoog")]

        response = administration.post_booking(
            administration.booking(customer, lines, {"VerkopenHoog": "21.00"})
        )

        assert codes(response) == ["BOE-0028"]
        assert response.json()[0]["details"] == "8300"
        administration.change(options={"reject_zero_lines": False})
        created(
            administration.post_booking(administration.booking(customer, lines, {"VerkopenHoog": "21.00"}))
        )

    @pytest.mark.parametrize(
        ("number", "kind", "code"),
        [
            (8119, "Laag", "BOE-0008"),
            (8105, "Hoog", "BOE-0022"),
            (1300, "Geen", "BOE-0061"),
            (1671, "Geen", "BOE-0061"),
        ],
    )
    def test_ledger_that_does_not_do(
        self, administration: AdministrationDriver, customer: str, number: int, kind: str, code: str
    ):
        vat = {"Laag": {"VerkopenLaag": "9.00"}, "Hoog": {"VerkopenHoog": "21.00"}}.get(kind, {})
        lines = [administration.line(number, "100.00", kind)]

        response = administration.post_booking(administration.booking(customer, lines, vat))

        assert codes(response) == [code]
        assert response.json()[0]["details"] == str(number)

    def test_unknown_ledger(self, administration: AdministrationDriver, customer: str):
        lines = [{"grootboek": {"id": UNKNOWN_ID}, "bedrag": "100.00", "btwSoort": "Geen"}]

        response = administration.post_booking(administration.booking(customer, lines, {}))

        assert codes(response) == ["BOE-0037"]
        assert response.json()[0]["details"] == UNKNOWN_ID

    def test_cost_centres(self, administration: AdministrationDriver, customer: str):
        centres = {row["nummer"]: row["id"] for row in administration.rows("/kostenplaatsen")}

        def answer(centre_id: str) -> httpx.Response:
            lines = [administration.line(8105, "100.00", "Hoog", kostenplaats={"id": centre_id})]
            return administration.post_booking(
                administration.booking(customer, lines, {"VerkopenHoog": "21.00"})
            )

        assert codes(answer(UNKNOWN_ID)) == ["BOE-0019"]
        assert codes(answer(centres[9])) == ["BOE-0026"]
        assert created(answer(centres[1]))["boekingsregels"][0]["kostenplaats"]["id"] == centres[1]

    def test_ledger_for_the_vat_is_missing(self, administration: AdministrationDriver, customer: str):
        administration.command("POST", "/ledgers", {"nummer": 1671, "nonactief": True})

        response = administration.post_booking(administration.plain_booking(customer))

        assert codes(response) == ["BOE-0081"]
        assert response.json()[0]["details"] == "BtwAfTeDragenHoog"

    def test_everything_wrong_comes_in_one_array(self, administration: AdministrationDriver, customer: str):
        created(administration.post_booking(administration.plain_booking(customer)))
        supplier = administration.add_customer(relatiesoort=["Leverancier"])
        lines = [administration.line(8119, "0.00", "Hoog"), administration.line(1671, "1.00", "Geen")]

        response = administration.post_booking(
            administration.booking(supplier, lines, {}, factuurdatum="2020-01-01", factuurbedrag="5.00")
        )

        assert codes(response) == [
            "BOE-0021",
            "BOE-0033",
            "BOE-0060",
            "BOE-0028",
            "BOE-0008",
            "BOE-0061",
            "BOE-0039",
            "BOE-0082",
            "BOE-0082",
        ]


class TestModelState:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"factuurnummer": None}, "model.factuurnummer"),
            ({"factuurnummer": "x" * 26}, "model.factuurnummer"),
            ({"klant": None}, "model.klant"),
            ({"klant": {"id": "x"}}, "model.klant.id"),
            ({"boekingsregels": None}, "model.boekingsregels"),
            ({"boekingsregels": [{"bedrag": 1}]}, "model.boekingsregels[0].grootboek"),
            (
                {"boekingsregels": [{"grootboek": {}, "omschrijving": "x" * 251}]},
                "model.boekingsregels[0].omschrijving",
            ),
            ({"boekingsregels": [{"grootboek": {}, "bedrag": "veel"}]}, "model.boekingsregels[0].bedrag"),
            ({"boekingsregels": [{"grootboek": {}, "bedrag": True}]}, "model.boekingsregels[0].bedrag"),
            ({"boekingsregels": [{"grootboek": {}, "btwSoort": "Veel"}]}, "model.boekingsregels[0].btwSoort"),
            ({"btw": [{"btwSoort": "Onzin"}]}, "model.btw[0].btwSoort"),
            ({"omschrijving": "x" * 251}, "model.omschrijving"),
            ({"boekstuk": "x" * 26}, "model.boekstuk"),
            ({"betalingstermijn": -1}, "model.betalingstermijn"),
            ({"betalingstermijn": 1000}, "model.betalingstermijn"),
            ({"factuurdatum": "02-03-2026"}, "model.factuurdatum"),
            ({"factuurdatum": "2026-02-30"}, "model.factuurdatum"),
            ({"factuurdatum": 20260302}, "model.factuurdatum"),
        ],
    )
    def test_annotations_come_before_the_rules(
        self, administration: AdministrationDriver, customer: str, fields: dict[str, Any], path: str
    ):
        body = administration.plain_booking(customer, **{"factuurbedrag": "999.00", **fields})

        response = administration.post_booking(body)

        assert response.status_code == 400
        assert list(response.json()["modelState"]) == [path]

    @pytest.mark.parametrize(
        ("field", "length", "code"),
        [("factuurnummer", 26, "BOE-0058"), ("boekstuk", 26, "BOE-0068"), ("omschrijving", 251, "BOE-0071")],
    )
    def test_lengths_can_be_codes(
        self, administration: AdministrationDriver, customer: str, field: str, length: int, code: str
    ):
        administration.change(options={"length_errors": "codes"})
        body = {**administration.plain_booking(customer), field: "x" * length}

        assert codes(administration.post_booking(body)) == [code]

    @pytest.mark.parametrize("amount", [121, 121.0, "121", "121.00", " 121.00 ", "121.004", "0,121.00"])
    def test_money_comes_in_several_forms(
        self, administration: AdministrationDriver, customer: str, amount: Any
    ):
        body = administration.plain_booking(customer, factuurbedrag=amount)

        assert created(administration.post_booking(body))["factuurbedrag"] == 121
