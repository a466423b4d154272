"""`${NAME}` in a profile file stands for a variable of the environment, so that files hold no keys."""

import re
from collections.abc import Mapping
from typing import Any

from sconnect.profiles.problems import Problem

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill_in_variables(
    document: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    """A copy with all variables filled in, and a problem for each value that names a missing one.

    A value with a missing variable is left as it was written.
    """
    problems: list[Problem] = []

    def filled(value: Any, field: str) -> Any:
        if isinstance(value, Mapping):
            return {str(key): filled(item, _join(field, key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [filled(item, _join(field, index)) for index, item in enumerate(value)]
        return filled_text(value, field) if isinstance(value, str) else value

    def filled_text(text: str, field: str) -> str:
        missing = [name for name in _VARIABLE.findall(text) if name not in environment]
        if not missing:
            return _VARIABLE.sub(lambda match: environment[match[1]], text)
        details = {"variable": ", ".join(missing)}
        problems.append(Problem(field=field, text_key="profile.variable_missing", details=details))
        return text

    return {str(key): filled(item, str(key)) for key, item in document.items()}, problems


def _join(field: str, part: object) -> str:
    return f"{field}.{part}"
