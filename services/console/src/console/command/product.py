"""The running product, over its JSON API."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from console.command.failures import CommandFailed, ConsoleAway, Exit

# Examining a profile takes calls to both vendors, of 20 seconds at most each.
ANSWER_TIMEOUT_SECONDS = 120.0
CONNECT_TIMEOUT_SECONDS = 5.0
UNKNOWN_PROFILE_PROBLEM = "urn:sconnect:problem:profile_unknown"


class Product:
    """Every call returns the JSON of the answer, or raises CommandFailed with the console's own sentences."""

    def __init__(self, url: str, token: SecretStr, language: str) -> None:
        self._url = url
        self._language = language
        self._client = httpx.Client(
            base_url=f"{url}/api",
            headers={"Authorization": f"Bearer {token.get_secret_value()}", "Accept-Language": language},
            timeout=httpx.Timeout(ANSWER_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            trust_env=False,
        )

    def get(self, path: str, *, parameters: Mapping[str, str] | None = None) -> Any:
        return self._call("GET", path, parameters=parameters)

    def post(self, path: str, content: Mapping[str, Any] | None = None) -> Any:
        return self._call("POST", path, content=content)

    def patch(self, path: str, content: Mapping[str, Any]) -> Any:
        return self._call("PATCH", path, content=content)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def close(self) -> None:
        self._client.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            response = self._client.request(method, path, params=parameters, json=content)
        except httpx.RequestError:
            raise ConsoleAway.of("not_running", self._language, url=self._url) from None
        try:
            answer = response.json()
        except ValueError:
            raise CommandFailed.of("not_our_product", self._language, url=self._url) from None
        if response.is_success:
            return answer
        raise self._refusal(answer)

    def _refusal(self, problem: Any) -> CommandFailed:
        if not isinstance(problem, dict) or "detail" not in problem:
            return CommandFailed.of("not_our_product", self._language, url=self._url)
        found = [str(each["text"]) for each in problem.get("problems", ())]
        unknown = problem.get("type") == UNKNOWN_PROFILE_PROBLEM
        return CommandFailed(
            *(found or [str(problem["detail"])]), code=Exit.UNKNOWN_PROFILE if unknown else Exit.REFUSED
        )


def path_part(text: str) -> str:
    """What a person typed as one part of a path."""
    return quote(text, safe="")
