"""Where the measured sets and the bench's own Python live: nothing of either enters the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = ROOT / ".venv-bench"
PYTHON = ENVIRONMENT / "bin" / "python"


def cache_folder() -> Path:
    """MATCHING_BENCH_CACHE, or a folder in the user's cache; survives between runs."""
    named = os.environ.get("MATCHING_BENCH_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sconnect-matching-bench"


def archives_folder() -> Path:
    """The packages of which only the data is read, as they were downloaded."""
    return ENVIRONMENT / "archives"


def installed_file(package: str, *parts: str) -> Path:
    """A file of a package in the bench's environment."""
    (folder,) = ENVIRONMENT.glob("lib/python3*/site-packages")
    return folder.joinpath(package, *parts)
