"""Finds where the sources give a reason: its code, its variant and the details it names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_DETAILS = {"code", "variant", "details"}


@dataclass(frozen=True, kw_only=True)
class GivenReason:
    """`details` is None when only running the code would tell which there are."""

    place: str
    code: str
    variant: str | None
    details: frozenset[str] | None

    @property
    def text_key(self) -> str:
        return f"reason.{self.code}" + ("" if self.variant is None else f".{self.variant}")


def reasons_in_code() -> Iterator[GivenReason]:
    """Every call that names a `ReasonCode` first or as `code=`, with a variant that can be read from it."""
    for folder in ("shared/src", "services"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    yield from _reason(node, f"{file.relative_to(ROOT)}:{node.lineno}")


def _reason(call: ast.Call, place: str) -> Iterator[GivenReason]:
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    code = _reason_code(call.args[0] if call.args else named.get("code"))
    variant = call.args[1] if len(call.args) > 1 else named.get("variant", ast.Constant(None))
    if code is not None and isinstance(variant, ast.Constant) and isinstance(variant.value, str | None):
        yield GivenReason(place=place, code=code, variant=variant.value, details=_details(call, named))


def _reason_code(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ReasonCode":
        return node.attr
    return None


def _details(call: ast.Call, named: dict[str, ast.expr]) -> frozenset[str] | None:
    given = frozenset(named) - NOT_DETAILS
    mapping = named.get("details", ast.Dict([], []))
    keys = mapping.keys if isinstance(mapping, ast.Dict) else [None]
    literal = [key.value for key in keys if isinstance(key, ast.Constant)]
    unseen = len(call.args) > len(("code", "variant")) or any(word.arg is None for word in call.keywords)
    if unseen or len(literal) < len(keys):
        return None
    return given | {str(key) for key in literal}
