"""`python -m customer_resolver [run | migrate | check | evaluate | check-recognition]`."""

import sys

from customer_resolver.app import PACKAGE, build
from customer_resolver.evaluation.command import check_recognition, evaluate
from customer_resolver.settings import CustomerResolverSettings
from sconnect.service import service_command


def main() -> int:
    if sys.argv[1:2] == ["evaluate"]:
        return evaluate(sys.argv[2:])
    if sys.argv[1:2] == ["check-recognition"]:
        return check_recognition(sys.argv[2:])
    return service_command(
        package=PACKAGE, settings=CustomerResolverSettings, build=build, arguments=sys.argv[1:]
    )


if __name__ == "__main__":
    sys.exit(main())
