"""`python -m poller [run | migrate | check]`."""

import sys

from poller.app import PACKAGE, build
from poller.settings import PollerSettings
from sconnect.service import service_command


def main() -> int:
    return service_command(package=PACKAGE, settings=PollerSettings, build=build, arguments=sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
