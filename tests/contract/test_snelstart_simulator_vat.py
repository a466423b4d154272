"""The VAT rules of sales bookings in the SnelStart simulator: Dutch, reversed, EU business, foreign."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

Lines = list[tuple[int, str, str | None]]


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


def book(
    administration: AdministrationDriver, customer: str, lines: Lines, vat: dict[str, str], **fields: Any
) -> httpx.Response:
    """Post a booking of lines (ledger, amount, kind) and VAT rows."""
    written = [administration.line(number, amount, kind) for number, amount, kind in lines]
    return administration.post_booking(administration.booking(customer, written, vat, **fields))


def codes(response: httpx.Response) -> list[str]:
    """Return the error codes; none when the booking was made."""
    return [] if response.status_code == 201 else [error["errorCode"] for error in response.json()]


class TestDutchVat:
    @pytest.mark.parametrize(
        ("lines", "vat"),
        [
            ([(8100, "100.00", "Hoog")], {"VerkopenHoog": "21.00"}),
            (
                [(8100, "100.00", "Hoog"), (8301, "5.00", "Laag")],
                {"VerkopenHoog": "21", "VerkopenLaag": "0.45"},
            ),
            ([(8120, "100.00", "Overig")], {"VerkopenOverig": "6.00"}),
            ([(8140, "100.00", "Geen")], {}),
            ([(8140, "100.00", "Geen"), (8100, "100.00", "Hoog")], {"VerkopenHoog": "21.00"}),
            ([(8150, "100.00", "Geen")], {"VerkopenVerlegd": "0.00"}),
            ([(8140, "100.00", "Geen")], {"VerkopenVerlegd": "0.00"}),
            ([(8199, "100.00", "Geen")], {}),
            ([(1760, "50.00", "Geen"), (1765, "0.15", "Geen"), (8990, "0.01", "Geen")], {}),
            (
                [(8100, "100.00", "Hoog"), (8320, "-100.00", "Hoog"), (8199, "1", "Geen")],
                {"VerkopenHoog": "0.00"},
            ),
            ([(8100, "-100.00", "Hoog")], {"VerkopenHoog": "-21.00"}),
            ([(4560, "10.00", "Hoog")], {"InkopenHoog": "2.10"}),
            ([(4560, "10.00", "Geen")], {}),
        ],
    )
    def test_booking_is_taken(
        self, administration: AdministrationDriver, customer: str, lines: Lines, vat: dict[str, str]
    ):
        assert codes(book(administration, customer, lines, vat)) == []

    @pytest.mark.parametrize(
        ("lines", "vat", "expected"),
        [
            # The names of lines and of VAT rows mixed up.
            ([(8100, "100.00", "VerkopenHoog")], {"VerkopenHoog": "21.00"}, ["BOE-0082", "BOE-0069"]),
            ([(8100, "100.00", "Hoog")], {"Hoog": "21.00"}, ["BOE-0082", "BOE-0069"]),
            # A kind that the ledger does not have.
            ([(8100, "100.00", "Laag")], {"VerkopenLaag": "9.00"}, ["BOE-0082"]),
            ([(8140, "100.00", "Hoog")], {"VerkopenHoog": "21.00"}, ["BOE-0082"]),
            # A kind without its VAT row, and a row without its kind.
            ([(8100, "100.00", "Hoog")], {}, ["BOE-0082"]),
            ([(8100, "100.00", "Hoog"), (8110, "1.00", "Laag")], {"VerkopenHoog": "21.00"}, ["BOE-0082"]),
            ([(8140, "100.00", "Geen")], {"VerkopenHoog": "21.00"}, ["BOE-0069"]),
            # Ledgers of functions 30 and 34 want to be told the kind.
            ([(4560, "100.00", None)], {}, ["BOE-0082"]),
            ([(2000, "100.00", None)], {}, ["BOE-0082"]),
            # A purchase ledger has VAT rows of its own.
            ([(4560, "10.00", "Hoog")], {"VerkopenHoog": "2.10"}, ["BOE-0082", "BOE-0069"]),
            # The wrong percentage.
            ([(8100, "100.00", "Hoog")], {"VerkopenHoog": "9.00"}, ["BOE-0069"]),
            ([(8100, "100.00", "Hoog")], {"VerkopenHoog": "-21.00"}, ["BOE-0069"]),
            ([(8140, "100.00", "Geen")], {"Geen": "1.00"}, ["BOE-0069"]),
            # Reverse charge with anything else, with an amount, without its ledger.
            (
                [(8150, "100.00", "Geen"), (8100, "100.00", "Hoog")],
                {"VerkopenVerlegd": "0.00", "VerkopenHoog": "21.00"},
                ["BOE-0062"],
            ),
            ([(8150, "100.00", "Geen")], {"VerkopenVerlegd": "21.00"}, ["BOE-0069"]),
            ([(8160, "100.00", "Geen")], {"VerkopenVerlegd": "0.00"}, ["BOE-0069"]),
        ],
    )
    def test_booking_is_refused(
        self,
        administration: AdministrationDriver,
        customer: str,
        lines: Lines,
        vat: dict[str, str],
        expected: list[str],
    ):
        assert codes(book(administration, customer, lines, vat)) == expected

    def test_missing_row_names_the_ledger(self, administration: AdministrationDriver, customer: str):
        (error,) = book(administration, customer, [(8100, "100.00", "Hoog")], {}).json()

        assert error["details"] == "Voor grootboek 8100 ontbreekt de btw-boeking"

    @pytest.mark.parametrize(("day", "vat"), [("2021-01-01", "9.00"), ("2018-12-31", "6.00")])
    def test_percentage_follows_the_date(
        self, administration: AdministrationDriver, customer: str, day: str, vat: str
    ):
        administration.change(fiscal_year=2021)
        wrong = {"9.00": "6.00", "6.00": "9.00"}[vat]
        lines: Lines = [(8110, "100.00", "Laag")]

        assert codes(book(administration, customer, lines, {"VerkopenLaag": wrong}, factuurdatum=day)) == [
            "BOE-0069"
        ]
        assert codes(book(administration, customer, lines, {"VerkopenLaag": vat}, factuurdatum=day)) == []

    @pytest.mark.parametrize(
        ("options", "amount", "expected"),
        [
            ({}, "21.05", []),
            ({}, "20.95", []),
            ({}, "21.06", ["BOE-0069"]),
            ({}, "20.94", ["BOE-0069"]),
            ({"vat_tolerance_cents_minimum": 0}, "21.01", []),
            ({"vat_tolerance_cents_minimum": 0}, "21.02", ["BOE-0069"]),
            ({"vat_tolerance_cents_minimum": 0, "vat_tolerance_cents_per_line": 0}, "21.01", ["BOE-0069"]),
            ({"vat_tolerance_cents_per_line": 100}, "22.00", []),
        ],
    )
    def test_vat_may_be_cents_off(
        self,
        administration: AdministrationDriver,
        customer: str,
        options: dict[str, int],
        amount: str,
        expected: list[str],
    ):
        administration.change(options=options)

        response = book(administration, customer, [(8100, "100.00", "Hoog")], {"VerkopenHoog": amount})

        assert codes(response) == expected

    def test_tolerance_grows_with_the_lines(self, administration: AdministrationDriver, customer: str):
        administration.change(options={"vat_tolerance_cents_minimum": 0})
        lines: Lines = [(8100, "50.00", "Hoog"), (8300, "50.00", "Hoog")]

        assert codes(book(administration, customer, lines, {"VerkopenHoog": "21.02"})) == []
        assert codes(book(administration, customer, lines, {"VerkopenHoog": "21.03"}, factuurnummer="2")) == [
            "BOE-0069"
        ]


class TestEuBusiness:
    @pytest.mark.parametrize("number", [8170, 8270])
    def test_eu_ledger_wants_a_customer_abroad_with_a_vat_number(
        self, administration: AdministrationDriver, number: int
    ):
        belgian = {"vestigingsAdres": {"land": {"landcode": "BE"}}}
        swiss = {"vestigingsAdres": {"land": {"landcode": "CH"}}}
        lines: Lines = [(number, "100.00", "Geen")]

        def answer(**card: Any) -> list[str]:
            return codes(book(administration, administration.add_customer(**card), lines, {}))

        assert answer(**belgian) == ["BOE-0080"]
        assert answer(btwNummer="000099998B57") == ["BOE-0080"]
        assert answer(**swiss, btwNummer="CHE107787577IVA") == ["BOE-0080"]
        assert answer(**belgian, btwNummer="BE0428759497") == []

    def test_export_ledger_takes_anybody(self, administration: AdministrationDriver, customer: str):
        assert codes(book(administration, customer, [(8160, "100.00", "Geen")], {})) == []


class TestForeignVat:
    @pytest.fixture
    def german(self, administration: AdministrationDriver) -> str:
        administration.change(foreign_vat=True)
        return administration.add_customer(vestigingsAdres={"land": {"landcode": "DE"}})

    def test_foreign_vat_is_a_line_of_its_own(self, administration: AdministrationDriver, german: str):
        lines: Lines = [
            (8177, "100.00", "Geen"),
            (8187, "5.00", None),
            (8179, "10.00", "Geen"),
            (1690, "20.65", "Geen"),
        ]

        assert codes(book(administration, german, lines, {})) == []

    @pytest.mark.parametrize(
        ("vat", "expected"), [("19.02", []), ("19.03", ["BOE-0069"]), ("0.01", ["BOE-0069"])]
    )
    def test_foreign_vat_may_be_a_cent_off_per_line(
        self, administration: AdministrationDriver, german: str, vat: str, expected: list[str]
    ):
        lines: Lines = [(8177, "50.00", "Geen"), (8187, "50.00", "Geen"), (1690, vat, "Geen")]

        assert codes(book(administration, german, lines, {})) == expected

    def test_dutch_vat_is_refused(self, administration: AdministrationDriver, german: str):
        response = book(administration, german, [(8100, "100.00", "Hoog")], {"VerkopenHoog": "21.00"})

        assert codes(response) == ["BOE-0069", "BOE-0061"]
        assert response.json()[0]["details"] == "Nederlandse btw is niet toegestaan"

    @pytest.mark.parametrize("number", [8199, 1760, 8990])
    def test_other_ledgers_are_refused(self, administration: AdministrationDriver, german: str, number: int):
        lines: Lines = [(8177, "100.00", "Geen"), (1690, "19.00", "Geen"), (number, "1.00", "Geen")]

        assert codes(book(administration, german, lines, {})) == ["BOE-0061"]

    def test_rate_code_that_the_country_lacks_is_refused(
        self, administration: AdministrationDriver, german: str
    ):
        lines: Lines = [(8178, "100.00", "Geen"), (1690, "12.00", "Geen")]

        assert codes(book(administration, german, lines, {})) == ["BOE-0069"]

    @pytest.mark.parametrize(("day", "vat"), [("2024-08-31", "24.00"), ("2024-09-01", "25.50")])
    def test_foreign_rate_follows_the_date(
        self, administration: AdministrationDriver, german: str, day: str, vat: str
    ):
        finn = administration.add_customer(vestigingsAdres={"land": {"landcode": "FI"}})
        lines: Lines = [(8177, "100.00", "Geen"), (1690, vat, "Geen")]

        assert codes(book(administration, finn, lines, {}, factuurdatum=day)) == []

    @pytest.mark.parametrize(
        ("card", "day"),
        [
            ({"vestigingsAdres": {"land": {"landcode": "DE"}}}, "2021-06-30"),
            ({"vestigingsAdres": {"land": {"landcode": "DE"}}, "btwNummer": "DE136695976"}, "2026-03-02"),
            ({"vestigingsAdres": {"land": {"landcode": "CH"}}}, "2026-03-02"),
            ({}, "2026-03-02"),
        ],
    )
    def test_rules_are_for_consumers_in_the_eu_since_july_2021(
        self, administration: AdministrationDriver, german: str, card: dict[str, Any], day: str
    ):
        other = administration.add_customer(**card)

        response = book(
            administration, other, [(8100, "100.00", "Hoog")], {"VerkopenHoog": "21.00"}, factuurdatum=day
        )

        assert codes(response) == []

    def test_rules_need_the_setting(self, administration: AdministrationDriver, german: str):
        administration.change(foreign_vat=False)

        response = book(administration, german, [(8100, "100.00", "Hoog")], {"VerkopenHoog": "21.00"})

        assert codes(response) == []
