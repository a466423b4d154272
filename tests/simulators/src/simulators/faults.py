"""The control door of both simulators: faults for the next calls, the log of calls, reset, health.

    door = ControlDoor(clock=clock, reset=store.clear, tenant_of=store.tenant_of)
    app = Starlette(routes=[*door.routes(), *routes], middleware=[door.middleware()])

A handler that finds out whose call it serves sets `request.state.tenant`.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators.clock import Clock
from simulators.exchange import Answer, Exchange

CONTROL_PREFIX: Final = "/_control"
SECRET_QUERY_NAMES: Final = frozenset({"token", "partner_token", "subscription-key"})
CALLS_KEPT_MAX: Final = 100_000

TenantOf: TypeAlias = Callable[[HTTPConnection], str | None]


class FaultKind(StrEnum):
    """What goes wrong. "Commit" means: the call was handled and its effect stays."""

    STATUS = "status"
    SLOW = "slow"
    SLOW_AFTER_COMMIT = "slow_after_commit"
    CUT_BEFORE = "cut_before"
    CUT_AFTER_COMMIT = "cut_after_commit"
    STATUS_AFTER_COMMIT = "status_after_commit"
    LATE_COMMIT = "late_commit"
    TRUNCATE = "truncate"
    RESET = "reset"


STATUS_NEEDED: Final = frozenset({FaultKind.STATUS, FaultKind.STATUS_AFTER_COMMIT})


@dataclass(kw_only=True)
class Fault:
    """One trouble for the calls that match `method`, `path` (regex, searched) and `tenant`.

    `times` calls are hit (0: every one until the fault is removed) after the first `after` matching
    ones went by. A `late_commit` without a status drops the connection instead of answering.
    """

    kind: FaultKind
    method: str | None = None
    path: str = ""
    tenant: str | None = None
    status: int | None = None
    body: Any = None
    content_type: str | None = None
    retry_after: str | None = None
    seconds: float = 2.0
    times: int = 1
    after: int = 0

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)
        re.compile(self.path)
        if self.status is None and self.kind in STATUS_NEEDED:
            raise ValueError(f"The fault {self.kind} needs a status.")

    def matches(self, method: str, path: str, tenant: str | None) -> bool:
        """Tell whether a call is one that this fault is meant for."""
        return (
            self.method in (None, method)
            and self.tenant in (None, tenant)
            and re.search(self.path, path) is not None
        )

    def answer(self) -> Answer:
        """Return the answer that this fault gives instead of the app's."""
        assert self.status is not None
        is_text = isinstance(self.body, str)
        body = self.body if is_text else json.dumps(self.body, ensure_ascii=False)
        content_type = self.content_type or ("text/html; charset=utf-8" if is_text else "application/json")
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        content = b"" if self.body is None else body.encode()
        response = Response(content, self.status, headers, content_type)
        return Answer(status=self.status, headers=tuple(response.raw_headers), body=content)


class FaultQueue:
    """The faults that wait for their calls, oldest first."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> int:
        self._last_id += 1
        self._faults[self._last_id] = fault
        return self._last_id

    def remove(self, fault_id: int) -> None:
        self._faults.pop(fault_id, None)

    def clear(self) -> None:
        self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        return [{"id": fault_id, **asdict(fault)} for fault_id, fault in self._faults.items()]

    def take(self, method: str, path: str, tenant: str | None) -> Fault | None:
        """Return the fault that hits this call, and count it; None when the call goes well."""
        for fault_id, fault in self._faults.items():
            if not fault.matches(method, path, tenant):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times == 1:
                self.remove(fault_id)
            fault.times = max(fault.times - 1, 0)
            return fault
        return None


@dataclass
class Call:
    """One call at the vendor's API; `status` stays None when the caller got no answer."""

    at: str
    method: str
    path: str
    query: dict[str, str]
    status: int | None
    tenant: str | None
    fault: FaultKind | None


async def inject(fault: Fault, exchange: Exchange, late_commits: set[asyncio.Task[None]]) -> None:
    """Let the fault happen to the exchange."""
    match fault.kind:
        case FaultKind.STATUS:
            await exchange.answer(fault.answer())
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            await exchange.handle()
        case FaultKind.SLOW_AFTER_COMMIT:
            answer = await exchange.collect()
            await asyncio.sleep(fault.seconds)
            await exchange.answer(answer)
        case FaultKind.CUT_BEFORE:
            await exchange.cut()
        case FaultKind.CUT_AFTER_COMMIT:
            await exchange.collect()
            await exchange.cut()
        case FaultKind.STATUS_AFTER_COMMIT:
            await exchange.collect()
            await exchange.answer(fault.answer())
        case FaultKind.LATE_COMMIT:
            await commit_late(fault, exchange, late_commits)
        case FaultKind.TRUNCATE:
            await exchange.answer((await exchange.collect()).halved())
        case FaultKind.RESET:
            await exchange.reset_after_headers(await exchange.collect())


async def commit_late(fault: Fault, exchange: Exchange, late_commits: set[asyncio.Task[None]]) -> None:
    """Answer or drop at once; handle the call `seconds` later, as a slow back end behind a gateway does."""
    handle = await exchange.read_ahead()

    async def handle_late() -> None:
        await asyncio.sleep(fault.seconds)
        await handle()

    task = asyncio.create_task(handle_late())
    late_commits.add(task)
    task.add_done_callback(late_commits.discard)
    await (exchange.cut() if fault.status is None else exchange.answer(fault.answer()))


def no_tenant(_connection: HTTPConnection) -> str | None:
    """Say that the caller is not known before the call is handled."""
    return None


class ControlDoor:
    """Faults, calls, reset and health under `/_control`, without a login: a test tool on loopback.

    `reset` forgets the simulator's own data. `tenant_of` names the caller before the call is handled,
    so that a fault can be meant for one tenant.
    """

    def __init__(self, *, clock: Clock, reset: Callable[[], None], tenant_of: TenantOf = no_tenant) -> None:
        self._clock = clock
        self._reset = reset
        self._tenant_of = tenant_of
        self._faults = FaultQueue()
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT_MAX)
        self._late_commits: set[asyncio.Task[None]] = set()

    def middleware(self) -> Middleware:
        """Return the middleware that logs every call and lets the faults happen."""
        return Middleware(_Injection, door=self)

    def routes(self) -> list[Route]:
        """Return the door's own routes; they are neither logged nor hit by faults."""
        return [
            Route(f"{CONTROL_PREFIX}/faults", self._add_fault, methods=["POST"]),
            Route(f"{CONTROL_PREFIX}/faults", self._list_faults, methods=["GET"]),
            Route(f"{CONTROL_PREFIX}/faults", self._clear_faults, methods=["DELETE"]),
            Route(f"{CONTROL_PREFIX}/faults/{{fault_id:int}}", self._remove_fault, methods=["DELETE"]),
            Route(f"{CONTROL_PREFIX}/calls", self._list_calls, methods=["GET"]),
            Route(f"{CONTROL_PREFIX}/calls", self._clear_calls, methods=["DELETE"]),
            Route(f"{CONTROL_PREFIX}/reset", self._reset_all, methods=["POST"]),
            Route(f"{CONTROL_PREFIX}/health", self._health, methods=["GET"]),
        ]

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one call of the vendor's API, with its fault if one waits for it."""
        scope.setdefault("state", {})
        connection = HTTPConnection(scope)
        tenant = self._tenant_of(connection)
        fault = self._faults.take(scope["method"], scope["path"], tenant)
        call = self._log(connection, tenant, fault)
        exchange = Exchange(app, scope, receive, send)
        try:
            await (inject(fault, exchange, self._late_commits) if fault else exchange.handle())
        finally:
            call.status = exchange.status
            call.tenant = scope["state"].get("tenant", tenant)

    def _log(self, connection: HTTPConnection, tenant: str | None, fault: Fault | None) -> Call:
        call = Call(
            at=self._clock().isoformat(),
            method=connection.scope["method"],
            path=connection.scope["path"],
            query={k: v for k, v in connection.query_params.items() if k not in SECRET_QUERY_NAMES},
            status=None,
            tenant=tenant,
            fault=fault.kind if fault else None,
        )
        self._calls.append(call)
        return call

    async def _add_fault(self, request: Request) -> Response:
        try:
            fault = Fault(**await request.json())
        except (TypeError, ValueError, re.error) as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"id": self._faults.add(fault)}, 201)

    async def _list_faults(self, _request: Request) -> Response:
        return JSONResponse(self._faults.listed())

    async def _clear_faults(self, _request: Request) -> Response:
        self._faults.clear()
        return Response(status_code=204)

    async def _remove_fault(self, request: Request) -> Response:
        self._faults.remove(request.path_params["fault_id"])
        return Response(status_code=204)

    async def _list_calls(self, _request: Request) -> Response:
        return JSONResponse([asdict(call) for call in self._calls])

    async def _clear_calls(self, _request: Request) -> Response:
        self._calls.clear()
        return Response(status_code=204)

    async def _reset_all(self, _request: Request) -> Response:
        for task in self._late_commits:
            task.cancel()
        self._faults.clear()
        self._calls.clear()
        self._reset()
        return Response(status_code=204)

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})


class _Injection:
    """Sends every call but those at the control door itself through the door."""

    def __init__(self, app: ASGIApp, door: ControlDoor) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
        else:
            await self._door.serve(self._app, scope, receive, send)
