"""The manifests for Kubernetes fit their schemas, and name only what there is: nothing here can run them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import kubernetes_validate
import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from sconnect.messaging.topology import WORK_QUEUES
from sconnect.service.health import CHECK_TIMEOUT_SECONDS, HealthState, health_routes
from sconnect.service.lifecycle import ANSWERS_SECONDS_MAX, BROKER_CLOSE_SECONDS_MAX, CLOSERS_SECONDS_MAX
from stack.services import SERVICES
from tidy.repository import ROOT, text_of
from tidy.settings_in_use import REQUIRED, settings_read_directly, settings_with_defaults

FOLDER = Path("deploy/kubernetes")
BASE, OVERLAY = FOLDER / "base", FOLDER / "overlays/production"
KUBERNETES_VERSION = "1.33.0"
OWN_IMAGES = {*(f"sconnect-{kind.name}" for kind in SERVICES), "sconnect-stack"}
WORKERS_THAT_SCALE = {"customer-resolver", "booking-writer"}

Document = dict[str, Any]


def resources(folder: Path) -> list[Document]:
    """What the folder's kustomization gathers from files beside it."""
    names = yaml.safe_load(text_of(folder / "kustomization.yaml"))["resources"]
    files = [folder / name for name in names if name.endswith(".yaml")]
    return [document for file in files for document in yaml.safe_load_all(text_of(file))]


BASE_RESOURCES = resources(BASE)
KEDA_RESOURCES = resources(OVERLAY)


def of_kind(kind: str) -> dict[str, Document]:
    return {each["metadata"]["name"]: each for each in BASE_RESOURCES if each["kind"] == kind}


DEPLOYMENTS = of_kind("Deployment")


def pods() -> Iterator[tuple[str, Document]]:
    for name, workload in (DEPLOYMENTS | of_kind("Job")).items():
        yield name, workload["spec"]["template"]["spec"]


def test_every_file_is_gathered() -> None:
    for folder in (BASE, OVERLAY):
        listed = yaml.safe_load(text_of(folder / "kustomization.yaml"))["resources"]
        there = {file.name for file in (ROOT / folder).glob("*.yaml")} - {"kustomization.yaml"}
        assert there == {name for name in listed if name.endswith(".yaml")}


@pytest.mark.parametrize(
    "document", BASE_RESOURCES, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}"
)
def test_each_fits_the_schema_of_kubernetes(document: Document) -> None:
    kubernetes_validate.validate(document, KUBERNETES_VERSION, strict=True)


def test_a_wrong_one_would_be_found() -> None:
    wrong = yaml.safe_load(yaml.safe_dump(DEPLOYMENTS["poller"]))
    wrong["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES_VERSION, strict=True)


def test_there_is_one_deployment_with_service_and_budget_for_each_service() -> None:
    names = {kind.name for kind in SERVICES}
    assert DEPLOYMENTS.keys() == of_kind("Service").keys() == of_kind("PodDisruptionBudget").keys() == names
    for kind in ("Service", "PodDisruptionBudget"):
        for name, document in of_kind(kind).items():
            selector = document["spec"]["selector"]
            chosen = selector.get("matchLabels", selector)
            assert chosen == DEPLOYMENTS[name]["spec"]["template"]["metadata"]["labels"]


def test_variables_are_settings_that_exist() -> None:
    known = set(settings_with_defaults()) | settings_read_directly()
    named = set(of_kind("ConfigMap")["sconnect-settings"]["data"])
    for _, pod in pods():
        (container,) = pod["containers"]
        named |= {variable["name"] for variable in container["env"]}
    assert len(named) > 15
    assert sorted(named - known) == []


def test_each_service_is_told_all_that_it_cannot_start_without() -> None:
    needed_by_all = {name for name, (_, default) in settings_with_defaults().items() if default is REQUIRED}
    for kind in SERVICES:
        (container,) = DEPLOYMENTS[kind.name]["spec"]["template"]["spec"]["containers"]
        told = {variable["name"] for variable in container["env"]}
        needed = {name for name in needed_by_all if name.startswith((f"{kind.prefix}_", "SCONNECT_"))}
        needed |= {"SCONNECT_AMQP_URL", "SCONNECT_SECRETS_KEY_FILE"}
        assert len(needed) >= 5
        assert sorted(needed - told) == [], kind.name


def test_images_are_those_that_the_compose_file_builds() -> None:
    compose = yaml.safe_load(text_of(Path("docker-compose.yml")))
    built = {service["image"] for service in compose["services"].values() if "build" in service}
    used = {pod["containers"][0]["image"] for _, pod in pods()}
    assert used == OWN_IMAGES
    assert used <= built
    renamed = yaml.safe_load(text_of(OVERLAY / "kustomization.yaml"))["images"]
    assert {image["name"] for image in renamed} == OWN_IMAGES
    assert all(image["newTag"] != "latest" for image in renamed)


def test_probes_ask_what_the_services_answer() -> None:
    answered = {route.path for route in health_routes(HealthState("example", {}))}
    for name, deployment in DEPLOYMENTS.items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        environment = {each["name"]: each.get("value") for each in container["env"]}
        prefix = name.upper().replace("-", "_")
        (port,) = container["ports"]
        assert str(port["containerPort"]) == environment[f"{prefix}_HEALTH_PORT"]
        probes = {kind: container[kind] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
        assert {probe["httpGet"]["path"] for probe in probes.values()} <= answered
        assert {probe["httpGet"]["port"] for probe in probes.values()} == {port["name"]}
        assert probes["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        # An outage elsewhere must not restart a process.
        assert probes["livenessProbe"]["httpGet"]["path"] == "/health/live"
        assert probes["readinessProbe"]["timeoutSeconds"] > CHECK_TIMEOUT_SECONDS


def test_pods_are_confined_and_have_time_to_stop() -> None:
    graceful = settings_with_defaults()["SCONNECT_GRACEFUL_STOP_SECONDS"][1]
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        confined = container["securityContext"]
        assert confined["readOnlyRootFilesystem"] is True
        assert confined["allowPrivilegeEscalation"] is False
        assert confined["capabilities"] == {"drop": ["ALL"]}
        if name in DEPLOYMENTS:
            needed = graceful + BROKER_CLOSE_SECONDS_MAX + CLOSERS_SECONDS_MAX + ANSWERS_SECONDS_MAX
            assert pod["terminationGracePeriodSeconds"] > needed


def test_a_pod_sees_the_secret_of_its_service_alone_and_none_stands_in_a_file() -> None:
    assert of_kind("Secret") == {}
    for name, pod in pods():
        own = {"prepare": "sconnect-owner"}.get(name, f"sconnect-{name}")
        (container,) = pod["containers"]
        by_reference = {
            variable["valueFrom"]["secretKeyRef"]["name"]
            for variable in container["env"]
            if "valueFrom" in variable
        }
        mounted = {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
        assert by_reference | mounted == {own}


def test_files_that_settings_name_are_mounted() -> None:
    for _, pod in pods():
        (container,) = pod["containers"]
        (keys,) = [volume["secret"]["items"] for volume in pod["volumes"] if "secret" in volume]
        (place,) = [m["mountPath"] for m in container["volumeMounts"] if m["mountPath"].startswith("/run/")]
        there = {f"{place}/{item['path']}" for item in keys}
        named = {each["value"] for each in container["env"] if each["name"].endswith("_FILE")}
        assert named <= there


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fallback(_Strict):
    failure_threshold: int = Field(alias="failureThreshold", ge=1)
    replicas: int = Field(ge=1)


class QueueTrigger(_Strict):
    protocol: Literal["amqp", "http", "auto"]
    queue_name: str = Field(alias="queueName")
    mode: Literal["QueueLength", "MessageRate"]
    value: str = Field(pattern=r"^\d+(\.\d+)?$")


class Trigger(_Strict):
    type: Literal["rabbitmq"]
    metadata: QueueTrigger
    authentication: dict[Literal["name"], str] = Field(alias="authenticationRef")


class ScaledObject(_Strict):
    """The part that we use of KEDA 2's ScaledObject and RabbitMQ trigger: https://keda.sh/docs, "ScaledObject
    specification" and "RabbitMQ Queue"."""

    target: dict[Literal["name"], str] = Field(alias="scaleTargetRef")
    replicas_min: int = Field(alias="minReplicaCount", ge=1)
    replicas_max: int = Field(alias="maxReplicaCount", ge=1)
    polling_interval_seconds: int = Field(alias="pollingInterval", ge=1)
    cooldown_seconds: int = Field(alias="cooldownPeriod", ge=0)
    fallback: Fallback
    triggers: list[Trigger] = Field(min_length=1)


def test_keda_scales_resolvers_and_writers_on_their_own_queues() -> None:
    own_queues = {queue.name for queue in WORK_QUEUES}
    scaled = {each["metadata"]["name"]: each for each in KEDA_RESOURCES if each["kind"] == "ScaledObject"}
    logins = {
        each["metadata"]["name"]: each["spec"]["secretTargetRef"]
        for each in KEDA_RESOURCES
        if each["kind"] == "TriggerAuthentication"
    }
    assert scaled.keys() == WORKERS_THAT_SCALE
    assert {each["apiVersion"] for each in KEDA_RESOURCES} == {"keda.sh/v1alpha1"}
    for name, document in scaled.items():
        spec = ScaledObject.model_validate(document["spec"])
        assert spec.target == {"name": name}
        assert spec.replicas_min < spec.replicas_max
        (trigger,) = spec.triggers
        assert trigger.metadata.queue_name in own_queues
        assert trigger.metadata.queue_name.startswith(f"{name}.")
        (login,) = logins[trigger.authentication["name"]]
        assert login == {"parameter": "host", "name": f"sconnect-{name}", "key": "keda-amqp-url"}


def test_the_readme_tells_how_each_secret_is_made() -> None:
    readme = text_of(FOLDER / "README.md")
    needed = {("sconnect-" + name, "keda-amqp-url") for name in WORKERS_THAT_SCALE}
    for _, pod in pods():
        (container,) = pod["containers"]
        for variable in container["env"]:
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                needed.add((reference["name"], reference["key"]))
        for secret in (volume["secret"] for volume in pod["volumes"] if "secret" in volume):
            needed |= {(secret["secretName"], item["key"]) for item in secret["items"]}
    missing = [(name, key) for name, key in needed if name not in readme or key not in readme]
    assert missing == []


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl, which renders them, is not installed")
def test_kustomize_renders_the_overlay() -> None:
    command = ["kubectl", "kustomize", str(ROOT / OVERLAY)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rendered = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(done.stdout)}
    assert len(rendered) == len(BASE_RESOURCES) + len(KEDA_RESOURCES)
    assert {each["metadata"]["namespace"] for each in rendered.values()} == {"sconnect"}
    for (kind, name), document in rendered.items():
        if kind in {"Deployment", "Job"}:
            (container,) = document["spec"]["template"]["spec"]["containers"]
            assert container["image"].startswith("registry.example.nl/sconnect-")
        if kind == "Deployment":
            # Whatever KEDA decided is not set back by an apply.
            assert ("replicas" in document["spec"]) == (name not in WORKERS_THAT_SCALE)
        if not document["apiVersion"].startswith("keda.sh/"):
            kubernetes_validate.validate(document, KUBERNETES_VERSION, strict=True)
