from pathlib import Path

from sconnect.service.health import HealthState, health_app
from simulators.server import running
from stack.supervisor import LONGEST_PAUSE_SECONDS, last_line, restart_pause_seconds
from stack.waiting import answers


def test_a_first_failure_is_followed_by_a_start_within_five_seconds() -> None:
    assert restart_pause_seconds(0) == 0
    assert restart_pause_seconds(1) < 5


def test_the_pause_grows_with_every_failure_and_has_an_end() -> None:
    pauses = [restart_pause_seconds(failures) for failures in range(12)]
    assert pauses == sorted(pauses)
    assert len(set(pauses[:7])) == 7
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_the_last_line_of_a_log_is_what_a_process_said_when_it_gave_up(tmp_path: Path) -> None:
    log = tmp_path / "poller.log"
    assert last_line(log) == "it wrote nothing"
    log.write_text("starting\nThe settings are not complete.\n\n")
    assert last_line(log) == "The settings are not complete."


def test_an_answer_in_another_products_name_is_not_our_process() -> None:
    state = HealthState("console", {}, instance="theirs")
    state.not_ready_because = None
    with running(health_app(state)) as url:
        assert answers(f"{url}/health/ready")
        assert answers(f"{url}/health/ready", instance="theirs")
        assert not answers(f"{url}/health/ready", instance="ours")
        assert not answers(f"{url}/nothing", instance="ours")
