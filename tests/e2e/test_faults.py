"""Nothing is lost and nothing doubled while the product is broken on purpose (see tests/faults)."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from faults.telling import TELLING
from servers.presence import require_installed
from stack.broker import broker_binary
from stack.postgres import postgres_binary

TESTS = Path(__file__).parents[1]
# A change that breaks something must turn CI red, not the luck of the draw; laptops look further.
SEED = 1 if os.environ.get("CI") == "true" else random.SystemRandom().randrange(1_000_000)
LONG_ROUNDS = 10
TOTAL = re.compile(
    r"^total +(?P<database>\w+) +(?P<runs>\d+) +(?P<reached>\d+) +(?P<orders>\d+)", re.MULTILINE
)

pytestmark = [pytest.mark.e2e, pytest.mark.rabbitmq]


def break_things(*arguments: str) -> "re.Match[str]":
    """Run the table in a process of its own; its figures, once nothing was lost, doubled or wrong."""
    require_installed(broker_binary, "rabbitmq-server")
    command = [sys.executable, "-m", "faults.run", "--seed", str(SEED), *arguments]
    process = subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        table, told = process.communicate()
    finally:
        # Also when the test is told to stop: it has servers and a whole product running.
        process.terminate()
        process.wait()
    sys.stdout.write(table)
    assert process.returncode == 0, f"{told}\n{table}"
    total = TOTAL.search(table)
    assert total is not None, table
    return total


@pytest.mark.timeout(900)
def test_the_faults_that_tell_most_lose_and_double_nothing_and_hold_up_nobody_else() -> None:
    total = break_things("--telling", "--until-reached")
    assert int(total["reached"]) == len(TELLING)


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_whole_table_of_faults_loses_and_doubles_nothing(database: str) -> None:
    if database == "postgres":
        require_installed(postgres_binary, "postgres")
    total = break_things("--database", database, "--rounds", str(LONG_ROUNDS))
    assert int(total["reached"]) >= int(total["runs"]) * 0.8
