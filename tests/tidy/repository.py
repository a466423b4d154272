"""The files that belong to the repository: tracked, or new and not ignored."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def repository_files() -> tuple[Path, ...]:
    """Paths relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files below the folders; all when none is named."""
    python = [file for file in repository_files() if file.suffix == ".py"]
    return tuple(file for file in python if not folders or str(file).startswith(folders))


def text_of(file: Path) -> str:
    """The text of a file; empty when it is no text."""
    try:
        return (ROOT / file).read_text()
    except UnicodeDecodeError:
        return ""
