"""`make run`: one product on a home, watched, and gone without a trace."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from e2e.product_process import ProductProcess, still_there
from stack.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

RUNS = "The product runs."
SERVICES = ("poller", "customer-resolver", "booking-writer", "console")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductProcess]:
    """One product for all tests here: it must survive each of them, until the last one stops it."""
    home = tmp_path_factory.mktemp("run") / "home"
    made = ProductProcess("stack.run", home, SCONNECT_HOME=str(home))
    made.start()
    try:
        assert made.says(RUNS), made.output()
        yield made
    finally:
        made.end()


def pids_of(product: ProductProcess) -> dict[str, int]:
    return {name: process["pid"] for name, process in product.processes().items()}


def has_another_pid(product: ProductProcess, name: str, pid: int) -> bool:
    return pids_of(product).get(name, pid) != pid


def test_each_service_is_a_process_in_a_session_of_its_own(product: ProductProcess) -> None:
    for name in SERVICES:
        pid = pids_of(product)[name]
        assert os.getsid(pid) == pid
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        assert command[0].endswith(b"/.venv/bin/python")
        assert command[1:3] == [b"-m", name.replace("-", "_").encode()]


def test_whoever_dies_is_back_within_five_seconds(product: ProductProcess) -> None:
    for name in SERVICES:
        before = pids_of(product)[name]
        product.kill(name)
        assert wait_until(partial(has_another_pid, product, name, before), timeout_seconds=5)
        assert wait_until(partial(product.is_ready, name), timeout_seconds=20)


def test_the_services_outlive_their_broker(product: ProductProcess) -> None:
    before = pids_of(product)
    product.kill("rabbitmq")
    assert wait_until(partial(has_another_pid, product, "rabbitmq", before["rabbitmq"]), timeout_seconds=5)
    assert wait_until(lambda: all(map(product.is_ready, SERVICES)), timeout_seconds=60)


def test_a_second_product_on_the_same_home_is_refused_in_one_sentence(product: ProductProcess) -> None:
    second = ProductProcess("stack.run", product.home.folder, SCONNECT_HOME=str(product.home.folder))
    second.output_file = product.home.folder.with_suffix(".second")
    second.start()
    assert second.exit_code(within_seconds=30) == 2
    assert second.output().count("\n") == 1
    assert "already runs" in second.output()
    assert product.runs()


def test_a_product_whose_supervisor_was_killed_starts_again(product: ProductProcess) -> None:
    left_behind = pids_of(product)
    product.kill_supervisor()
    product.output_file.write_text("")
    product.start()
    assert product.says(RUNS), product.output()
    assert "an earlier run left behind" in product.output()
    assert still_there(left_behind) == {}


def test_a_stopped_product_leaves_nothing_running(product: ProductProcess) -> None:
    """Comes last: it ends the product that the others share."""
    pids = pids_of(product)
    assert set(pids) == {"rabbitmq", "epmd", *SERVICES}
    product.ask_to_stop()
    assert product.exit_code() == 0
    assert still_there(pids) == {}
    assert product.home.read_state() == {}
