"""Makes the bench's own Python: heavy packages that the product and its tests must not depend on."""

import sys

from bench.matching.cache import ENVIRONMENT, PYTHON, ROOT, archives_folder
from stack.bootstrap import Stamp
from stack.preparation import run_or_refuse
from stack.terminal import say

_PIP = ("-m", "pip", "--disable-pip-version-check")


def ensure_environment() -> None:
    """Bring .venv-bench up to date with requirements/bench-matching*.txt; CannotPrepare when it fails."""
    wanted = [ROOT / "requirements" / f"bench-matching{part}.txt" for part in ("", "-data")]
    contents = b"".join(file.read_bytes() for file in wanted)
    stamp = Stamp(ENVIRONMENT / ".installed")
    if stamp.holds(contents):
        return
    say("Making the environment .venv-bench (700 MB); this happens once.")
    packages, data = map(str, wanted)
    run_or_refuse(
        [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], refusal="No .venv-bench; see above."
    )
    for arguments in (
        ("install", "--quiet", "--require-hashes", "-r", packages),
        ("download", "--quiet", "--require-hashes", "--no-deps", "-d", str(archives_folder()), "-r", data),
    ):
        run_or_refuse([str(PYTHON), *_PIP, *arguments], refusal="pip could not get everything; see above.")
    stamp.write(contents)


if __name__ == "__main__":
    ensure_environment()
