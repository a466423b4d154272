"""A profile as the file that `sconnect profile apply` takes, and back."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from console.adapters.yaml_reading import OneOfEachLoader
from console.domain.profile_settings import without_unstated
from sconnect.profiles import SECRET_FIELDS, StoredProfile, take_out_secrets
from sconnect.texts import render

LINE_WIDTH = 100


def profile_file(stored: StoredProfile, language: str) -> str:
    """YAML without the keys; where they belong stand comments with the variables of the example file."""
    document, secrets = take_out_secrets(stored.profile)
    head = {"name": stored.profile.name, "administration": stored.administration_name}
    lines = [_comment("profile_file.head", head, language), _comment("profile_file.keys", {}, language)]
    for name, value in without_unstated(document).items():
        lines += as_yaml({name: value}).rstrip().splitlines()
        lines += _keys_of(name, secrets)
    return "\n".join(lines) + "\n"


def as_yaml(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=LINE_WIDTH)


def read_profile_file(text: str) -> dict[str, Any]:
    """The document in a file; ValueError when it is no YAML of names and values."""
    try:
        content = yaml.load(text, Loader=OneOfEachLoader)  # noqa: S506 - a safe one
        # What YAML knows and JSON does not, such as dates, is read as the text it was.
        document = json.loads(json.dumps(content, default=str, allow_nan=False))
    except (yaml.YAMLError, RecursionError, TypeError) as error:
        raise ValueError("no YAML") from error
    if not isinstance(document, dict):
        raise ValueError("no settings")  # noqa: TRY004 - what was typed is wrong, not its type here
    return document


def _keys_of(section: str, secrets: Mapping[str, str]) -> Iterator[str]:
    for place, name in SECRET_FIELDS:
        if place == section and f"{place}.{name}" in secrets:
            yield f"  # {name}: ${{{_variable(place, name)}}}"


def _variable(section: str, name: str) -> str:
    """As docs/profile.example.yaml calls them."""
    owner = "SHOP" if section == "shop" else "SNELSTART"
    return f"{owner}_{name.upper()}"


def _comment(key: str, details: Mapping[str, str], language: str) -> str:
    return f"# {' '.join(render(f'command.{key}', details, language).split())}"
