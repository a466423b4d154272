"""Breaks the money and booking code on purpose, a place at a time, and counts which breaks no test notices.

mutmut wants one `src` and one `tests`, so the run has a folder of its own, `build/mutation`; a later run goes
on where it stopped, for as long as the code stays the same.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mutation.score import STAGE, score, verdicts

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared/src/sconnect", "services/booking-writer/src/booking_writer")
BESIDE_THE_CODE = ("tests", "pyproject.toml", "docs")
CHILDREN_MAX = 2
BROKEN = STAGE / "mutants"


def stage() -> None:
    """Bring the code, its tests and the settings of the tools to their places below `build/mutation`."""
    STAGE.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        source = ROOT / name
        _mirror(source, STAGE / "src" / source.name)
    for name in BESIDE_THE_CODE:
        _mirror(ROOT / name, STAGE / name)
    if BROKEN.is_dir():
        _refresh_what_is_never_broken()


def _refresh_what_is_never_broken() -> None:
    """Follow in mutmut's own copy: it takes texts and tests once and never again."""
    for name in BESIDE_THE_CODE:
        _mirror(STAGE / name, BROKEN / name)
    source = STAGE / "src"
    for file in source.rglob("*"):
        if file.is_file() and file.suffix not in (".py", ".pyc"):
            _mirror(file, BROKEN / "src" / file.relative_to(source))


def _mirror(source: Path, target: Path) -> None:
    """Copy what differs and nothing else: mutmut tells by the time of change what it has to break anew."""
    if source.is_file():
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        return
    wanted = {file.relative_to(source) for file in source.rglob("*") if file.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name.parts}
    for file in [file for file in target.rglob("*") if file.is_file()]:
        if file.relative_to(target) not in wanted:
            file.unlink()
    for name in wanted:
        _mirror(source / name, target / name)


def main(arguments: Sequence[str]) -> int:
    """`python -m mutation.run [--survivors | MUTANT…]`: those without a verdict, or the named ones again."""
    stage()
    if arguments == ["--survivors"]:
        arguments = [mutant for _, mutant, found in verdicts(STAGE) if found in ("survived", "no tests")]
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(CHILDREN_MAX), *arguments]
    environment = {**os.environ, "INVARIANTS": "quick", "CI": "false"}
    code = subprocess.run(command, cwd=STAGE, env=environment, check=False).returncode
    sys.stdout.write(f"\n{score(STAGE)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
