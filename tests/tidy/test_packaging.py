"""What stands around the code: requirements, packages, test folders."""

import re
import tomllib
from pathlib import Path

import pytest

from stack.bootstrap import LOCAL_PACKAGES
from tidy.repository import ROOT, repository_files, text_of

PINNED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z,-]+\])?==[^ ]+( ; .*)? \\$")
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.mark.parametrize("level", ["runtime", "dev", "bench-matching"])
def test_requirements_are_pinned_and_hashed_without_any_address(level: str) -> None:
    lines = text_of(Path(f"requirements/{level}.txt")).splitlines()
    assert [line for line in lines if not (PINNED.match(line) or HASH.match(line))] == []
    pinned = sum(1 for line in lines if PINNED.match(line))
    assert pinned > 20
    assert "://" not in "".join(lines)


def test_everything_that_runs_is_tested_with_the_same_releases() -> None:
    def pins(level: str) -> set[str]:
        lines = text_of(Path(f"requirements/{level}.txt")).splitlines()
        return {line.rstrip(" \\") for line in lines if PINNED.match(line)}

    assert pins("runtime") - pins("dev") == set()


def test_local_packages_are_all_prepared_and_name_no_package_of_others() -> None:
    projects = [
        file for file in repository_files() if file.name == "pyproject.toml" and file.parent != Path()
    ]
    assert {str(file.parent) for file in projects} == set(LOCAL_PACKAGES)
    for file in projects:
        project = tomllib.loads(text_of(file))["project"]
        assert project["dependencies"] == []
        assert project["requires-python"] == ">=3.11"
        assert (ROOT / file.parent / "README.md").is_file()


def test_test_folders_are_no_packages() -> None:
    tests = [file for file in repository_files() if file.parts[0] == "tests"]
    assert [file for file in tests if file.name == "__init__.py" and "simulators" not in file.parts] == []
