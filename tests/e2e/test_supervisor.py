"""The supervisor with real processes: small web servers that obey, fail, or refuse to stop."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sconnect.errors import StartupError
from stack.leftovers import start_ticks
from stack.ports import free_port
from stack.supervisor import ProcessPlan, Supervisor
from stack.waiting import answers, wait_until

pytestmark = pytest.mark.e2e

SERVE = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
SERVE_STUBBORNLY = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + SERVE
GIVE_UP = "import sys; sys.exit('The settings are not complete.')"

Planner = Callable[..., ProcessPlan]


@pytest.fixture
def plan(tmp_path: Path) -> Planner:
    def make(name: str = "service", program: str = SERVE, stop_seconds: float = 5.0) -> ProcessPlan:
        port = free_port()
        return ProcessPlan(
            name=name,
            command=(sys.executable, "-c", program, str(port)),
            environment=os.environ,
            log=tmp_path / f"{name}.log",
            url=f"http://127.0.0.1:{port}",
            stop_seconds=stop_seconds,
        )

    return make


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    running = Supervisor(changed=lambda: None)
    yield running
    running.stop([process.plan.name for process in running.processes])


def process_id(supervisor: Supervisor) -> int:
    process = supervisor.processes[0].process
    assert process is not None
    return process.pid


def never() -> bool:
    return False


def watched_until(supervisor: Supervisor, condition: Callable[[], bool], *, seconds: float) -> bool:
    def look() -> bool:
        supervisor.watch()
        return condition()

    return wait_until(look, timeout_seconds=seconds)


def test_a_started_process_answers_in_a_session_of_its_own(supervisor: Supervisor, plan: Planner) -> None:
    wanted = plan()
    supervisor.start(wanted, interrupted=never)
    assert answers(wanted.url)
    assert os.getsid(process_id(supervisor)) == process_id(supervisor)


def test_a_killed_process_answers_again_within_five_seconds(supervisor: Supervisor, plan: Planner) -> None:
    wanted = plan()
    supervisor.start(wanted, interrupted=never)
    for _ in range(3):
        os.kill(process_id(supervisor), signal.SIGKILL)
        assert wait_until(lambda: not answers(wanted.url), timeout_seconds=5)
        assert watched_until(supervisor, lambda: answers(wanted.url), seconds=5)


def test_a_process_that_gives_up_stops_the_start_with_its_own_sentence(
    supervisor: Supervisor, plan: Planner
) -> None:
    with pytest.raises(StartupError, match=r"service cannot start: The settings are not complete\."):
        supervisor.start(plan(program=GIVE_UP), interrupted=never)


def test_a_process_that_gives_up_again_and_again_is_tried_less_and_less(
    supervisor: Supervisor, plan: Planner, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StartupError):
        supervisor.start(plan(program=GIVE_UP), interrupted=never)
    said = []

    def third_attempt_is_announced() -> bool:
        said.append(capsys.readouterr().out)
        return "attempt 4" in "".join(said)

    started = time.monotonic()
    assert watched_until(supervisor, third_attempt_is_announced, seconds=20)
    assert time.monotonic() - started > 1 + 2
    assert "service cannot start (The settings are not complete.); attempt 4 follows in 4 s." in "".join(said)


def test_a_process_that_outstays_its_time_is_killed(supervisor: Supervisor, plan: Planner) -> None:
    supervisor.start(plan(program=SERVE_STUBBORNLY, stop_seconds=0.5), interrupted=never)
    pid = process_id(supervisor)
    supervisor.stop(["service"])
    assert start_ticks(pid) is None


def test_processes_are_stopped_together(supervisor: Supervisor, plan: Planner) -> None:
    for name in ("first", "second", "third"):
        supervisor.start(plan(name=name, program=SERVE_STUBBORNLY, stop_seconds=1.0), interrupted=never)
    started = time.monotonic()
    supervisor.stop(["first", "second", "third"])
    assert time.monotonic() - started < 2.5
    assert supervisor.processes == ()
