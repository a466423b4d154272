"""VIES, the EU's register of VAT numbers, over its REST service.

POST /check-vat-number with countryCode and vatNumber. The answer holds `valid`; older clients also saw
`isValid` with `userError`. A member state that does not reply, or a limit that is reached, is an object with
`actionSucceed` false and `errorWrappers`, under a status that its documents do not fix: the body decides.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from sconnect.clock import Clock
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.http import send
from sconnect.vat_numbers.numbers import EuVatNumber

VIES_URL: Final = "https://ec.europa.eu/taxation_customs/vies/rest-api"
NUMBERS_KEPT_MAX = 10_000
# The number or the country cannot exist: an answer, not an outage.
IMPOSSIBLE = "INVALID_INPUT"
VERDICTS = frozenset({"VALID", "INVALID"})


class Vies:
    """Asks VIES once per number and lifetime; only registered numbers are remembered, in this process.

    A number that VIES does not know is asked again every time: it may be registered, or corrected, by now.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        *,
        url: str = VIES_URL,
        total_timeout_seconds: float,
        kept: timedelta = timedelta(hours=24),
    ) -> None:
        self._client = client
        self._clock = clock
        self._url = url.rstrip("/")
        self._total_timeout_seconds = total_timeout_seconds
        self._kept = kept
        self._registered_at: OrderedDict[EuVatNumber, datetime] = OrderedDict()

    async def is_registered(self, number: EuVatNumber) -> bool:
        """UpstreamUnavailable or RateLimited while VIES, or the member state behind it, gives no answer."""
        known_at = self._registered_at.get(number)
        if known_at is not None and self._clock.now() < known_at + self._kept:
            return True
        is_registered = await self._ask(number)
        if is_registered:
            self._remember(number)
        return is_registered

    async def _ask(self, number: EuVatNumber) -> bool:
        request = self._client.build_request(
            "POST",
            f"{self._url}/check-vat-number",
            json={"countryCode": number.letters, "vatNumber": number.digits},
            headers={"Accept": "application/json"},
        )
        response = await send(
            self._client,
            request,
            vendor="vies",
            total_timeout_seconds=self._total_timeout_seconds,
            is_write=False,
        )
        answer = _object(response.content)
        error = _error(answer)
        if error == IMPOSSIBLE:
            return False
        if error is not None:
            raise _unavailable("vies", country=number.letters, error=error)
        verdict = answer.get("valid", answer.get("isValid"))
        if not response.is_success or not isinstance(verdict, bool):
            raise _unavailable("unreadable_answer", host=request.url.host)
        return verdict

    def _remember(self, number: EuVatNumber) -> None:
        self._registered_at[number] = self._clock.now()
        self._registered_at.move_to_end(number)
        while len(self._registered_at) > NUMBERS_KEPT_MAX:
            self._registered_at.popitem(last=False)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _error(answer: Mapping[str, Any]) -> str | None:
    """VIES's word for why it does not know, such as MS_UNAVAILABLE or MS_MAX_CONCURRENT_REQ."""
    wrappers = answer.get("errorWrappers")
    if isinstance(wrappers, list) and wrappers and isinstance(wrappers[0], dict):
        return str(wrappers[0].get("error") or "?")[:40]
    word = answer.get("userError")
    return word[:40] if isinstance(word, str) and word and word not in VERDICTS else None


def _unavailable(variant: str, **details: str) -> UpstreamUnavailable:
    return UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant=variant, details=details))
