"""From what a person wrote to a profile, with everything that is wrong with it at once."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from sconnect.profiles.addresses import address_problem
from sconnect.profiles.complaints import complaints
from sconnect.profiles.model import Profile
from sconnect.profiles.problems import WHOLE_DOCUMENT, Problem, ProfileInvalid
from sconnect.profiles.variables import fill_in_variables

_ADDRESS_FIELDS = ("shop.api_url", "bookkeeping.token_url", "bookkeeping.api_url")

# Values that the schema knows and this release does not carry out: to take one and then do something
# else would be worse than to refuse it.
_VALUES_THAT_WORK: Mapping[str, tuple[object, ...]] = MappingProxyType(
    {
        "shop.home_country": ("NL",),
    }
)


def read_profile(
    document: Mapping[str, Any], environment: Mapping[str, str], *, allow_local_apis: bool
) -> Profile:
    """The profile that a YAML or JSON document describes; `${NAME}` is read from `environment`.

    `allow_local_apis` also takes http addresses and those of this machine or network, as tests and the demo
    need. Raises ProfileInvalid with every problem found, in the order of the schema's sections.
    """
    try:
        filled, problems = fill_in_variables(document, environment)
        profile = _parse(filled, problems)
    except RecursionError:
        raise ProfileInvalid((Problem(field=WHOLE_DOCUMENT, text_key="profile.endless"),)) from None
    problems += _address_problems(filled, allow_local_apis=allow_local_apis)
    problems += _unbuilt_values(filled)
    problems += _missing_ledgers(filled)
    if problems or profile is None:
        raise ProfileInvalid(_first_per_field(problems))
    return profile


def parse_profile(document: Mapping[str, Any]) -> Profile:
    """A document that was a valid profile before, as the store keeps it; ValidationError when it is none."""
    # By way of JSON, where strict means: a list may be a tuple and a text an amount, but 1 is no true.
    return Profile.model_validate_json(json.dumps(document, default=str))


def _parse(document: Mapping[str, Any], problems: list[Problem]) -> Profile | None:
    try:
        return parse_profile(document)
    except ValidationError as error:
        problems += complaints(error)
    except ValueError:  # a value that JSON has no form for, such as a list that holds itself
        problems.append(Problem(field=WHOLE_DOCUMENT, text_key="profile.endless"))
    return None


def _address_problems(document: Mapping[str, Any], *, allow_local_apis: bool) -> Iterator[Problem]:
    for field in _ADDRESS_FIELDS:
        address = _at(document, field)
        if isinstance(address, str):
            text_key = address_problem(address, allow_local_apis=allow_local_apis)
            if text_key is not None:
                yield Problem(field=field, text_key=text_key)


def _unbuilt_values(document: Mapping[str, Any]) -> Iterator[Problem]:
    for field, working in _VALUES_THAT_WORK.items():
        value = _at(document, field)
        if value is not None and value not in working:
            details = {"working": ", ".join(_as_written(item) for item in working)}
            yield Problem(field=field, text_key="profile.not_built_yet", details=details)


def _missing_ledgers(document: Mapping[str, Any]) -> Iterator[Problem]:
    if document.get("enabled", True) is True and _at(document, "bookings.ledgers") in (None, {}):
        yield Problem(field="bookings.ledgers", text_key="profile.ledgers_missing")


def _at(document: Mapping[str, Any], field: str) -> Any:
    value: Any = document
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _as_written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first_per_field(problems: list[Problem]) -> tuple[Problem, ...]:
    """One problem per field is enough: the others are consequences of the first."""
    return tuple({problem.field: problem for problem in reversed(problems)}.values())[::-1]
