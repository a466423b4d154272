"""Every setting that some program of the product reads from the environment."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from tidy.repository import python_files, text_of

SOURCES = ("shared/src/", "services/", "stack/src/")
OWN_NAME = re.compile(r"^(SCONNECT|POLLER|CUSTOMER_RESOLVER|BOOKING_WRITER|CONSOLE|DEMO)_[A-Z_]+$")
REQUIRED = PydanticUndefined


def settings_with_defaults() -> dict[str, tuple[Any, Any]]:
    """Variable to (annotation, default), of every settings class; REQUIRED where there is no default."""
    return {
        variable: (field.annotation, field.get_default())
        for settings in _settings_classes()
        for name, field in settings.model_fields.items()
        for variable in _variables(settings, name, field)
    }


def settings_read_directly() -> set[str]:
    """Variables that a program looks up by name: `os.environ["…"]`, `environment.get("…")`."""
    return {name for file in python_files(*SOURCES) for name in _names_looked_up(ast.parse(text_of(file)))}


def _settings_classes() -> Iterator[type[BaseSettings]]:
    for file in python_files(*SOURCES):
        if file.name == "settings.py":
            yield from _classes_of(import_module(_module_name(file)).__dict__.values())


def _classes_of(values: Any) -> Iterator[type[BaseSettings]]:
    for value in values:
        if isinstance(value, type) and issubclass(value, BaseSettings) and value.model_config["env_prefix"]:
            yield value


def _variables(settings: type[BaseSettings], name: str, field: FieldInfo) -> list[str]:
    match field.validation_alias:
        case AliasChoices(choices=choices):
            return [str(choice) for choice in choices]
        case str(alias):
            return [alias]
    return [f"{settings.model_config['env_prefix']}{name}".upper()]


def _module_name(file: Path) -> str:
    return ".".join(file.with_suffix("").parts[file.parts.index("src") + 1 :])


def _names_looked_up(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=source, slice=ast.Constant(value=str(name))):
                pass
            case ast.Call(
                func=ast.Attribute(value=source, attr="get"), args=[ast.Constant(value=str(name)), *_]
            ):
                pass
            case _:
                continue
        if OWN_NAME.match(name) and "environ" in ast.unparse(source):
            yield name
