"""YAML that people write, read without the traps of its usual loader."""

from typing import Any

import yaml


class WrittenTwice(yaml.YAMLError):
    """A setting stands twice in one section."""


class OneOfEachLoader(yaml.SafeLoader):
    """YAML without the trap of its loader: of a setting written twice it silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise WrittenTwice(f"line {key.start_mark.line + 1}: {key.value!r} x 2")
            seen.add(key.value)
        return super().construct_mapping(node, deep)
