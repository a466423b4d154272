"""What people read about settings is what the programs read."""

import re
from pathlib import Path

from pydantic import TypeAdapter

from tidy.repository import text_of
from tidy.settings_in_use import OWN_NAME, REQUIRED, settings_read_directly, settings_with_defaults

EXAMPLE = Path(".env.example")
COMPOSE = Path("docker-compose.yml")
DOCUMENTS = (Path("README.md"), Path("docs/runbook.md"))
EXAMPLE_LINE = re.compile(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)
SUBSTITUTION = re.compile(r"\$\{([A-Z][A-Z0-9_]*)")
WORD = re.compile(r"\b[A-Z][A-Z0-9_]+\b")


# What places a process on a machine: containers have places of their own, and secrets in a volume.
PLACES = re.compile(r"_(HOME|HOST|PORT|URL|TOKEN|FILE|KEY|PASSWORD|SECRET|INSTANCE)$|^DEMO_")


def existing() -> set[str]:
    return set(settings_with_defaults()) | settings_read_directly()


def test_containers_take_over_every_setting_that_is_not_a_place() -> None:
    taken_over = set(re.findall(r"^ *([A-Z][A-Z_]+):", text_of(COMPOSE), re.MULTILINE))
    assert sorted(name for name in existing() - taken_over if not PLACES.search(name)) == []


def test_the_example_names_every_setting_and_no_other() -> None:
    shown = {name for name, _ in EXAMPLE_LINE.findall(text_of(EXAMPLE))}
    of_compose = set(SUBSTITUTION.findall(text_of(COMPOSE))) - existing()
    assert sorted(existing() - shown) == []
    assert sorted(shown - existing() - of_compose) == []
    assert sorted(of_compose - shown) == []


def test_the_example_shows_the_defaults() -> None:
    shown = dict(EXAMPLE_LINE.findall(text_of(EXAMPLE)))
    differing = [
        f"{name}: {shown[name]} is shown, {default} holds"
        for name, (annotation, default) in settings_with_defaults().items()
        if default not in (None, REQUIRED) and TypeAdapter(annotation).validate_python(shown[name]) != default
    ]
    assert differing == []


def test_compose_and_documents_name_settings_that_exist() -> None:
    for file in (COMPOSE, *DOCUMENTS):
        named = {word for word in WORD.findall(text_of(file)) if OWN_NAME.match(word)}
        of_compose = set(SUBSTITUTION.findall(text_of(COMPOSE)))
        assert sorted(named - existing() - of_compose) == [], file
