"""Reading the files that people give, and telling what was doubtful about them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from console.adapters.yaml_reading import OneOfEachLoader, WrittenTwice
from console.command.failures import CommandFailed
from console.command.session import Session


def read_document(file: Path, environment: Mapping[str, str], session: Session) -> dict[str, Any]:
    """The settings in a YAML file, `${NAME}` filled in from the environment.

    A name that is missing stays as it is written: the console names it, together with all else that is wrong.
    """
    # Behind this package stands SQLAlchemy, a second of loading that no other command needs.
    from sconnect.profiles.variables import fill_in_variables  # noqa: PLC0415

    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=OneOfEachLoader)  # noqa: S506 - a safe one
        if not isinstance(content, dict):
            raise _unusable(file, type(content).__name__, session)
        filled, _ = fill_in_variables(content, environment)
        # What YAML knows and JSON does not, such as dates, travels as the text it was.
        document: dict[str, Any] = json.loads(json.dumps(filled, default=str, allow_nan=False))
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise CommandFailed(session.screen.text("file_unreadable", file=file, cause=cause)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unusable(file, _place(error), session) from None
    return document


def _unusable(file: Path, cause: str, session: Session) -> CommandFailed:
    return CommandFailed(session.screen.text("file_unusable", file=file, cause=cause))


def _place(error: Exception) -> str:
    """Where the reading stopped, never what stands there: it may be a key."""
    if isinstance(error, WrittenTwice):
        return str(error)
    mark = getattr(error, "problem_mark", None)
    return type(error).__name__ if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"


def show_warnings(warnings: list[dict[str, Any]], session: Session) -> None:
    for warning in warnings:
        key = "stops_orders" if warning["stops_orders"] else "warning"
        session.screen.note(session.screen.text(key, text=warning["text"]))
