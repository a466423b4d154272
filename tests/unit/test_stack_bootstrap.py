import sys
from pathlib import Path

import pytest

from stack.bootstrap import LOCAL_PACKAGES, Environment, Stamp
from stack.preparation import CannotPrepare

NOTING_PYTHON = """#!/bin/sh
test "$1" = -c || echo "$*" >> "$(dirname "$0")/../../asked"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment is complete: its Python writes down what it is asked to do."""
    (tmp_path / "requirements").mkdir()
    for level in ("runtime", "dev"):
        (tmp_path / "requirements" / f"{level}.txt").write_text(f"{level}==1\n")
    for name in LOCAL_PACKAGES:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "pyproject.toml").write_text("[project]\n")
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").write_text(NOTING_PYTHON)
    (binaries / "python").chmod(0o755)
    return tmp_path


def asked(checkout: Path) -> list[str]:
    file = checkout / "asked"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def test_requirements_are_checked_against_their_hashes_and_packages_against_no_index(checkout: Path) -> None:
    Environment(checkout).ensure("runtime")
    third_party, local = asked(checkout)
    assert f"--require-hashes -r {checkout}/requirements/runtime.txt" in third_party
    assert "--no-deps --no-build-isolation --no-index" in local
    assert local.count(f"-e {checkout}/") == len(LOCAL_PACKAGES)


def test_a_second_run_does_nothing(checkout: Path) -> None:
    Environment(checkout).ensure("runtime")
    asked(checkout)
    Environment(checkout).ensure("runtime")
    assert asked(checkout) == []


def test_what_testing_needs_includes_what_running_needs(checkout: Path) -> None:
    Environment(checkout).ensure("dev")
    asked(checkout)
    Environment(checkout).ensure("runtime")
    assert asked(checkout) == []


def test_changed_requirements_are_installed(checkout: Path) -> None:
    Environment(checkout).ensure("dev")
    asked(checkout)
    (checkout / "requirements" / "runtime.txt").write_text("runtime==2\n")
    Environment(checkout).ensure("runtime")
    assert len(asked(checkout)) == 1


def test_a_moved_checkout_installs_its_packages_again(checkout: Path, tmp_path: Path) -> None:
    Environment(checkout).ensure("runtime")
    asked(checkout)
    moved = checkout.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    Environment(moved).ensure("runtime")
    (line,) = asked(moved)
    assert f"-e {moved}/shared" in line


def test_a_failed_installation_leaves_no_stamp(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\ntest "$1" = -c\n')
    with pytest.raises(CannotPrepare, match=r"^pip could not install everything"):
        Environment(checkout).ensure("runtime")
    assert not list((checkout / ".venv").glob(".installed*"))


def test_an_environment_that_does_not_work_is_made_anew(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    # The new environment lacks hatchling, so the local packages cannot follow.
    with pytest.raises(CannotPrepare):
        Environment(checkout).ensure("runtime")
    assert python.resolve() == Path(sys.executable).resolve()


def test_a_stamp_holds_for_its_own_content_only(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "stamp")
    assert not stamp.holds(b"one")
    stamp.write(b"one")
    assert stamp.holds(b"one")
    assert not stamp.holds(b"two")
