import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stack.leftovers import start_ticks, still_running, stop_leftovers

WAIT_FOR_A_SIGNAL = "import signal; signal.pause()"


@pytest.fixture
def leftover() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", WAIT_FOR_A_SIGNAL], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_leftover_process_is_recognised_and_stopped(leftover: subprocess.Popen[bytes]) -> None:
    recorded = {"pid": leftover.pid, "start_ticks": start_ticks(leftover.pid)}
    assert still_running(recorded)
    assert stop_leftovers([recorded]) == 1
    assert leftover.wait(10) != 0
    assert not still_running(recorded)


def test_another_process_that_got_the_same_number_is_left_alone(leftover: subprocess.Popen[bytes]) -> None:
    ticks = start_ticks(leftover.pid)
    assert ticks is not None
    assert stop_leftovers([{"pid": leftover.pid, "start_ticks": ticks - 1}]) == 0
    assert leftover.poll() is None


def test_a_process_that_ended_is_gone_even_before_its_parent_has_read_the_exit_code(
    leftover: subprocess.Popen[bytes],
) -> None:
    leftover.kill()
    os.waitid(os.P_PID, leftover.pid, os.WEXITED | os.WNOWAIT)
    assert start_ticks(leftover.pid) is None
