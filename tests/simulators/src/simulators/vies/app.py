"""`POST /check-vat-number`, and a control door that says which numbers are registered.

VIES passes a question on to the member state; what it answers when that one does not reply is known from its
clients' issues: `actionSucceed` false with `errorWrappers`. With which status is not: an option chooses.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.clock import Clock
from simulators.faults import CONTROL_PREFIX, ControlDoor

OPTIONS = {"error_status": 200, "answer": "valid"}


class Vies:
    """Knows the registered numbers, and the countries whose own system is away (with the error they give)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        self._registered: set[str] = set()
        self._away: dict[str, str] = {}
        self._options: dict[str, Any] = dict(OPTIONS)

    def routes(self) -> list[Route]:
        return [
            Route("/check-vat-number", self._check, methods=["POST"]),
            Route(f"{CONTROL_PREFIX}/numbers", self._set_numbers, methods=["PUT"]),
            Route(f"{CONTROL_PREFIX}/countries/{{country}}", self._set_country, methods=["PUT"]),
            Route(f"{CONTROL_PREFIX}/options", self._set_options, methods=["PATCH"]),
        ]

    async def _check(self, request: Request) -> Response:
        asked = await request.json()
        country, number = str(asked.get("countryCode") or ""), str(asked.get("vatNumber") or "")
        if not country.isalpha() or len(country) != len("NL") or not number:
            return self._error("INVALID_INPUT")
        if country in self._away:
            return self._error(self._away[country])
        is_registered = country + number in self._registered
        return JSONResponse(
            {
                "countryCode": country,
                "vatNumber": number,
                "requestDate": self._clock().isoformat(),
                **self._verdict(is_registered),
                "requestIdentifier": "",
                "name": "VOORBEELD BV" if is_registered else "---",
                "address": "---",
            }
        )

    def _verdict(self, is_registered: bool) -> dict[str, Any]:
        """Clients saw two words for the answer, `valid` and `isValid`, the second with `userError`."""
        if self._options["answer"] == "isValid":
            return {"isValid": is_registered, "userError": "VALID" if is_registered else "INVALID"}
        return {"valid": is_registered}

    def _error(self, code: str) -> Response:
        body = {"actionSucceed": False, "errorWrappers": [{"error": code, "message": code}]}
        return JSONResponse(body, self._options["error_status"])

    async def _set_numbers(self, request: Request) -> Response:
        self._registered = set(await request.json())
        return Response(status_code=204)

    async def _set_country(self, request: Request) -> Response:
        error = (await request.json()).get("error")
        if error is None:
            self._away.pop(request.path_params["country"], None)
        else:
            self._away[request.path_params["country"]] = error
        return Response(status_code=204)

    async def _set_options(self, request: Request) -> Response:
        self._options |= await request.json()
        return Response(status_code=204)


def create_app(clock: Clock) -> Starlette:
    """Return a simulator that knows no number; the control door registers them."""
    vies = Vies(clock)
    door = ControlDoor(clock=clock, reset=vies.clear, tenant_of=lambda _request: None)
    return Starlette(routes=[*door.routes(), *vies.routes()], middleware=[door.middleware()])
