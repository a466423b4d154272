"""Payments and documents in the SnelStart simulator: bank, cash and memorial bookings, attachments."""

import base64
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
def booking(administration: AdministrationDriver) -> dict[str, Any]:
    """An invoice of 121.00."""
    body = administration.plain_booking(administration.add_customer())
    made: dict[str, Any] = administration.post_booking(body).raise_for_status().json()
    return made


def codes(response: httpx.Response) -> list[str]:
    """Return the error codes of a refusal."""
    assert response.status_code == 400, response.text
    return [error["errorCode"] for error in response.json()]


def journal(administration: AdministrationDriver, kind: str) -> dict[str, str]:
    return next({"id": row["id"]} for row in administration.rows("/dagboeken") if row["soort"] == kind)


def receipt(administration: AdministrationDriver, booking: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a bank booking of 100.00 received for the invoice."""
    return {
        "datum": "2026-03-05",
        "dagboek": journal(administration, "Bank"),
        "bedragOntvangen": "100.00",
        "bedragUitgegeven": "0",
        "verkoopboekingBoekingsRegels": [{"boekingId": {"id": booking["id"]}, "credit": "100.00"}],
        **fields,
    }


def transfer(administration: AdministrationDriver, booking: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a memorial booking that settles the invoice on the account of the payment provider."""
    ledger = {"omschrijving": "Betaling", "grootboek": administration.ledger(1780), "debet": "121.00"}
    paid = {"boekingId": {"id": booking["id"]}, "omschrijving": "Betaling", "bedrag": "121.00"}
    return {
        "datum": "2026-03-05",
        "dagboek": journal(administration, "Memoriaal"),
        "memoriaalBoekingsRegels": [ledger],
        "verkoopboekingBoekingsRegels": [paid],
        **fields,
    }


def open_amount(administration: AdministrationDriver) -> float:
    (invoice,) = administration.rows("/verkoopfacturen")
    amount: float = invoice["openstaandSaldo"]
    return amount


class TestPayments:
    def test_receipt_lowers_what_is_open_until_it_is_deleted(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        made = administration.call("POST", "/bankboekingen", receipt(administration, booking))
        assert made.status_code == 201
        assert open_amount(administration) == 21
        path = f"/bankboekingen/{made.json()['id']}"
        assert administration.rows(path) == made.json()
        assert administration.rows("/bankboekingen", filter="BedragOntvangen eq 100") == [made.json()]

        assert administration.call("DELETE", path).status_code == 200

        assert open_amount(administration) == 121
        assert administration.call("GET", path).status_code == 404

    def test_invoice_with_payments_cannot_be_deleted(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        made = administration.call("POST", "/bankboekingen", receipt(administration, booking)).json()
        path = f"/verkoopboekingen/{booking['id']}"

        assert codes(administration.call("DELETE", path)) == ["BOE-0083"]
        administration.call("DELETE", f"/bankboekingen/{made['id']}")
        assert administration.call("DELETE", path).status_code == 200

    def test_replaced_receipt_pays_another_amount(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        made = administration.call("POST", "/bankboekingen", receipt(administration, booking)).json()
        paid = [{"boekingId": {"id": booking["id"]}, "credit": "121.00"}]
        body = receipt(
            administration,
            booking,
            bedragOntvangen="121.00",
            verkoopboekingBoekingsRegels=paid,
            id=made["id"],
        )

        replaced = administration.call("PUT", f"/bankboekingen/{made['id']}", body)

        assert replaced.status_code == 200
        assert open_amount(administration) == 0
        assert codes(administration.call("PUT", f"/bankboekingen/{made['id']}", {**body, "id": None})) == [
            "ALG-0101"
        ]

    def test_costs_of_the_provider_go_to_a_ledger_with_vat(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        costs = {"omschrijving": "Kosten", "grootboek": administration.ledger(4560), "debet": "1.00"}
        vat = {"debet": "0.21", "type": "TeVorderenBtwType", "tarief": "Hoog"}
        body = receipt(
            administration,
            booking,
            bedragOntvangen="98.79",
            grootboekBoekingsRegels=[costs],
            btwBoekingsregels=[vat],
        )

        assert administration.call("POST", "/bankboekingen", body).status_code == 201
        numbers = {row["id"]: row["nummer"] for row in administration.command("GET", "/ledgers")}
        moved = {
            numbers[row["grootboek"]["id"]]: row["saldo"]
            for row in administration.rows(
                "/grootboekmutaties", filter="Datum ge datetime'2026-03-05T00:00:00'"
            )
        }
        assert moved == {1100: 98.79, 1300: -100, 4560: 1, 1501: 0.21}

    def test_cash_has_its_own_journal(self, administration: AdministrationDriver, booking: dict[str, Any]):
        body = receipt(administration, booking)

        assert codes(administration.call("POST", "/kasboekingen", body)) == ["BOE-0096"]
        body["dagboek"] = journal(administration, "Kas")
        assert administration.call("POST", "/kasboekingen", body).status_code == 201
        assert len(administration.rows("/kasboekingen")) == 1

    def test_memorial_settles_on_an_account_in_between(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        made = administration.call("POST", "/memoriaalboekingen", transfer(administration, booking))

        assert made.status_code == 201
        assert open_amount(administration) == 0
        assert administration.rows(f"/memoriaalboekingen/{made.json()['id']}") == made.json()
        assert administration.call("GET", "/memoriaalboekingen").status_code == 404

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"id": UNKNOWN_ID}, ["ALG-0100"]),
            ({"bedragUitgegeven": "1.00"}, ["BOE-0027", "BOE-0039"]),
            ({"bedragOntvangen": "99.99"}, ["BOE-0039"]),
            ({"dagboek": {"id": UNKNOWN_ID}}, ["BOE-0096"]),
            (
                {"verkoopboekingBoekingsRegels": [{"boekingId": {"id": UNKNOWN_ID}, "credit": 100}]},
                ["BOE-0001"],
            ),
            (
                {
                    "grootboekBoekingsRegels": [
                        {"omschrijving": "x", "grootboek": {"id": UNKNOWN_ID}, "debet": 1, "credit": 1}
                    ]
                },
                ["BOE-0076", "BOE-0037"],
            ),
        ],
    )
    def test_bank_booking_is_refused(
        self,
        administration: AdministrationDriver,
        booking: dict[str, Any],
        fields: dict[str, Any],
        expected: list[str],
    ):
        body = receipt(administration, booking, **fields)

        assert codes(administration.call("POST", "/bankboekingen", body)) == expected
        assert open_amount(administration) == 121

    def test_line_without_an_amount_is_refused(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        empty = {"omschrijving": "x", "grootboek": administration.ledger(1780)}
        body = receipt(administration, booking, grootboekBoekingsRegels=[empty])

        assert codes(administration.call("POST", "/bankboekingen", body)) == ["BOE-0091"]

    def test_memorial_of_one_line_is_refused(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        body = transfer(administration, booking, memoriaalBoekingsRegels=[])

        assert codes(administration.call("POST", "/memoriaalboekingen", body)) == ["BOE-0094", "BOE-0039"]

    def test_blocked_period(self, administration: AdministrationDriver, booking: dict[str, Any]):
        administration.change(blocked_until="2026-03-05")

        refused = administration.call("POST", "/bankboekingen", receipt(administration, booking))

        assert codes(refused) == ["BOE-0042"]

    def test_both_amounts_are_required(self, administration: AdministrationDriver, booking: dict[str, Any]):
        body = receipt(administration, booking, bedragUitgegeven=None)

        response = administration.call("POST", "/bankboekingen", body)

        assert list(response.json()["modelState"]) == ["model.bedragUitgegeven"]

    def test_unknown_settlement_is_a_404(self, administration: AdministrationDriver):
        assert administration.call("GET", f"/bankboekingen/{UNKNOWN_ID}").status_code == 404


class TestDocuments:
    content = base64.b64encode(b"%PDF-1.7").decode()

    def document(self, booking: dict[str, Any], **fields: Any) -> dict[str, Any]:
        parent = {"parentIdentifier": booking["id"]}
        return {**parent, "fileName": "factuur-1001.pdf", "content": self.content, **fields}

    def test_document_shows_up_at_its_booking(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        made = administration.call("POST", "/documenten/Verkoopboekingen", self.document(booking))

        assert made.status_code == 201
        document_id = made.json()["id"]
        assert made.json() == {"id": document_id, "uri": f"/documenten/{document_id}"}
        read = administration.rows(f"/documenten/{document_id}")
        assert (read["content"], read["parentIdentifier"]) == (self.content, booking["id"])
        (shown,) = administration.rows(f"/verkoopboekingen/{booking['id']}")["documents"]
        assert (shown["id"], shown["fileName"]) == (document_id, "factuur-1001.pdf")
        assert "content" not in shown
        (listed,) = administration.rows(f"/documenten/Verkoopboekingen/{booking['id']}")
        assert (listed["id"], listed["verkoopBoekingId"]) == (document_id, booking["id"])

    def test_status_can_be_the_documented_200(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        administration.change(options={"document_created_status": 200})

        made = administration.call("POST", "/documenten/Verkoopboekingen", self.document(booking))

        assert made.status_code == 200

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"fileName": None}, "BLG-0007"),
            ({"fileName": " "}, "BLG-0007"),
            ({"content": None}, "BLG-0011"),
            ({"content": ""}, "BLG-0011"),
            ({"content": "AAAA" * (10 * 1024 * 1024 // 3 + 1)}, "BLG-0013"),
            ({"fileName": "fac/tuur.pdf"}, "BLG-0016"),
        ],
    )
    def test_document_is_refused(
        self,
        administration: AdministrationDriver,
        booking: dict[str, Any],
        fields: dict[str, Any],
        code: str,
    ):
        response = administration.call(
            "POST", "/documenten/Verkoopboekingen", self.document(booking, **fields)
        )

        assert codes(response) == [code]
        assert administration.rows(f"/verkoopboekingen/{booking['id']}")["documents"] == []

    def test_content_that_is_no_base64_is_a_model_state(
        self, administration: AdministrationDriver, booking: dict[str, Any]
    ):
        response = administration.call(
            "POST", "/documenten/Verkoopboekingen", self.document(booking, content="geen base64!")
        )

        assert list(response.json()["modelState"]) == ["model.content"]

    @pytest.mark.parametrize("document_type", ["Verkoopboekingen", "Relaties", "Foto"])
    def test_unknown_parent_is_a_404(
        self, administration: AdministrationDriver, booking: dict[str, Any], document_type: str
    ):
        body = self.document(booking, parentIdentifier=UNKNOWN_ID)

        assert administration.call("POST", f"/documenten/{document_type}", body).status_code == 404
        assert administration.call("GET", f"/documenten/{document_type}/{UNKNOWN_ID}").status_code == 404
        assert administration.call("GET", f"/documenten/{UNKNOWN_ID}").status_code == 404
