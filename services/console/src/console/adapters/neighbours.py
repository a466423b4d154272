"""Asks every service of the product how it is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from console.ports import ServiceHealth

ANSWER_TIMEOUT_SECONDS = 5.0

OwnProblems = Callable[[], Awaitable[Mapping[str, str]]]


class HttpNeighbours:
    """Neighbours of console.ports, by the health addresses of the settings; `own_problems` are ours.

    With an `instance`, whoever answers in another product's name is a stranger.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        addresses: Mapping[str, str],
        own_problems: OwnProblems,
        *,
        instance: str | None = None,
    ) -> None:
        self._client = client
        self._instance = instance
        self._addresses = addresses
        self._own_problems = own_problems

    async def health(self) -> tuple[ServiceHealth, ...]:
        own = await self._own_problems()
        others = await asyncio.gather(*(self._ask(name, url) for name, url in self._addresses.items()))
        return (*others, _health("console", own))

    async def _ask(self, name: str, url: str) -> ServiceHealth:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                response = await self._client.get(f"{url.rstrip('/')}/health/ready")
            content: Any = response.json()
            if self._instance is not None and content["instance"] != self._instance:
                return _health(name, {"service": f"another product answers at {url}"})
            return _health(name, {str(key): str(text) for key, text in content["problems"].items()})
        except (httpx.HTTPError, TimeoutError):
            return _health(name, {"service": f"does not answer at {url}"})
        except (AttributeError, KeyError, TypeError, ValueError):
            return _health(name, {"service": f"something else answers at {url}"})


def _health(name: str, problems: Mapping[str, str]) -> ServiceHealth:
    trouble = tuple(f"{part}: {text}" for part, text in problems.items())
    return ServiceHealth(name=name, ready=not problems, trouble=trouble)
