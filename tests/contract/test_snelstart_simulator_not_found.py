"""Ids that no row has, and that every code which the SnelStart simulator can give is met in a test."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulators.clock import HandClock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver
from simulators.snelstart.refusals import MESSAGES

UNKNOWN_ID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def administration() -> Iterator[AdministrationDriver]:
    app = create_app(HandClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC)))
    with running(app) as url, AdministrationDriver(url) as driver:
        driver.open()
        driver.change(options={"not_found_body": "codes"})
        yield driver


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/verkoopboekingen", "BOE-0001"),
        ("/grootboeken", "BOE-0089"),
        ("/kostenplaatsen", "KPL-0001"),
        ("/relaties", "REL-0005"),
        ("/documenten", "BLG-0001"),
    ],
)
def test_an_unknown_id_has_the_code_of_its_kind(
    administration: AdministrationDriver, path: str, code: str
) -> None:
    response = administration.call("GET", f"{path}/{UNKNOWN_ID}")

    assert response.status_code == 404
    assert response.json() == [{"errorCode": code, "message": MESSAGES[code], "details": None}]


def test_every_code_is_met_in_a_test() -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_snelstart_simulator*.py"))
    assert [code for code in MESSAGES if f'"{code}"' not in tests] == []
