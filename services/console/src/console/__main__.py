"""`python -m console [run | migrate | check]`."""

import sys

from console.app import PACKAGE, build
from console.settings import ConsoleSettings
from sconnect.service import service_command

if __name__ == "__main__":
    sys.exit(service_command(package=PACKAGE, settings=ConsoleSettings, build=build, arguments=sys.argv[1:]))
