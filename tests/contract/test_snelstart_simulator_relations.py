"""Relations in the SnelStart simulator: what is stored, what is refused, what a PUT and a DELETE do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

START = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
WHOLE_ADDRESS = {"straat": "Dorpsstraat 12", "postcode": "1234 AB", "plaats": "Ede"}


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


def customer(**fields: Any) -> dict[str, Any]:
    return {"naam": "Jan Voorbeeld", "relatiesoort": ["Klant"], **fields}


def create(administration: AdministrationDriver, **fields: Any) -> dict[str, Any]:
    """Create a customer; return the answer."""
    response = administration.call("POST", "/relaties", customer(**fields))
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def codes(response: httpx.Response) -> list[str]:
    """Return the error codes of a refusal."""
    assert response.status_code == 400, response.text
    return [error["errorCode"] for error in response.json()]


class TestCreate:
    def test_answer_is_the_whole_card(self, administration: AdministrationDriver):
        created = create(administration, email="jan@example.nl", vestigingsAdres=WHOLE_ADDRESS)

        assert created["email"] == "jan@example.nl"
        assert created["vestigingsAdres"]["postcode"] == "1234 AB"
        assert created["uri"] == f"/relaties/{created['id']}"
        assert created["verkoopBoekingenUri"] == f"/relaties/{created['id']}/verkoopboekingen"
        assert "fax" not in created
        read = administration.rows(f"/relaties/{created['id']}")
        assert read == {**created, "fax": None}

    def test_property_names_match_whatever_their_case(self, administration: AdministrationDriver):
        body = {"NAAM": "Jan Voorbeeld", "relatieSoort": ["klant"], "vestigingsadres": {"STRAAT": "A 1"}}

        created = administration.call("POST", "/relaties", body).json()

        assert (created["naam"], created["relatiesoort"]) == ("Jan Voorbeeld", ["Klant"])
        assert created["vestigingsAdres"]["straat"] == "A 1"

    def test_unknown_properties_are_ignored(self, administration: AdministrationDriver):
        assert "schoenmaat" not in create(administration, schoenmaat=43)

    def test_country_left_out_is_dutch(self, administration: AdministrationDriver):
        created = create(administration, vestigingsAdres=WHOLE_ADDRESS)

        assert created["vestigingsAdres"]["land"]["id"] == administration.country("NL")["id"]

    @pytest.mark.parametrize("fields", [{}, {"relatiecode": 0}, {"relatiecode": None}])
    def test_code_left_out_or_zero_is_the_next_free_one(
        self, administration: AdministrationDriver, fields: dict[str, Any]
    ):
        create(administration, relatiecode=1001)

        given = [create(administration, **fields)["relatiecode"] for _ in range(2)]

        assert given == [1000, 1002]

    def test_modified_on_is_local_and_without_a_zone(self, administration: AdministrationDriver):
        assert create(administration)["modifiedOn"] == "2026-03-10T12:00:00"

    def test_modified_on_can_be_utc(self, administration: AdministrationDriver, clock: HandClock):
        administration.change(options={"modified_on_zone": "UTC"})
        clock.moment = START.replace(microsecond=510_000)

        assert create(administration)["modifiedOn"] == "2026-03-10T11:00:00.51"

    @pytest.mark.parametrize(
        ("sent", "kept"), [("NL000099998B57", "000099998B57"), ("000099998b57", "000099998B57")]
    )
    def test_dutch_vat_number_loses_its_prefix(
        self, administration: AdministrationDriver, sent: str, kept: str
    ):
        assert create(administration, btwNummer=sent)["btwNummer"] == kept

    def test_foreign_vat_number_keeps_its_prefix(self, administration: AdministrationDriver):
        address = {**WHOLE_ADDRESS, "land": administration.country("BE")}

        created = create(administration, btwNummer="BE0428759497", vestigingsAdres=address)

        assert created["btwNummer"] == "BE0428759497"

    def test_greek_vat_numbers_have_a_prefix_of_their_own(self, administration: AdministrationDriver):
        address = {**WHOLE_ADDRESS, "land": administration.country("GR")}

        assert create(administration, btwNummer="EL094259216", vestigingsAdres=address)

    def test_email_address_may_occur_twice(self, administration: AdministrationDriver):
        create(administration, email="jan@example.nl")
        create(administration, email="jan@example.nl")

        assert len(administration.rows("/relaties", filter="Email eq 'jan@example.nl'")) == 2

    def test_system_relations_are_there_from_the_start(self, administration: AdministrationDriver):
        found = {
            row["relatiecode"]: (row["naam"], row["relatiesoort"]) for row in administration.rows("/relaties")
        }

        assert found == {
            -1: ("Leverancier onbekend", ["Leverancier"]),
            -2: ("Klant onbekend", ["Klant"]),
            0: ("tuin", ["Eigen"]),
        }


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"relatiesoort": None}, "REL-0001"),
            ({"relatiesoort": []}, "REL-0001"),
            ({"relatiesoort": ["Geen"]}, "REL-0001"),
            ({"relatiesoort": ["Eigen"]}, "REL-0048"),
            ({"krediettermijn": 1001}, "REL-0003"),
            ({"krediettermijn": -366}, "REL-0003"),
            ({"naam": None}, "REL-0007"),
            ({"naam": " "}, "REL-0007"),
            ({"relatiecode": -2}, "REL-0008"),
            ({"iban": "NL91ABNA0417164301"}, "REL-0011"),
            ({"mobieleTelefoon": "+" * 26}, "REL-0012"),
            ({"telefoon": "0" * 26}, "REL-0013"),
            ({"factuurRelatie": {"id": "00000000-0000-0000-0000-000000000001"}}, "REL-0017"),
            ({"vestigingsAdres": {"straat": "x" * 51}}, "REL-0020"),
            ({"vestigingsAdres": {"postcode": "x" * 26}}, "REL-0021"),
            ({"vestigingsAdres": {"plaats": "x" * 51}}, "REL-0022"),
            ({"vestigingsAdres": {"contactpersoon": "x" * 51}}, "REL-0023"),
            ({"correspondentieAdres": {"straat": "x" * 51}}, "REL-0025"),
            ({"correspondentieAdres": {"postcode": "x" * 26}}, "REL-0026"),
            ({"correspondentieAdres": {"plaats": "x" * 51}}, "REL-0027"),
            ({"correspondentieAdres": {"contactpersoon": "x" * 51}}, "REL-0028"),
            ({"vestigingsAdres": {"land": {"id": "00000000-0000-0000-0000-000000000001"}}}, "REL-0055"),
            ({"correspondentieAdres": {"land": {"id": "00000000-0000-0000-0000-000000000001"}}}, "REL-0056"),
            ({"btwNummer": "1" * 51}, "REL-0057"),
            ({"btwNummer": "1"}, "REL-0058"),
            ({"btwNummer": "NL 000099998B57"}, "REL-0059"),
            ({"email": "jan@example"}, "REL-0061"),
            ({"email": "jan voorbeeld@example.nl"}, "REL-0061"),
            ({"id": "00000000-0000-0000-0000-000000000001"}, "REL-0063"),
            ({"btwNummer": "BE0428759497"}, "REL-0087"),
            ({"btwNummer": "NL000099998B58"}, "REL-0088"),
            ({"btwNummer": "000099998B58"}, "REL-0088"),
        ],
    )
    def test_broken_rule_has_its_code(
        self, administration: AdministrationDriver, fields: dict[str, Any], code: str
    ):
        response = administration.call("POST", "/relaties", customer(**fields))

        assert codes(response) == [code]
        assert response.json()[0].keys() == {"errorCode", "message", "details"}
        assert len(administration.rows("/relaties")) == 3

    def test_code_in_use_is_refused(self, administration: AdministrationDriver):
        create(administration, relatiecode=4711)

        response = administration.call("POST", "/relaties", customer(relatiecode=4711))

        assert codes(response) == ["REL-0008"]

    def test_all_broken_rules_come_in_one_array(self, administration: AdministrationDriver):
        response = administration.call(
            "POST", "/relaties", {"relatiesoort": [], "email": "x", "iban": "x", "btwNummer": "NL1"}
        )

        assert sorted(codes(response)) == ["REL-0001", "REL-0007", "REL-0011", "REL-0061", "REL-0088"]

    def test_partial_address_is_taken_unless_the_option_says_no(self, administration: AdministrationDriver):
        partial = {"plaats": "Ede", "contactpersoon": "Jan"}
        create(administration, vestigingsAdres=partial)
        administration.change(options={"reject_partial_address": True})

        refused = administration.call("POST", "/relaties", customer(vestigingsAdres=partial))

        assert codes(refused) == ["REL-0060"]
        create(administration, vestigingsAdres={"contactpersoon": "Jan"})
        create(administration, vestigingsAdres=WHOLE_ADDRESS)

    @pytest.mark.parametrize(
        ("field", "length_max"),
        [("naam", 50), ("kvkNummer", 12), ("oin", 20), ("websiteUrl", 100), ("iban", 50), ("bic", 15)],
    )
    def test_annotated_length_is_a_model_state(
        self, administration: AdministrationDriver, field: str, length_max: int
    ):
        body = customer(**{field: "x" * (length_max + 1)}, email="wrong")

        response = administration.call("POST", "/relaties", body)

        assert response.status_code == 400
        assert response.json()["message"] == "The request is invalid."
        # The annotations come first: of the wrong e-mail address nothing is said yet.
        assert list(response.json()["modelState"]) == [f"model.{field}"]

    def test_long_name_can_be_a_code(self, administration: AdministrationDriver):
        administration.change(options={"length_errors": "codes"})

        assert codes(administration.call("POST", "/relaties", customer(naam="x" * 51))) == ["REL-0007"]

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"relatiecode": "veel"}, "model.relatiecode"),
            ({"relatiecode": 2**31}, "model.relatiecode"),
            ({"nonactief": "misschien"}, "model.nonactief"),
            ({"relatiesoort": "Klant"}, "model.relatiesoort"),
            ({"relatiesoort": ["Vriend"]}, "model.relatiesoort[0]"),
            ({"vestigingsAdres": "Dorpsstraat"}, "model.vestigingsAdres"),
            ({"vestigingsAdres": {"land": {"id": "NL"}}}, "model.vestigingsAdres.land.id"),
            ({"kredietLimiet": "veel"}, "model.kredietLimiet"),
            ({"naam": {}}, "model.naam"),
        ],
    )
    def test_value_that_does_not_convert_is_a_model_state(
        self, administration: AdministrationDriver, fields: dict[str, Any], path: str
    ):
        response = administration.call("POST", "/relaties", customer(**fields))

        assert response.status_code == 400
        assert list(response.json()["modelState"]) == [path]

    @pytest.mark.parametrize("content", [b"{", b'{"naam": NaN}', b"[]", b'"x"'])
    def test_body_that_is_no_object_is_a_model_state(
        self, administration: AdministrationDriver, content: bytes
    ):
        response = administration.client.post(
            "/v2/relaties", content=content, headers=administration.headers()
        )

        assert response.status_code == 400
        assert "modelState" in response.json()

    @pytest.mark.parametrize("content", [b"", b"null"])
    def test_empty_body_is_alg_0106(self, administration: AdministrationDriver, content: bytes):
        response = administration.client.post(
            "/v2/relaties", content=content, headers=administration.headers()
        )

        assert codes(response) == ["ALG-0106"]


class TestReplace:
    def test_put_erases_what_is_not_sent(self, administration: AdministrationDriver):
        created = create(administration, email="jan@example.nl", memo="Let op", relatiecode=4711)

        replaced = administration.call(
            "PUT", f"/relaties/{created['id']}", customer(id=created["id"], naam="Piet Voorbeeld")
        )

        assert replaced.status_code == 200
        read = administration.rows(f"/relaties/{created['id']}")
        assert (read["naam"], read["email"], read["memo"]) == ("Piet Voorbeeld", None, None)
        assert read["relatiecode"] == 4711

    def test_put_of_what_was_read_changes_nothing_but_the_moment(
        self, administration: AdministrationDriver, clock: HandClock
    ):
        created = create(administration, btwNummer="NL000099998B57", vestigingsAdres=WHOLE_ADDRESS)
        clock.moment = START.replace(minute=30)

        replaced = administration.call("PUT", f"/relaties/{created['id']}", created).json()

        assert replaced == {**created, "modifiedOn": "2026-03-10T12:30:00"}

    def test_put_cannot_carry_a_fax(self, administration: AdministrationDriver):
        relation_id = administration.add_customer(fax="030 1234567")
        read = administration.rows(f"/relaties/{relation_id}")

        administration.call("PUT", f"/relaties/{relation_id}", read)

        assert read["fax"] == "030 1234567"
        assert administration.rows(f"/relaties/{relation_id}")["fax"] is None

    def test_other_id_in_the_body_is_refused(self, administration: AdministrationDriver):
        created = create(administration)
        path = f"/relaties/{created['id']}"

        assert codes(administration.call("PUT", path, customer())) == ["REL-0047"]
        other = customer(id="00000000-0000-0000-0000-000000000001")
        assert codes(administration.call("PUT", path, other)) == ["REL-0047"]

    def test_code_of_another_is_refused_and_its_own_is_not(self, administration: AdministrationDriver):
        first, second = create(administration), create(administration)
        path = f"/relaties/{second['id']}"

        taken = administration.call("PUT", path, {**second, "relatiecode": first["relatiecode"]})

        assert codes(taken) == ["REL-0008"]
        assert administration.call("PUT", path, second).status_code == 200

    def test_own_relation_cannot_be_written(self, administration: AdministrationDriver):
        (own,) = administration.rows("/relaties", filter="Relatiesoort/any(r:r eq 'Eigen')")

        response = administration.call("PUT", f"/relaties/{own['id']}", {**own, "relatiesoort": ["Klant"]})

        assert codes(response) == ["REL-0048"]

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_unknown_relation_is_a_404(self, administration: AdministrationDriver, method: str):
        path = "/relaties/00000000-0000-0000-0000-000000000001"

        assert administration.call(method, path, customer()).status_code == 404


class TestDelete:
    def test_deleted_relation_stays_in_the_list_as_inactive(self, administration: AdministrationDriver):
        created = create(administration, email="jan@example.nl")

        assert administration.call("DELETE", f"/relaties/{created['id']}").status_code == 200

        assert administration.call("GET", f"/relaties/{created['id']}").status_code == 404
        (row,) = administration.rows("/relaties", filter="Email eq 'jan@example.nl'")
        assert row["nonactief"] is True

    @pytest.mark.parametrize(("relation_code", "code"), [(-1, "REL-0067"), (-2, "REL-0103"), (0, "REL-0048")])
    def test_system_relations_stay(self, administration: AdministrationDriver, relation_code: int, code: str):
        (row,) = administration.rows("/relaties", filter=f"Relatiecode eq {relation_code}")

        assert codes(administration.call("DELETE", f"/relaties/{row['id']}")) == [code]

    def test_relation_with_open_invoices_stays(self, administration: AdministrationDriver):
        created = create(administration)
        administration.post_booking(administration.plain_booking(created["id"])).raise_for_status()

        assert codes(administration.call("DELETE", f"/relaties/{created['id']}")) == ["REL-0049"]


class TestBulkLoad:
    def test_cards_are_loaded_as_they_are(self, administration: AdministrationDriver):
        administration.command(
            "POST",
            "/relations",
            [
                {
                    "id": "11111111-1111-1111-1111-111111111111",
                    "naam": "Karte Voorbeeld",
                    "email": "no address",
                    "iban": "wrong",
                    "modifiedOn": "2020-01-01T00:00:00",
                    "vestigingsAdres": {"land": {"landcode": "DE"}},
                    "nonactief": True,
                }
            ],
        )

        (row,) = administration.rows("/relaties", filter="Naam eq 'Karte Voorbeeld'")
        assert row["id"] == "11111111-1111-1111-1111-111111111111"
        assert (row["email"], row["iban"], row["nonactief"]) == ("no address", "wrong", True)
        assert row["modifiedOn"] == "2020-01-01T00:00:00"
        assert row["vestigingsAdres"]["land"]["id"] == administration.country("DE")["id"]
        assert row["relatiecode"] == 1000

    def test_card_that_is_none_is_refused(self, administration: AdministrationDriver):
        with pytest.raises(httpx.HTTPStatusError, match="400"):
            administration.command("POST", "/relations", [{"relatiecode": "veel"}])
        with pytest.raises(httpx.HTTPStatusError, match="422"):
            administration.command("POST", "/relations", {"vestigingsAdres": {"land": {"landcode": "??"}}})
