"""$filter, $top, $skip and $select of the SnelStart simulator: OData v3 with UpperCamelCase names."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

PEOPLE = [
    {
        "naam": "Anna Voorbeeld",
        "relatiecode": 5001,
        "email": "Anna@example.nl",
        "modifiedOn": "2026-01-01T10:00:00",
        "vestigingsAdres": {"straat": "Dorpsstraat 1", "postcode": "1234 AB", "plaats": "Ede"},
        "extraVeldenKlant": [{"naam": "Kleur", "waarde": "rood"}, {"naam": "Maat", "waarde": "groot"}],
    },
    {
        "naam": "Bas O'Voorbeeld",
        "relatiecode": 5002,
        "email": "bas@example.nl",
        "modifiedOn": "2026-01-02T10:00:00.5",
        "krediettermijn": 30,
        "vestigingsAdres": {"plaats": "Gent", "land": {"landcode": "BE"}},
        "extraVeldenKlant": [{"naam": "Kleur", "waarde": "groot"}],
    },
    {
        "naam": "Cor Voorbeeld",
        "relatiecode": 5003,
        "email": "anna@example.nl",
        "modifiedOn": "2026-01-03T10:00:00",
        "nonactief": True,
        "relatiesoort": ["Klant", "Leverancier"],
    },
]
FIRST_NAMES = {"Anna", "Bas", "Cor"}


@pytest.fixture(scope="module")
def administration() -> Iterator[AdministrationDriver]:
    app = create_app(HandClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC)))
    with running(app) as url, AdministrationDriver(url) as driver:
        driver.open(limits={"per_minute": 0, "per_hour": 0, "concurrent": 0})
        driver.command("POST", "/relations", PEOPLE)
        yield driver


def first_names(administration: AdministrationDriver, text: str) -> str:
    """Return the first names that a filter finds among the people above, with spaces between."""
    names = {row["naam"].split()[0] for row in administration.rows("/relaties", filter=text)}
    return " ".join(sorted(names & FIRST_NAMES))


class TestFilters:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Relatiecode eq 5002", "Bas"),
            ("Relatiecode ne 5002", "Anna Cor"),
            ("Relatiecode gt 5001 and Relatiecode lt 5003", "Bas"),
            ("Relatiecode ge 5001 and Relatiecode le 5002", "Anna Bas"),
            ("Relatiecode eq 5001 or Relatiecode eq 5003", "Anna Cor"),
            ("Relatiecode eq 5001 or Krediettermijn eq 30", "Anna Bas"),
            ("not (Relatiecode eq 5001)", "Bas Cor"),
            ("Relatiecode eq 5001 or Relatiecode eq 5002 and Krediettermijn eq 31", "Anna"),
            ("(Relatiecode eq 5001 or Relatiecode eq 5002) and Krediettermijn eq 30", "Bas"),
            ("Email eq 'anna@example.nl'", "Anna Cor"),
            ("Email eq 'anna@example.nl' and Relatiecode eq 5003", "Cor"),
            ("Naam eq 'Bas O''Voorbeeld'", "Bas"),
            ("startswith(Naam,'an') eq true", "Anna"),
            ("startswith(Naam,'An')", "Anna"),
            ("endswith(Naam,'O''Voorbeeld')", "Bas"),
            ("substringof('oorb',Naam) eq true and Relatiecode lt 5002", "Anna"),
            ("substringof('Naam',Naam)", ""),
            ("tolower(Naam) eq 'cor voorbeeld'", "Cor"),
            ("length(Naam) eq 13", "Cor"),
            ("Relatiesoort/any(r:r eq 'Leverancier') and Relatiecode gt 0", "Cor"),
            ("Relatiesoort/any(r: r eq 'Klant') and Relatiecode gt 5000", "Anna Bas Cor"),
            ("ExtraVeldenKlant/any(e:e/Waarde eq 'groot' and e/Naam eq 'Kleur')", "Bas"),
            ("ExtraVeldenKlant/any()", "Anna Bas"),
            ("VestigingsAdres/Plaats eq 'Ede'", "Anna"),
            ("Nonactief eq true", "Cor"),
            ("Nonactief eq false and Relatiecode gt 5000", "Anna Bas"),
            ("Krediettermijn eq null and Relatiecode gt 5000", "Anna Cor"),
            ("Krediettermijn ne null", "Bas"),
            ("Krediettermijn gt 1", "Bas"),
            ("year(ModifiedOn) eq 2026 and day(ModifiedOn) eq 2", "Bas"),
            ("ModifiedOn gt datetime'2026-01-02T10:00:00' and Relatiecode gt 5000", "Bas Cor"),
            ("ModifiedOn ge datetime'2026-01-03T10:00:00' and Relatiecode gt 5000", "Cor"),
            ("ModifiedOn gt datetime'2026-01-03T10:00:00' and Relatiecode gt 5000", ""),
            ("ModifiedOn lt datetime'2026-01-02T10:00:00.5'", "Anna"),
            ("ModifiedOn le datetime'2026-01-02T10:00:00.5'", "Anna Bas"),
            ("ModifiedOn eq datetime'2026-01-02T10:00:00.5000'", "Bas"),
            ("ModifiedOn ne datetime'2026-01-02T10:00:00.5' and Relatiecode gt 5000", "Anna Cor"),
        ],
    )
    def test_filter_finds(self, administration: AdministrationDriver, text: str, expected: str):
        assert first_names(administration, text) == expected

    def test_guid_is_a_literal_of_its_own(self, administration: AdministrationDriver):
        (row,) = administration.rows("/relaties", filter="Relatiecode eq 5002")
        belgium = row["vestigingsAdres"]["land"]["id"]

        assert first_names(administration, f"Id eq guid'{row['id']}'") == "Bas"
        assert first_names(administration, f"Id eq guid'{row['id'].upper()}'") == "Bas"
        assert first_names(administration, f"VestigingsAdres/Land/Id eq guid'{belgium}'") == "Bas"

    def test_case_of_texts_can_matter(self, administration: AdministrationDriver):
        administration.change(options={"filter_case_sensitive": True})
        found = first_names(administration, "Email eq 'anna@example.nl'")
        administration.change(options={"filter_case_sensitive": False})

        assert found == "Cor"

    def test_changed_rows_move_in_the_indexes(self, administration: AdministrationDriver):
        relation_id = administration.add_customer(email="oud@example.nl", relatiecode=6001)
        row = administration.rows(f"/relaties/{relation_id}")

        changed = administration.call("PUT", f"/relaties/{relation_id}", {**row, "email": "nieuw@example.nl"})

        assert changed.status_code == 200
        assert administration.rows("/relaties", filter="Email eq 'oud@example.nl'") == []
        assert len(administration.rows("/relaties", filter="Email eq 'nieuw@example.nl'")) == 1
        recent = administration.rows("/relaties", filter="ModifiedOn ge datetime'2026-03-10T00:00:00'")
        assert [each["id"] for each in recent].count(relation_id) == 1


class TestRefusedQueries:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("naam eq 'x'", "Could not find a property named 'naam' on type"),
            ("nonactief eq true", "Could not find a property named 'nonactief' on type"),
            ("Onzin eq 'x'", "Could not find a property named 'Onzin' on type"),
            ("VestigingsAdres/Huisnummer eq '1'", "'Huisnummer' on type 'SnelStart.B2B.Api.V2.Models.Rela"),
            ("VestigingsAdres/Plaats/Naam eq '1'", "Could not find a property named 'Naam'"),
            ("ExtraVeldenKlant/any(e:e/Kleur eq 'x')", "Could not find a property named 'Kleur'"),
            ("contains(Naam,'x')", "An unknown function with name 'contains' was found."),
            ("startswith(Naam)", "No function signature for the function with name 'startswith' matches."),
            ("Relatiecode eq '5001'", "'Edm.Decimal' and 'Edm.String' for operator kind 'Equal'"),
            ("Id eq '5c1b0000-0000-0000-0000-000000000000'", "'Edm.Guid' and 'Edm.String'"),
            ("ModifiedOn gt '2026-01-01'", "'Edm.DateTime' and 'Edm.String' for operator kind 'GreaterThan'"),
            ("Relatiesoort eq 'Klant'", "incompatible types"),
            ("Naam", "must evaluate to a single boolean value"),
            ("Naam/any(n:n eq 'x')", "Any/All may only be used following a collection."),
        ],
    )
    def test_filter_against_the_model_is_a_message(
        self, administration: AdministrationDriver, text: str, message: str
    ):
        response = administration.call("GET", "/relaties", filter=text)

        assert response.status_code == 400
        assert response.json().keys() == {"Message"}
        assert message in response.json()["Message"]

    @pytest.mark.parametrize(
        "text",
        [
            "Naam eq",
            "Naam eq 'x",
            "Naam eq 'x' and",
            "(Naam eq 'x'",
            "Naam eq 'x')",
            "Naam == 'x'",
            "Naam eq 'O'Voorbeeld'",
            "Id eq 5c1b0000-0000-0000-0000-000000000000",
            "Id eq guid'5c1b'",
            "ModifiedOn gt datetime'gisteren'",
            "ModifiedOn gt datetime'2026-01-01T00:00:00Z'",
            "Relatiesoort/any(r r eq 'Klant')",
            "startswith(Naam 'x')",
            "VestigingsAdres/'x' eq 1",
            "not " * 60 + "Nonactief eq true",
        ],
    )
    def test_filter_that_is_none_is_alg_0104(self, administration: AdministrationDriver, text: str):
        response = administration.call("GET", "/relaties", filter=text)

        assert response.status_code == 400
        assert [error["errorCode"] for error in response.json()] == ["ALG-0104"]

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ({"top": "501"}, "The limit of '500' for Top query has been exceeded. The value from the"),
            ({"top": "-1"}, "Invalid value '-1' for $top"),
            ({"skip": "x"}, "Invalid value 'x' for $skip"),
            ({"expand": "Land"}, "'$expand' is not allowed"),
            ({"select": "naam"}, "Could not find a property named 'naam'"),
        ],
    )
    def test_other_options_are_checked(
        self, administration: AdministrationDriver, query: dict[str, str], message: str
    ):
        response = administration.call("GET", "/relaties", **query)

        assert response.status_code == 400
        assert message in response.json()["Message"]


class TestPages:
    def test_pages_of_at_most_500_cover_everything_once(self, administration: AdministrationDriver):
        administration.command(
            "POST", "/relations", [{"naam": f"Reeks {number}", "kvkNummer": "9"} for number in range(1100)]
        )

        pages = [
            administration.rows("/relaties", filter="KvkNummer eq '9'", skip=str(skip))
            for skip in (0, 500, 1000)
        ]

        assert [len(page) for page in pages] == [500, 500, 100]
        assert len({row["id"] for page in pages for row in page}) == 1100
        assert len(administration.rows("/relaties")) == 500

    def test_top_and_skip_cut_the_page(self, administration: AdministrationDriver):
        wanted = "Relatiecode ge 5001 and Relatiecode le 5003"
        whole = administration.rows("/relaties", filter=wanted)

        assert administration.rows("/relaties", filter=wanted, skip="1", top="1") == whole[1:2]
        assert administration.rows("/relaties", filter=wanted, top="0") == []

    def test_select_leaves_the_other_properties_out(self, administration: AdministrationDriver):
        (row,) = administration.rows("/relaties", filter="Relatiecode eq 5001", select="Naam,Email")

        assert row == {"naam": "Anna Voorbeeld", "email": "Anna@example.nl"}

    def test_orderby_does_nothing(self, administration: AdministrationDriver):
        assert administration.rows("/relaties", orderby="Naam desc") == administration.rows("/relaties")


class TestSpeed:
    def test_look_ups_in_100_000_relations_do_not_walk_them(self, administration: AdministrationDriver):
        administration.client.timeout = 120
        bulk = [
            {"naam": f"Massa {n}", "email": f"massa{n}@example.nl", "relatiecode": 100_000 + n}
            for n in range(100_000)
        ]
        late = [{"relatiecode": 300_000 + n, "modifiedOn": f"2026-04-0{n}T00:00:00"} for n in range(1, 9)]
        administration.command("POST", "/relations", [*bulk, *late])

        def seconds_of_8(form: str) -> float:
            started = time.perf_counter()
            found = [administration.rows("/relaties", filter=form.format(n=n)) for n in range(1, 9)]
            assert {len(rows) for rows in found} == {1}
            return time.perf_counter() - started

        walking = seconds_of_8("endswith(Email,'massa5000{n}@example.nl')")
        by_email = seconds_of_8("Email eq 'massa{n}@example.nl'")
        by_code = seconds_of_8("Relatiecode eq 10000{n}")
        by_change = seconds_of_8("ModifiedOn gt datetime'2026-03-30T00:00:00' and Relatiecode eq 30000{n}")
        by_range = seconds_of_8(
            "ModifiedOn ge datetime'2026-04-0{n}T00:00:00' and ModifiedOn lt datetime'2026-04-0{n}T01:00:00'"
        )

        assert max(by_email, by_code, by_change, by_range) < walking / 8
