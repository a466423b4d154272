"""Rules and dashboards name metrics and labels that exist, and every alert has its entry in the runbook."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import sconnect.metrics
from sconnect.metrics import REGISTRY
from tidy.repository import text_of

RULES = yaml.safe_load(text_of(Path("deploy/observability/alerts.yml")))
SCRAPES = yaml.safe_load(text_of(Path("deploy/observability/prometheus.yml")))
DASHBOARD = json.loads(text_of(Path("deploy/observability/grafana/dashboards/sconnect.json")))
# What Prometheus itself adds.
OF_PROMETHEUS = {"up"}
TARGET_LABELS = {"job", "instance", "service", "le"}
METRIC = re.compile(r"\b(sconnect_[a-z_]+|process_[a-z_]+|up)\b")
SELECTOR = re.compile(r"\b((?:sconnect|process)_[a-z_]+|up)(?:\{([^}]*)\})?")
LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)")
GROUPED = re.compile(r"\bby \(([a-z_, ]+)\)")
SHOWN = re.compile(r"\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}")


def alerts() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def labels_of_metrics() -> dict[str, set[str]]:
    """Every name that a scrape shows, with the labels it can have."""
    names: dict[str, set[str]] = {}
    for collector in set(REGISTRY._names_to_collectors.values()):
        labels = set(getattr(collector, "_labelnames", ()))
        names |= dict.fromkeys(REGISTRY._collector_to_names[collector], labels)
    return names


def test_every_metric_that_is_asked_for_exists() -> None:
    known = labels_of_metrics().keys() | OF_PROMETHEUS
    asked = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert len(asked) > 10
    assert sorted(asked - known) == []


def test_every_label_that_is_asked_for_exists() -> None:
    known = labels_of_metrics()
    for expression in expressions():
        for name, selectors in SELECTOR.findall(expression):
            assert set(LABEL.findall(selectors)) <= known.get(name, set()) | TARGET_LABELS, expression
        there = set().union(*(known.get(name, set()) for name, _ in SELECTOR.findall(expression)))
        grouped = {word.strip() for words in GROUPED.findall(expression) for word in words.split(",")}
        assert grouped <= there | TARGET_LABELS, expression


def test_what_a_sentence_or_a_legend_shows_is_there() -> None:
    known = labels_of_metrics()
    shown = [(rule["expr"], rule["annotations"]["summary"]) for rule in alerts()]
    for panel in DASHBOARD["panels"]:
        shown += [(target["expr"], target["legendFormat"]) for target in panel["targets"]]
    for expression, text in shown:
        there = set().union(*(known.get(name, set()) for name, _ in SELECTOR.findall(expression)))
        assert set(SHOWN.findall(text)) <= there | TARGET_LABELS, expression


def test_every_alert_has_an_entry_in_the_runbook_and_the_other_way_round() -> None:
    entries = re.findall(r"^\| (Sconnect\w+) \|", text_of(Path("docs/runbook.md")), re.MULTILINE)
    names = [rule["alert"] for rule in alerts()]
    assert entries == names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_is_whole(rule: dict[str, Any]) -> None:
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert re.fullmatch(r"\d+[mhs]", rule.get("for", "0s"))
    for opening, closing in ("()", "{}", "[]"):
        assert rule["expr"].count(opening) == rule["expr"].count(closing)


def test_all_services_are_asked() -> None:
    jobs = {job["job_name"]: job for job in SCRAPES["scrape_configs"]}
    [workers] = jobs["workers"]["dns_sd_configs"]
    assert workers["names"] == ["poller", "customer-resolver", "booking-writer"]
    assert jobs["console"]["authorization"] == {"credentials_file": "/run/keys/metrics-token"}
    assert SCRAPES["rule_files"] == ["alerts.yml"]


def test_the_document_names_every_metric_of_ours() -> None:
    text = text_of(Path("docs/monitoring.md"))
    ours = {
        sample.removesuffix("_created")
        for sample in labels_of_metrics()
        if sample.startswith("sconnect_") and not sample.endswith(("_created", "_bucket", "_count", "_sum"))
    }
    families = {name for name in ours if f"{name}_total" not in ours}
    assert sconnect.metrics.__doc__
    assert sorted(name for name in families if name not in text) == []
