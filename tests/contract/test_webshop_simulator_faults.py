"""The control door's faults as a client meets them, and a simulator as a process of its own."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.clock import system_clock
from simulators.faults import ControlDoor
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver

# How a cut line shows depends on what the machine had sent by then.
LINE_CUT = (httpx.RemoteProtocolError, httpx.ReadError)

DEADLINE_SECONDS = 10


class Notebook:
    """A small app behind the door: it shows which calls were handled, and which only seemed to be."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.written = threading.Event()

    def app(self) -> Starlette:
        door = ControlDoor(clock=system_clock, reset=self.notes.clear)
        route = Route("/notes", self.write, methods=["POST"])
        return Starlette(routes=[*door.routes(), route], middleware=[door.middleware()])

    async def write(self, request: Request) -> Response:
        self.notes.append((await request.body()).decode())
        self.written.set()
        request.state.tenant = "writer"
        return JSONResponse({"notes": self.notes}, 201)


@pytest.fixture(scope="module")
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture(scope="module")
def base_url(notebook: Notebook) -> Iterator[str]:
    with running(notebook.app()) as url:
        yield url


@pytest.fixture
def client(base_url: str, notebook: Notebook) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url) as client:
        client.post("/_control/reset")
        notebook.written.clear()
        yield client


def add_fault(client: httpx.Client, kind: str, **fields: Any) -> int:
    """Let the next matching call fail; return the fault's id."""
    response = client.post("/_control/faults", json={"kind": kind, **fields})
    added: int = response.raise_for_status().json()["id"]
    return added


def write_note(client: httpx.Client) -> httpx.Response:
    return client.post("/notes", content="note")


def statuses(client: httpx.Client, calls: int) -> list[int]:
    return [write_note(client).status_code for _ in range(calls)]


class TestAnswers:
    @pytest.mark.parametrize("retry_after", ["5", "Wed, 11 Mar 2026 08:00:00 GMT", None])
    def test_status_instead_of_handling(
        self, client: httpx.Client, notebook: Notebook, retry_after: str | None
    ) -> None:
        add_fault(client, "status", status=429, retry_after=retry_after, body={"title": "Too Many"})

        response = write_note(client)

        assert response.status_code == 429
        assert response.headers.get("retry-after") == retry_after
        assert response.json() == {"title": "Too Many"}
        assert notebook.notes == []

    def test_text_is_html_like_a_proxy_gives(self, client: httpx.Client) -> None:
        add_fault(client, "status", status=502, body="<h1>Bad Gateway</h1>")

        response = write_note(client)

        assert response.status_code == 502
        assert response.headers["content-type"].startswith("text/html")
        assert response.text == "<h1>Bad Gateway</h1>"

    def test_content_type_and_empty_body(self, client: httpx.Client) -> None:
        add_fault(client, "status", status=500, body="kapot", content_type="text/plain")
        add_fault(client, "status", status=503)

        assert write_note(client).headers["content-type"].startswith("text/plain")
        assert write_note(client).content == b""

    def test_status_after_the_call_was_handled(self, client: httpx.Client, notebook: Notebook) -> None:
        add_fault(client, "status_after_commit", status=500, body="<h1>Oops</h1>")

        assert write_note(client).text == "<h1>Oops</h1>"
        assert notebook.notes == ["note"]

    def test_truncated_body_is_a_complete_answer(self, client: httpx.Client, notebook: Notebook) -> None:
        add_fault(client, "truncate")

        response = write_note(client)

        assert (response.status_code, response.text) == (201, '{"notes":')
        assert notebook.notes == ["note"]


class TestConnections:
    @pytest.mark.parametrize(("kind", "handled"), [("cut_before", []), ("cut_after_commit", ["note"])])
    def test_connection_closes_without_an_answer(
        self, client: httpx.Client, notebook: Notebook, kind: str, handled: list[str]
    ) -> None:
        add_fault(client, kind)

        with pytest.raises(LINE_CUT, match=r"without sending a response|reset by peer"):
            write_note(client)

        assert notebook.notes == handled
        assert write_note(client).status_code == 201

    def test_connection_is_reset_in_the_middle_of_the_body(
        self, client: httpx.Client, notebook: Notebook
    ) -> None:
        add_fault(client, "reset")

        with client.stream("POST", "/notes", content="note") as response:
            assert response.status_code == 201
            with pytest.raises(httpx.ReadError):
                response.read()

        assert notebook.notes == ["note"]

    @pytest.mark.parametrize(("kind", "handled"), [("slow", []), ("slow_after_commit", ["note"])])
    def test_slow_answer_runs_into_the_clients_time_limit(
        self, client: httpx.Client, notebook: Notebook, kind: str, handled: list[str]
    ) -> None:
        add_fault(client, kind, seconds=30)

        with pytest.raises(httpx.ReadTimeout):
            client.post("/notes", content="note", timeout=0.2)

        assert notebook.notes == handled

    @pytest.mark.parametrize("kind", ["slow", "slow_after_commit"])
    def test_slow_answer_comes_in_the_end(self, client: httpx.Client, kind: str) -> None:
        add_fault(client, kind, seconds=0.2)
        started = time.monotonic()

        assert write_note(client).status_code == 201
        assert time.monotonic() - started >= 0.2

    def test_late_commit_is_handled_after_the_answer(self, client: httpx.Client, notebook: Notebook) -> None:
        add_fault(client, "late_commit", status=504, body="<h1>Gateway Timeout</h1>", seconds=0.2)

        response = write_note(client)

        assert (response.status_code, notebook.notes) == (504, [])
        assert notebook.written.wait(DEADLINE_SECONDS)

    def test_late_commit_without_a_status_drops_the_caller(
        self, client: httpx.Client, notebook: Notebook
    ) -> None:
        add_fault(client, "late_commit", seconds=0.2)

        with pytest.raises(LINE_CUT):
            write_note(client)

        assert notebook.notes == []
        assert notebook.written.wait(DEADLINE_SECONDS)

    def test_reset_forgets_a_late_commit(self, client: httpx.Client, notebook: Notebook) -> None:
        add_fault(client, "late_commit", status=504, seconds=0.2)
        write_note(client)
        client.post("/_control/reset")
        add_fault(client, "late_commit", status=504, seconds=0.4)
        client.post("/notes", content="later")

        assert notebook.written.wait(DEADLINE_SECONDS)

        assert notebook.notes == ["later"]


class TestQueue:
    def test_fault_hits_the_calls_it_is_meant_for(self, client: httpx.Client) -> None:
        add_fault(client, "status", status=500, method="GET")
        add_fault(client, "status", status=501, path=r"^/other$")
        add_fault(client, "status", status=502, tenant="keuken")
        add_fault(client, "status", status=503, method="POST", path=r"^/no\w+$")

        assert statuses(client, 2) == [503, 201]

    def test_times_and_after(self, client: httpx.Client) -> None:
        add_fault(client, "status", status=503, times=2, after=1)

        assert statuses(client, 4) == [201, 503, 503, 201]

    def test_endless_fault_lasts_until_it_is_removed(self, client: httpx.Client) -> None:
        fault_id = add_fault(client, "status", status=503, times=0)
        during = statuses(client, 3)

        client.delete(f"/_control/faults/{fault_id}")

        assert during == [503, 503, 503]
        assert statuses(client, 1) == [201]

    def test_first_fault_first_and_all_can_be_removed(self, client: httpx.Client) -> None:
        for status in (500, 502, 503):
            add_fault(client, "status", status=status)
        listed = [fault["status"] for fault in client.get("/_control/faults").json()]
        first = statuses(client, 1)

        client.delete("/_control/faults")

        assert listed == [500, 502, 503]
        assert [*first, *statuses(client, 1)] == [500, 201]

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "boom"},
            {"kind": "status"},
            {"kind": "slow", "colour": "red"},
            {"kind": "slow", "path": "("},
            {},
        ],
    )
    def test_fault_that_makes_no_sense_is_refused(self, client: httpx.Client, fault: dict[str, str]) -> None:
        response = client.post("/_control/faults", json=fault)

        assert response.status_code == 422
        assert response.json()["error"]


class TestCalls:
    def test_calls_are_logged_without_secrets(self, client: httpx.Client) -> None:
        client.post("/notes", params={"limit": 5, "token": "hidden", "partner_token": "hidden"})
        client.get("/notes")

        logged = client.get("/_control/calls").json()

        assert [(call["method"], call["path"], call["status"]) for call in logged] == [
            ("POST", "/notes", 201),
            ("GET", "/notes", 405),
        ]
        assert [call["query"] for call in logged] == [{"limit": "5"}, {}]
        assert [call["tenant"] for call in logged] == ["writer", None]

    def test_fault_is_logged_and_the_log_can_be_emptied(self, client: httpx.Client) -> None:
        add_fault(client, "cut_before")
        with pytest.raises(LINE_CUT):
            write_note(client)
        write_note(client)

        logged = client.get("/_control/calls").json()
        client.delete("/_control/calls")

        assert [(call["fault"], call["status"]) for call in logged] == [("cut_before", None), (None, 201)]
        assert client.get("/_control/calls").json() == []

    def test_control_calls_are_neither_logged_nor_hit(self, client: httpx.Client) -> None:
        add_fault(client, "status", status=503, times=0)

        assert client.get("/_control/health").json() == {"status": "ok"}
        assert client.get("/_control/calls").json() == []


def test_shop_is_the_tenant_also_of_a_call_that_was_not_handled() -> None:
    with running(create_app(system_clock)) as url, ShopDriver(url) as shop:
        shop.open()
        shop.add_fault("status", status=503, tenant="keuken")
        shop.add_fault("cut_before", tenant="tuin")

        with pytest.raises(LINE_CUT):
            shop.orders()

        assert [call["tenant"] for call in shop.calls()] == ["tuin"]


def test_it_runs_as_a_process_and_stops_on_sigterm(tmp_path: Path) -> None:
    port_file = tmp_path / "webshop.port"
    command = [sys.executable, "-m", "simulators", "webshop", "--port", "0", "--port-file", str(port_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()

        with ShopDriver(f"http://127.0.0.1:{port}") as shop:
            shop.open()
            assert shop.orders() == []
        process.send_signal(signal.SIGTERM)

        assert process.wait(DEADLINE_SECONDS) == -signal.SIGTERM
    assert port_file.read_text().strip() == port
