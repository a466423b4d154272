"""What operators rely on in docker-compose.yml, also where no engine can try it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from sconnect.service import CommonSettings
from stack.broker import DEAD_LETTER_CONFIRM_SECONDS_MAX
from tidy.repository import text_of

COMPOSE: dict[str, Any] = yaml.safe_load(text_of(Path("docker-compose.yml")))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = ("poller", "customer-resolver", "booking-writer")
SIMULATED = {"webshop", "snelstart", "demo"}
LOGIN_IN_ADDRESS = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def test_older_releases_of_compose_can_read_it() -> None:
    """Debian's 1.29 refuses what came later: `name`, `include`, `develop`."""
    assert {key for key in COMPOSE if not key.startswith("x-")} == {"services", "volumes"}
    assert [name for name, service in SERVICES.items() if "develop" in service] == []


@pytest.mark.parametrize("worker", WORKERS)
def test_there_can_be_several_of_a_worker(worker: str) -> None:
    assert SERVICES[worker].keys() & {"container_name", "hostname", "ports"} == set()


def test_only_the_console_and_the_dashboards_are_reachable_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"console", "grafana", "jaeger"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_no_password_stands_in_an_environment() -> None:
    settings = [
        (name, *item) for name, own in SERVICES.items() for item in own.get("environment", {}).items()
    ]
    assert len(settings) > 50
    assert [each for each in settings if LOGIN_IN_ADDRESS.search(str(each[2]))] == []
    assert [each for each in settings if re.search(r"(PASS(WORD)?|KEY|TOKEN)$", each[1])] == []


@pytest.mark.parametrize("name", [*WORKERS, "console"])
def test_a_service_signs_in_under_its_own_name_with_its_own_keys_alone(name: str) -> None:
    role = f"sconnect_{name.replace('-', '_')}"
    addresses = [
        value
        for variable, value in SERVICES[name]["environment"].items()
        if variable.endswith("DATABASE_URL")
    ]
    assert len(addresses) == 2
    assert {make_url(address).username for address in addresses} == {role}
    assert SERVICES[name]["volumes"] == [f"keys-{name}:/var/lib/sconnect/keys:ro"]


def test_what_holds_all_keys_is_shown_to_the_one_shots_alone() -> None:
    holders = {
        name for name, own in SERVICES.items() if any(v.startswith("keys:") for v in own.get("volumes", ()))
    }
    assert holders == {"keys", "prepare"}


def test_containers_of_our_own_are_confined() -> None:
    own = {name: service for name, service in SERVICES.items() if "build" in service}
    assert own.keys() == SERVICES.keys() - {"rabbitmq", "postgres", "prometheus", "grafana", "jaeger"}
    for service in own.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_simulators_are_in_the_image_of_the_demo_alone() -> None:
    of_the_demo = {name for name, own in SERVICES.items() if own.get("profiles") == ["demo"]}
    with_simulators = {
        name for name, own in SERVICES.items() if own.get("build", {}).get("args") == {"SERVICE": "demo"}
    }
    assert of_the_demo == with_simulators == SIMULATED


def test_services_come_after_tables_and_queues_and_stop_within_their_time() -> None:
    graceful_stop_seconds = CommonSettings.model_fields["graceful_stop_seconds"].default
    for name in (*WORKERS, "console"):
        assert SERVICES[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > graceful_stop_seconds


def test_a_broker_that_died_sends_the_rest_again_as_soon_in_a_container_as_on_its_own() -> None:
    mounted = "./deploy/rabbitmq/advanced.config:/etc/rabbitmq/advanced.config:ro"
    assert mounted in SERVICES["rabbitmq"]["volumes"]
    setting = f"{{dead_letter_worker_publisher_confirm_timeout, {DEAD_LETTER_CONFIRM_SECONDS_MAX * 1000}}}"
    assert setting in text_of(Path("deploy/rabbitmq/advanced.config"))
