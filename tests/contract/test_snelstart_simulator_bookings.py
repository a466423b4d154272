"""Sales bookings in the SnelStart simulator: what they make, and what replaces them."""

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


def entries(administration: AdministrationDriver) -> list[tuple[int, float, float]]:
    """Return number, debit and credit of every entry in the ledgers."""
    numbers = {row["id"]: row["nummer"] for row in administration.command("GET", "/ledgers")}
    rows = administration.command("GET", "/mutations")
    return sorted((numbers[row["grootboek"]["id"]], row["debet"], row["credit"]) for row in rows)


class TestCommit:
    def test_answer_is_the_whole_booking_with_numbers_for_money(
        self, administration: AdministrationDriver, customer: str
    ):
        body = administration.plain_booking(customer, markering=True, omschrijving="Order 1001")

        booking = created(administration.post_booking(body))

        assert (booking["factuurbedrag"], booking["markering"]) == (121, True)
        assert booking["factuurdatum"] == "2026-03-02T00:00:00"
        assert booking["klant"] == {"id": customer, "uri": f"/relaties/{customer}"}
        (line,) = booking["boekingsregels"]
        assert (line["bedrag"], line["btwSoort"]) == (100, "Hoog")
        assert booking["btw"] == [{"btwSoort": "VerkopenHoog", "btwBedrag": 21}]
        assert (booking["boekstuk"], booking["documents"]) == (None, [])
        assert administration.rows(f"/verkoopboekingen/{booking['id']}") == booking

    def test_cents_survive_as_they_were_sent(self, administration: AdministrationDriver, customer: str):
        lines = [administration.line(8199, "1234567.10", "Geen"), administration.line(8199, "0.20", "Geen")]

        response = administration.post_booking(administration.booking(customer, lines, {}))

        assert '"factuurbedrag":1234567.30,' in response.text
        assert '"bedrag":0.20,' in response.text

    def test_vat_kind_left_out_is_taken_from_the_ledger(
        self, administration: AdministrationDriver, customer: str
    ):
        lines = [administration.line(8110, "10.00")]

        booking = created(
            administration.post_booking(administration.booking(customer, lines, {"VerkopenLaag": "0.90"}))
        )

        assert booking["boekingsregels"][0]["btwSoort"] == "Laag"

    @pytest.mark.parametrize(
        ("sent", "day"),
        [
            ("2026-03-02", "2026-03-02"),
            ("2026-03-02T00:00:00", "2026-03-02"),
            ("2026-03-02 00:00:00", "2026-03-02"),
            ("2026-03-02T13:14:15.123456", "2026-03-02"),
            # With an offset the day is the Dutch one: the trap near midnight.
            ("2026-03-02T23:30:00Z", "2026-03-03"),
        ],
    )
    def test_dates_come_in_several_forms(
        self, administration: AdministrationDriver, customer: str, sent: str, day: str
    ):
        booking = created(
            administration.post_booking(administration.plain_booking(customer, factuurdatum=sent))
        )

        assert booking["factuurdatum"] == f"{day}T00:00:00"

    def test_booking_makes_an_invoice(self, administration: AdministrationDriver, customer: str):
        booking = created(
            administration.post_booking(administration.plain_booking(customer, betalingstermijn=30))
        )

        (invoice,) = administration.rows("/verkoopfacturen", filter="Factuurnummer eq '1001'")
        assert invoice["verkoopBoeking"]["id"] == booking["id"]
        assert invoice["relatie"]["id"] == customer
        assert (invoice["factuurBedrag"], invoice["openstaandSaldo"]) == (121, 121)
        assert (invoice["factuurDatum"], invoice["vervalDatum"]) == (
            "2026-03-02T00:00:00",
            "2026-04-01T00:00:00",
        )
        assert administration.rows(f"/verkoopfacturen/{invoice['id']}") == invoice
        by_amount = administration.rows(
            "/verkoopfacturen",
            filter="FactuurBedrag eq 121.00 and FactuurDatum eq datetime'2026-03-02T00:00:00'",
        )
        assert by_amount == [invoice]

    def test_payment_term_comes_from_the_card(self, administration: AdministrationDriver):
        patient = administration.add_customer(krediettermijn=60)
        plain = administration.add_customer()

        terms = [
            created(administration.post_booking(administration.plain_booking(customer_id, number)))[
                "betalingstermijn"
            ]
            for customer_id, number in ((patient, "1"), (plain, "2"))
        ]

        assert terms == [60, 14]

    def test_booking_moves_the_ledgers(self, administration: AdministrationDriver, customer: str):
        lines = [administration.line(8100, "100.00", "Hoog"), administration.line(8110, "10.00", "Laag")]
        vat = {"VerkopenHoog": "21.00", "VerkopenLaag": "0.90"}

        created(administration.post_booking(administration.booking(customer, lines, vat)))

        assert entries(administration) == [
            (1300, 131.9, 0),
            (1670, 0, 0.9),
            (1671, 0, 21),
            (8100, 0, 100),
            (8110, 0, 10),
        ]
        found = administration.rows("/grootboekmutaties", filter="FactuurNummer eq '1001'")
        assert len(found) == 5
        assert {row["relatiePublicIdentifier"]["id"] for row in found} == {customer}
        assert sum(row["saldo"] for row in found) == pytest.approx(0)
        assert len(administration.rows("/grootboekmutaties", filter="year(Datum) eq 2026")) == 5
        assert administration.rows("/grootboekmutaties", filter="year(Datum) eq 2025") == []

    def test_credit_is_a_booking_with_all_signs_reversed(
        self, administration: AdministrationDriver, customer: str
    ):
        lines = [administration.line(8100, "-100.00", "Hoog")]

        booking = created(
            administration.post_booking(administration.booking(customer, lines, {"VerkopenHoog": "-21.00"}))
        )

        assert booking["factuurbedrag"] == -121
        assert entries(administration) == [(1300, 0, 121), (1671, 21, 0), (8100, 100, 0)]

    def test_bookings_of_a_customer_come_in_full(self, administration: AdministrationDriver, customer: str):
        booking = created(administration.post_booking(administration.plain_booking(customer)))
        other = administration.add_customer()

        assert administration.rows(f"/relaties/{customer}/verkoopboekingen") == [booking]
        assert administration.rows(f"/relaties/{other}/verkoopboekingen") == []

    def test_somebody_else_may_book_through_the_control_door(
        self, administration: AdministrationDriver, customer: str
    ):
        administration.command("POST", "/bookings", administration.plain_booking(customer, "HAND-1"))

        (booking,) = administration.command("GET", "/bookings")
        assert booking["factuurnummer"] == "HAND-1"
        assert len(administration.rows("/verkoopfacturen", filter="Factuurnummer eq 'HAND-1'")) == 1


class TestInvoiceNumber:
    def test_number_is_unique_whatever_its_case_and_whoever_the_customer_is(
        self, administration: AdministrationDriver, customer: str
    ):
        created(administration.post_booking(administration.plain_booking(customer, "MWW-a1")))
        other = administration.add_customer()

        repeated = administration.post_booking(
            administration.plain_booking(other, "mww-A1", factuurdatum="2025-03-02")
        )

        assert codes(repeated) == ["BOE-0021"]
        assert repeated.json()[0]["message"] == "Het factuurnummer bestaat al"

    def test_case_can_tell_numbers_apart(self, administration: AdministrationDriver, customer: str):
        administration.change(options={"invoice_number_case_sensitive": True})
        created(administration.post_booking(administration.plain_booking(customer, "a1")))

        created(administration.post_booking(administration.plain_booking(customer, "A1")))
        assert codes(administration.post_booking(administration.plain_booking(customer, "A1"))) == [
            "BOE-0021"
        ]

    def test_number_can_be_unique_within_a_year(self, administration: AdministrationDriver, customer: str):
        administration.change(options={"invoice_number_scope": "year"})
        last_year = administration.plain_booking(customer, factuurdatum="2025-12-31")
        this_year = administration.plain_booking(customer, factuurdatum="2026-01-01")

        created(administration.post_booking(last_year))
        created(administration.post_booking(this_year))
        assert codes(administration.post_booking(this_year)) == ["BOE-0021"]

    def test_number_is_free_again_after_a_delete(self, administration: AdministrationDriver, customer: str):
        booking = created(administration.post_booking(administration.plain_booking(customer)))
        administration.call("DELETE", f"/verkoopboekingen/{booking['id']}")

        created(administration.post_booking(administration.plain_booking(customer)))


class TestReplaceAndDelete:
    @pytest.fixture
    def booking(self, administration: AdministrationDriver, customer: str) -> dict[str, Any]:
        return created(
            administration.post_booking(administration.plain_booking(customer, omschrijving="Order 1001"))
        )

    def test_put_replaces_everything(
        self, administration: AdministrationDriver, customer: str, booking: dict[str, Any]
    ):
        (invoice,) = administration.rows("/verkoopfacturen")
        lines = [administration.line(8110, "10.00", "Laag")]
        body = administration.booking(
            customer, lines, {"VerkopenLaag": "0.90"}, factuurnummer="2002", id=booking["id"]
        )

        replaced = administration.call("PUT", f"/verkoopboekingen/{booking['id']}", body)

        assert replaced.status_code == 200
        assert (replaced.json()["omschrijving"], replaced.json()["factuurbedrag"]) == (None, 10.9)
        assert entries(administration) == [(1300, 10.9, 0), (1670, 0, 0.9), (8110, 0, 10)]
        (changed,) = administration.rows("/verkoopfacturen")
        assert (changed["id"], changed["factuurnummer"]) == (invoice["id"], "2002")
        assert changed["openstaandSaldo"] == 10.9
        assert administration.rows("/verkoopfacturen", filter="Factuurnummer eq '1001'") == []

    def test_put_of_what_was_read_is_taken(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        replaced = administration.call("PUT", f"/verkoopboekingen/{booking['id']}", booking)

        assert (replaced.status_code, replaced.json()) == (200, booking)

    def test_put_checks_the_id(
        self, administration: AdministrationDriver, customer: str, booking: dict[str, Any]
    ):
        other = created(administration.post_booking(administration.plain_booking(customer, "2")))
        path = f"/verkoopboekingen/{booking['id']}"

        assert codes(administration.call("PUT", path, {**booking, "id": None})) == ["ALG-0101"]
        assert codes(administration.call("PUT", path, {**booking, "id": other["id"]})) == [
            "ALG-0101",
            "BOE-0078",
        ]

    def test_put_cannot_take_the_number_of_another(
        self, administration: AdministrationDriver, customer: str, booking: dict[str, Any]
    ):
        created(administration.post_booking(administration.plain_booking(customer, "2")))

        response = administration.call(
            "PUT", f"/verkoopboekingen/{booking['id']}", {**booking, "factuurnummer": "2"}
        )

        assert codes(response) == ["BOE-0021"]

    def test_delete_takes_the_invoice_and_the_entries_away(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        path = f"/verkoopboekingen/{booking['id']}"

        assert administration.call("DELETE", path).status_code == 200

        assert administration.call("GET", path).status_code == 404
        assert administration.rows("/verkoopfacturen") == []
        assert entries(administration) == []

    @pytest.mark.parametrize(
        ("setting", "code"), [("blocked_until", "BOE-0042"), ("vat_returned_until", "BOE-0046")]
    )
    def test_closed_booking_stays_as_it_is(
        self, administration: AdministrationDriver, booking: dict[str, Any], setting: str, code: str
    ):
        administration.change(**{setting: "2026-03-31"})
        path = f"/verkoopboekingen/{booking['id']}"

        moved = {**booking, "factuurdatum": "2026-04-01"}
        assert codes(administration.call("PUT", path, moved)) == [code]
        assert codes(administration.call("DELETE", path)) == [code]

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_unknown_booking_is_a_404(self, administration: AdministrationDriver, customer: str, method: str):
        body = administration.plain_booking(customer)

        assert administration.call(method, f"/verkoopboekingen/{UNKNOWN_ID}", body).status_code == 404
