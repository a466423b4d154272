"""`python -m sconnect.messaging declare | definitions | contracts DIRECTORY`: topology, rights, the wire."""

import asyncio
import json
import os
import sys
from pathlib import Path

from sconnect.errors import StartupError
from sconnect.messaging.declaration import declare_topology, definitions
from sconnect.messaging.documents import write_contract_documents
from sconnect.messaging.rights import permissions

USAGE = "usage: python -m sconnect.messaging declare | definitions | contracts DIRECTORY"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["declare"]:
            return _declare()
        case ["definitions"]:
            sys.stdout.write(json.dumps(definitions() | permissions(), indent=2) + "\n")
            return 0
        case ["contracts", directory]:
            write_contract_documents(Path(directory))
            return 0
    sys.stderr.write(USAGE + "\n")
    return 2


def _declare() -> int:
    url = os.environ.get("SCONNECT_AMQP_URL")
    if not url:
        sys.stderr.write("SCONNECT_AMQP_URL is not set: it names the RabbitMQ to declare the queues on.\n")
        return 2
    scale = float(os.environ.get("SCONNECT_WAIT_TIME_SCALE", "1"))
    try:
        asyncio.run(declare_topology(url, wait_time_scale=scale))
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
