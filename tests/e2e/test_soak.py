"""Very many orders leave nothing behind: no memory, no message (see tests/bench/soak.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers.presence import require_installed
from stack.broker import broker_binary

TESTS = Path(__file__).parents[1]
ORDERS = int(os.environ.get("SOAK_ORDERS", "100000"))


@pytest.mark.e2e
@pytest.mark.rabbitmq
@pytest.mark.long
def test_very_many_orders_are_each_booked_once_and_nothing_grows() -> None:
    require_installed(broker_binary, "rabbitmq-server")
    command = [sys.executable, "-m", "bench.soak", str(ORDERS)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
