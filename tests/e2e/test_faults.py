"""Nothing is lost and nothing doubled while the product is broken on purpose (see tests/faults)."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from servers.presence import require_installed
from stack.broker import broker_binary
from stack.postgres import postgres_binary

TESTS = Path(__file__).parents[1]
# A change that breaks something must turn CI red, not the luck of the draw; laptops look further.
SEED = 1 if os.environ.get("CI") == "true" else random.SystemRandom().randrange(1_000_000)
SHORT_SECONDS = 60
LONG_ROUNDS = 10
TOTAL = re.compile(
    r"^total +(?P<database>\w+) +(?P<runs>\d+) +(?P<reached>\d+) +(?P<orders>\d+)", re.MULTILINE
)

pytestmark = [pytest.mark.e2e, pytest.mark.rabbitmq, pytest.mark.long]


def break_things(*arguments: str) -> "re.Match[str]":
    """Run the table in a process of its own; its figures, once nothing was lost, doubled or wrong."""
    require_installed(broker_binary, "rabbitmq-server")
    command = [sys.executable, "-m", "faults.run", "--seed", str(SEED), *arguments]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
    total = TOTAL.search(done.stdout)
    assert total is not None, done.stdout
    return total


@pytest.mark.timeout(1800)
def test_a_minute_of_faults_loses_and_doubles_nothing() -> None:
    total = break_things("--telling", "--seconds", str(SHORT_SECONDS))
    assert int(total["runs"]) >= 1
    assert int(total["reached"]) >= int(total["runs"]) // 2


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_whole_table_of_faults_loses_and_doubles_nothing(database: str) -> None:
    if database == "postgres":
        require_installed(postgres_binary, "postgres")
    total = break_things("--database", database, "--rounds", str(LONG_ROUNDS))
    assert int(total["reached"]) >= int(total["runs"]) * 0.8
