"""The two questions a supervisor asks: are you alive, and can you do your work now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHECK_TIMEOUT_SECONDS = 3.0

# Answers None when all is well, else one sentence for the operator.
HealthCheck = Callable[[], Awaitable[str | None]]


class HealthState:
    """What the lifecycle knows; the checks add what the service knows."""

    def __init__(
        self, service: str, checks: Mapping[str, HealthCheck], *, instance: str | None = None
    ) -> None:
        self.service = service
        self.instance = instance
        self.not_ready_because: str | None = "starting"
        self._checks = checks

    async def problems(self) -> dict[str, str]:
        """Name of the check to sentence, for everything that keeps the service from its work."""
        found = {} if self.not_ready_because is None else {"service": self.not_ready_because}
        for name, check in self._checks.items():
            try:
                async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                    sentence = await check()
            except TimeoutError:
                sentence = f"no answer within {CHECK_TIMEOUT_SECONDS:.0f} s"
            if sentence is not None:
                found[name] = sentence
        return found


def health_routes(state: HealthState) -> list[Route]:
    """`live` is 200 while the process runs; `ready` is 503 with the reasons when it cannot work."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"service": state.service, "status": "alive"})

    async def ready(_request: Request) -> Response:
        problems = await state.problems()
        status = "ready" if not problems else "not ready"
        content = {
            "service": state.service,
            "instance": state.instance,
            "status": status,
            "problems": problems,
        }
        return JSONResponse(content, status_code=503 if problems else 200)

    return [Route("/health/live", live), Route("/health/ready", ready)]


def health_app(state: HealthState) -> Starlette:
    return Starlette(routes=health_routes(state))
