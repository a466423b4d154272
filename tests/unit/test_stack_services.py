import socket
from pathlib import Path

import pytest

from sconnect.errors import StartupError
from stack.home import Home
from stack.migrate import database_of_package
from stack.services import CONSOLE, POLLER, complete_environment, service_plan

AMQP_URL = "amqp://sconnect:secret@127.0.0.1:5672/%2F"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_what_a_person_set_is_kept_and_the_rest_is_filled_in(home: Home) -> None:
    given = {"POLLER_DATABASE_URL": "postgresql+psycopg://server/poller", "SCONNECT_SECRETS_KEY": "mine"}
    environment = complete_environment(given, home, AMQP_URL)
    assert environment["POLLER_DATABASE_URL"] == given["POLLER_DATABASE_URL"]
    assert environment["CONSOLE_DATABASE_URL"] == f"sqlite+aiosqlite:///{home.folder}/console.sqlite3"
    assert environment["SCONNECT_AMQP_URL"] == AMQP_URL
    assert "SCONNECT_SECRETS_KEY_FILE" not in environment
    assert not (home.folder / "secrets-key").exists()


def test_a_port_that_is_taken_gives_way_to_a_free_one(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        environment = complete_environment({"POLLER_HEALTH_PORT": taken}, home, AMQP_URL)
    assert environment["POLLER_HEALTH_PORT"] != taken
    assert environment["CONSOLE_POLLER_URL"].endswith(environment["POLLER_HEALTH_PORT"])


def test_a_service_runs_under_the_interpreter_of_the_virtual_environment(home: Home) -> None:
    plan = service_plan(POLLER, home, complete_environment({}, home, AMQP_URL))
    assert plan.command[1:] == ("-m", "poller")
    assert Path(plan.command[0]).is_absolute()
    assert Path(plan.command[0]).parent.parent.name == ".venv"


def test_a_plan_does_not_show_the_secrets_in_its_environment(home: Home) -> None:
    plan = service_plan(CONSOLE, home, complete_environment({}, home, AMQP_URL))
    assert "secret@" not in repr(plan)


def test_every_package_with_tables_has_a_database(home: Home) -> None:
    databases = database_of_package(complete_environment({}, home, AMQP_URL))
    shared = {"sconnect.profiles", "sconnect.allowance"}
    assert set(databases) == {*shared, "poller", "customer_resolver", "booking_writer", "console"}


def test_a_database_without_an_address_is_named() -> None:
    with pytest.raises(StartupError, match=r"POLLER_DATABASE_URL"):
        database_of_package({"SCONNECT_DATABASE_URL": "sqlite+aiosqlite:///x"})


def test_a_port_that_is_none_is_named(home: Home) -> None:
    with pytest.raises(StartupError, match=r"^POLLER_HEALTH_PORT must be a port number, not 80800\.$"):
        complete_environment({"POLLER_HEALTH_PORT": "80800"}, home, AMQP_URL)
