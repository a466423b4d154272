"""The house rules, on every file of the repository."""

from collections.abc import Iterable
from pathlib import Path

from tidy import rules
from tidy.repository import python_files, repository_files, text_of
from tidy.rules import Rule

# The two places that may catch a bug: the message it broke on is set aside, or the person who waits is told.
RABBITMQ_EDGES = (
    "shared/src/sconnect/messaging/edge.py",
    "shared/src/sconnect/messaging/preview_edge.py",
    "shared/src/sconnect/stage/runner.py",  # the order's row, while it is still held
)
SPEAKS_TO_A_PERSON = ("services/console/src/console/command/", "stack/src/stack/terminal.py")
PRINTS_ITS_PORT = "tests/simulators/src/simulators/server.py"
SIMULATORS = "tests/simulators/"
RULES_THEMSELVES = "tests/tidy/"
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "base_classes", "manager"}


def findings(rule: Rule, files: Iterable[Path]) -> list[str]:
    return [f"{file}:{line}: {finding}" for file in files for line, finding in rule(text_of(file))]


def outside(files: Iterable[Path], *allowed: str) -> list[Path]:
    return [file for file in files if not str(file).startswith(allowed)]


def test_modules_and_functions_are_short() -> None:
    assert findings(rules.too_long_module, python_files()) == []
    assert findings(rules.too_long_function, python_files()) == []


def test_errors_are_named_where_they_are_caught_and_none_disappears() -> None:
    assert findings(rules.broad_except, outside(python_files(), *RABBITMQ_EDGES)) == []
    assert findings(rules.swallowed_error, python_files()) == []


def test_tests_never_sleep_and_never_mock() -> None:
    tests = outside(python_files("tests/"), SIMULATORS)
    assert findings(rules.sleep, tests) == []
    assert findings(rules.mocking, tests) == []


def test_only_commands_speak_to_a_person() -> None:
    silent = outside(python_files(), *SPEAKS_TO_A_PERSON, PRINTS_ITS_PORT)
    assert findings(rules.printing, silent) == []


def test_nothing_is_left_unfinished() -> None:
    files = outside(repository_files(), RULES_THEMSELVES)
    assert findings(rules.unfinished, files) == []


def test_comments_have_no_banners_and_docstrings_no_template() -> None:
    files = outside(python_files(), RULES_THEMSELVES)
    assert findings(rules.banner, files) == []
    assert findings(rules.template_docstring, files) == []


def test_no_file_knows_a_machine_or_a_package_registry() -> None:
    files = outside(repository_files(), RULES_THEMSELVES)
    assert findings(rules.machine_path, files) == []
    assert findings(rules.registry_host, files) == []


def test_names_say_what_a_module_is_for() -> None:
    assert [file for file in python_files() if FORBIDDEN_NAMES & {file.stem, *file.parts}] == []


def test_every_decision_record_has_a_number_of_its_own() -> None:
    numbers = [file.name[:4] for file in repository_files() if file.parent == Path("docs/decisions")]
    assert numbers == [f"{number:04}" for number in range(len(numbers))]
