"""The SnelStart simulator against the vendor's own description of the API, where that is at hand."""

import copy
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app, models
from simulators.snelstart.driver import AdministrationDriver
from simulators.snelstart.endpoints import Endpoint, endpoints
from simulators.snelstart.schema import Kind, Model

DESCRIPTION = Path(__file__).parents[2] / "../shared/reference/openapi/snelstart-b2b-v2.yaml"
DESCRIBED = "urn:snelstart-b2b-v2"

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason="the vendor's description is not here")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(DESCRIPTION.read_text(), Loader=yaml.CSafeLoader)
    return loaded


@pytest.fixture(scope="module")
def registry(description: dict[str, Any]) -> Registry[Any]:
    """The description, made strict: a property that it does not name is an error."""
    strict = copy.deepcopy(description)
    for schema in strict["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    empty: Registry[Any] = Registry()
    return empty.with_resource(DESCRIBED, DRAFT4.create_resource(strict))


@pytest.fixture(scope="module")
def administration() -> Iterator[AdministrationDriver]:
    app = create_app(HandClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC)))
    with running(app) as url, AdministrationDriver(url) as driver:
        driver.open(foreign_vat=True)
        yield driver


@pytest.fixture(scope="module")
def filled(administration: AdministrationDriver) -> AdministrationDriver:
    """An administration with a row in every collection."""
    customer = administration.call("POST", "/relaties", relation(administration)).json()
    booking = administration.post_booking(full_booking(administration, customer["id"])).json()
    document = {"parentIdentifier": booking["id"], "fileName": "a.pdf", "content": "AAAA"}
    for path, body in (
        ("/documenten/Verkoopboekingen", document),
        ("/bankboekingen", receipt(administration, booking, "Bank")),
        ("/kasboekingen", receipt(administration, booking, "Kas")),
        ("/memoriaalboekingen", transfer(administration, booking)),
    ):
        assert administration.call("POST", path, body).status_code == 201
    return administration


def relation(administration: AdministrationDriver) -> dict[str, Any]:
    address = {
        "contactpersoon": "Jan Voorbeeld",
        "straat": "Dorpsstraat 1",
        "postcode": "1234 AB",
        "plaats": "Ede",
        "land": administration.country("NL"),
    }
    return {
        "relatiesoort": ["Klant"],
        "naam": "Jan Voorbeeld",
        "email": "jan@example.nl",
        "telefoon": "+31600000001",
        "btwNummer": "NL000099998B57",
        "iban": "NL91ABNA0417164300",
        "krediettermijn": 30,
        "kredietLimiet": 100,
        "vestigingsAdres": address,
        "correspondentieAdres": address,
        "factuurEmailVersturen": {"shouldSend": False, "email": "jan@example.nl"},
        "aanmaningsoort": "Consument",
        "incassoSoort": "Geen",
    }


def full_booking(administration: AdministrationDriver, customer: str) -> dict[str, Any]:
    centre = administration.rows("/kostenplaatsen")[0]
    line = {
        "omschrijving": "Omzet",
        "grootboek": administration.ledger(8105),
        "kostenplaats": {"id": centre["id"]},
        "bedrag": 100,
        "btwSoort": "Hoog",
    }
    return {
        "factuurnummer": "1001",
        "boekstuk": "1001",
        "factuurdatum": "2026-03-02",
        "klant": {"id": customer},
        "omschrijving": "Order 1001",
        "factuurbedrag": 121,
        "betalingstermijn": 14,
        "markering": True,
        "eenmaligeIncassoMachtiging": {"kenmerk": "M1", "omschrijving": "x", "datum": "2026-03-01"},
        "boekingsregels": [line],
        "btw": [{"btwSoort": "VerkopenHoog", "btwBedrag": 21}],
    }


def journal(administration: AdministrationDriver, kind: str) -> dict[str, str]:
    return next({"id": row["id"]} for row in administration.rows("/dagboeken") if row["soort"] == kind)


def receipt(administration: AdministrationDriver, booking: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "datum": "2026-03-05",
        "dagboek": journal(administration, kind),
        "omschrijving": "Ontvangst",
        "bedragOntvangen": 8.79,
        "bedragUitgegeven": 0,
        "verkoopboekingBoekingsRegels": [{"boekingId": {"id": booking["id"]}, "credit": 10}],
        "grootboekBoekingsRegels": [
            {"omschrijving": "Kosten", "grootboek": administration.ledger(4560), "debet": 1}
        ],
        "btwBoekingsregels": [{"debet": 0.21, "type": "TeVorderenBtwType", "tarief": "Hoog"}],
    }


def transfer(administration: AdministrationDriver, booking: dict[str, Any]) -> dict[str, Any]:
    paid = {"boekingId": {"id": booking["id"]}, "omschrijving": "x", "bedrag": 1}
    ledger = {"omschrijving": "x", "grootboek": administration.ledger(1780), "debet": 1}
    return {
        "datum": "2026-03-05",
        "dagboek": journal(administration, "Memoriaal"),
        "memoriaalBoekingsRegels": [ledger],
        "verkoopboekingBoekingsRegels": [paid],
    }


def without_nulls(value: Any) -> Any:
    """Leave out what is null: .NET writes it, and the description marks nothing as nullable."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def check(registry: Registry[Any], pointer: str, value: Any) -> None:
    """Validate a value against a place in the description."""
    validator = OAS30Validator({"$ref": f"{DESCRIBED}#{pointer}"}, registry=registry)
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(without_nulls(value))]
    assert errors == []


def pointer_to(path: str, method: str, *rest: str) -> str:
    """Return the JSON pointer to the schema of a request or a response."""
    parts = ["paths", path, method.lower(), *rest, "content", "application/json", "schema"]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def described_path(endpoint: Endpoint) -> str:
    """Return the path as the description spells it."""
    renamed = endpoint.path.replace("/documenten/{type}/{id}", "/documenten/{documenttype}/{pid}")
    return renamed.replace("{type}", "{documenttype}")


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


ENDPOINTS = list(endpoints())
LISTS = [each for each in ENDPOINTS if each.method == "GET" and "{" not in each.path]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=name_of)
def test_operation_is_one_of_the_vendors_with_its_scopes(description: dict[str, Any], endpoint: Endpoint):
    operation = description["paths"][described_path(endpoint)][endpoint.method.lower()]

    assert set(re.findall(r"^- (\S+)", operation["description"], re.MULTILINE)) == set(endpoint.scopes)


@pytest.mark.parametrize("endpoint", LISTS, ids=name_of)
def test_list_is_valid_and_filters_only_where_that_is_documented(
    filled: AdministrationDriver, description: dict[str, Any], registry: Registry[Any], endpoint: Endpoint
):
    operation = description["paths"][endpoint.path]["get"]
    has_filter = "$filter" in [parameter["name"] for parameter in operation.get("parameters", [])]

    rows = filled.rows(endpoint.path)

    assert rows
    check(registry, pointer_to(endpoint.path, "get", "responses", "200"), rows)
    wrong = filled.call("GET", endpoint.path, filter="onzin eq 1")
    assert wrong.status_code == (400 if has_filter else 200)


@pytest.mark.parametrize(
    "path",
    [
        "/relaties",
        "/verkoopfacturen",
        "/grootboeken",
        "/kostenplaatsen",
        "/bankboekingen",
        "/kasboekingen",
    ],
)
def test_single_row_is_valid(filled: AdministrationDriver, registry: Registry[Any], path: str):
    row = filled.rows(path)[-1]

    check(
        registry,
        pointer_to(f"{path}/{{id}}", "get", "responses", "200"),
        filled.rows(f"{path}/{row['id']}"),
    )


def test_bookings_and_documents_are_valid(filled: AdministrationDriver, registry: Registry[Any]):
    (invoice,) = filled.rows("/verkoopfacturen")
    booking = filled.rows(f"/verkoopboekingen/{invoice['verkoopBoeking']['id']}")
    document_id = booking["documents"][0]["id"]

    check(registry, pointer_to("/verkoopboekingen/{id}", "get", "responses", "200"), booking)
    check(
        registry,
        pointer_to("/relaties/{id}/verkoopboekingen", "get", "responses", "200"),
        filled.rows(f"/relaties/{invoice['relatie']['id']}/verkoopboekingen"),
    )
    check(
        registry,
        pointer_to("/documenten/{id}", "get", "responses", "200"),
        filled.rows(f"/documenten/{document_id}"),
    )


@pytest.mark.parametrize(
    ("path", "body_of"),
    [
        ("/relaties", lambda driver, _booking: {**relation(driver), "naam": "Piet Voorbeeld"}),
        (
            "/verkoopboekingen",
            lambda driver, booking: {**full_booking(driver, booking["klant"]["id"]), "factuurnummer": "2"},
        ),
        ("/bankboekingen", lambda driver, booking: receipt(driver, booking, "Bank")),
        ("/kasboekingen", lambda driver, booking: receipt(driver, booking, "Kas")),
        ("/memoriaalboekingen", transfer),
    ],
)
def test_request_and_answer_of_a_create_and_a_replace_are_valid(
    filled: AdministrationDriver,
    registry: Registry[Any],
    path: str,
    body_of: Callable[[AdministrationDriver, dict[str, Any]], dict[str, Any]],
):
    booking = filled.command("GET", "/bookings")[0]
    body = body_of(filled, booking)
    check(registry, pointer_to(path, "post", "requestBody"), body)

    created = filled.call("POST", path, body)

    assert created.status_code == 201, created.text
    check(registry, pointer_to(path, "post", "responses", "201"), created.json())
    replaced = filled.call("PUT", f"{path}/{created.json()['id']}", {**body, "id": created.json()["id"]})
    assert replaced.status_code == 200, replaced.text
    check(registry, pointer_to(f"{path}/{{id}}", "put", "responses", "200"), replaced.json())
    deleted = filled.call("DELETE", f"{path}/{created.json()['id']}")
    assert deleted.status_code == 200, deleted.text


MODELS = [each for each in vars(models).values() if isinstance(each, Model)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_model_has_the_properties_and_lengths_that_are_described(description: dict[str, Any], model: Model):
    schema = description["components"]["schemas"][model.name]
    described = schema["properties"]
    # Worked out when a row is shown, or of purchases, which this simulator has none of.
    worked_out = {"uri", "inkoopBoekingenUri", "verkoopBoekingenUri", "inkoopboekingBoekingsRegels"}

    assert model.fields.keys() - worked_out == described.keys() - worked_out
    assert {name for name, each in model.fields.items() if each.required} == set(schema.get("required", []))
    for name, each in model.fields.items():
        assert each.length_max == described[name].get("maxLength"), name
        assert set(described[name].get("enum", ())) <= set(each.choices or described[name].get("enum", ()))
        if each.kind is Kind.INTEGER and "maximum" in described[name]:
            assert (each.minimum, each.maximum) == (
                described[name]["minimum"],
                described[name]["maximum"],
            )
