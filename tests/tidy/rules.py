"""The house rules, each a function from a file's text to the lines that break it."""

import ast
import re
from collections.abc import Callable, Iterator

LONGEST_MODULE_LINES = 400
LONGEST_FUNCTION_LINES = 60

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
BANNER = re.compile(r"^\s*#\s*([-=#*~]{3,}|.*[-=#*~]{4,}\s*$)")
TEMPLATE_DOCSTRING = re.compile(
    r"^\s*(Args|Arguments|Returns|Raises|Parameters|:param \w+|:return)s?:", re.MULTILINE
)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|root|tmp|home/\w+|Users/\w+)/")
REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|docker\.io/|ghcr\.io|quay\.io|npmjs\.", re.IGNORECASE
)

Rule = Callable[[str], Iterator[tuple[int, str]]]


def too_long_module(text: str) -> Iterator[tuple[int, str]]:
    lines = len(text.splitlines())
    if lines > LONGEST_MODULE_LINES:
        yield lines, f"a module of {lines} lines: more than {LONGEST_MODULE_LINES}, so it has two jobs"


def too_long_function(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > LONGEST_FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines: more than {LONGEST_FUNCTION_LINES}"


def broad_except(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            yield node.lineno, "a broad except hides bugs: name the errors that are expected here"


def _is_broad(kind: ast.expr | None) -> bool:
    named = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(name is None or ast.unparse(name) in {"Exception", "BaseException"} for name in named)


def swallowed_error(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
            yield (
                node.lineno,
                "an error disappears here: handle it, or say contextlib.suppress with the reason",
            )


def sleep(text: str) -> Iterator[tuple[int, str]]:
    """Giving way once, `asyncio.sleep(0)`, is no sleep."""
    for call in _calls(text):
        is_sleep = ast.unparse(call.func) in {"time.sleep", "asyncio.sleep", "sleep"}
        if is_sleep and ast.unparse(call.args[0]) != "0":
            yield call.lineno, "a test waits for a condition with a deadline, never for a while"


def printing(text: str) -> Iterator[tuple[int, str]]:
    for call in _calls(text):
        if ast.unparse(call.func) == "print":
            yield call.lineno, "a service logs; only a command speaks to a person"


def mocking(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            if any(name.partition(".")[0] in {"mock", "unittest"} for name in names):
                yield node.lineno, "our own code is not mocked: write a fake of its port"


def _calls(text: str) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def unfinished(text: str) -> Iterator[tuple[int, str]]:
    yield from _matching_lines(text, UNFINISHED, "unfinished: finish it, or write an issue")


def banner(text: str) -> Iterator[tuple[int, str]]:
    yield from _matching_lines(text, BANNER, "a section banner: the section wants a module of its own")


def machine_path(text: str) -> Iterator[tuple[int, str]]:
    yield from _matching_lines(text, MACHINE_PATH, "a path of one machine")


def registry_host(text: str) -> Iterator[tuple[int, str]]:
    yield from _matching_lines(
        text, REGISTRY_HOST, "a package registry's address belongs to the machine's settings"
    )


def template_docstring(text: str) -> Iterator[tuple[int, str]]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented) and TEMPLATE_DOCSTRING.search(ast.get_docstring(node) or ""):
            yield getattr(node, "lineno", 1), "a docstring says in sentences what the signature cannot"


def _matching_lines(text: str, pattern: re.Pattern[str], finding: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.search(line):
            yield number, finding
