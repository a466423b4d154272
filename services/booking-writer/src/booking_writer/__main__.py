"""`python -m booking_writer [run | migrate | check]`."""

import sys

from booking_writer.app import PACKAGE, build
from booking_writer.settings import BookingWriterSettings
from sconnect.service import service_command


def main() -> int:
    return service_command(
        package=PACKAGE, settings=BookingWriterSettings, build=build, arguments=sys.argv[1:]
    )


if __name__ == "__main__":
    sys.exit(main())
