"""`python -m stack.migrate`: bring the databases of all packages up to date, once, before anything runs."""

import os
import sys
from collections.abc import Mapping

from sconnect.errors import StartupError
from sconnect.persistence.migrations import migrate
from stack.services import SERVICES

# The rooms of the shared library that keep tables in the coordination database.
COORDINATION_PACKAGES = ("sconnect.profiles", "sconnect.allowance")


def database_of_package(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the address of each package's database; StartupError names a variable that is missing."""
    variables = dict.fromkeys(COORDINATION_PACKAGES, "SCONNECT_DATABASE_URL")
    variables |= {kind.package: f"{kind.prefix}_DATABASE_URL" for kind in SERVICES}
    missing = [name for name in dict.fromkeys(variables.values()) if not environment.get(name)]
    if missing:
        raise StartupError(f"The settings are not complete: {', '.join(missing)} must be set.")
    return {package: environment[name] for package, name in variables.items()}


def main() -> int:
    """Exit code 2 with one sentence on stderr when a database cannot be used."""
    try:
        for package, url in database_of_package(os.environ).items():
            migrate(url, package)
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
