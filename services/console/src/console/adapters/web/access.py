"""Who asks, and in which language."""

import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from sconnect.texts import LANGUAGES

ADMINISTRATOR = "administrator"


class NotSignedIn(Exception):
    """The request carries no token, or not ours."""


async def signed_in(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> str:
    """The name under which decisions are recorded; NotSignedIn without the right bearer token."""
    expected: SecretStr = request.app.state.token
    given = "" if credentials is None else credentials.credentials
    # In bytes: comparing texts in constant time refuses anything but ASCII.
    if not hmac.compare_digest(given.encode(), expected.get_secret_value().encode()):
        raise NotSignedIn
    return ADMINISTRATOR


async def requested_language(request: Request) -> str:
    """The first language of the request that we speak, else the product's own."""
    for wish in request.headers.get("accept-language", "").split(","):
        language = wish.strip()[:2].lower()
        if language in LANGUAGES:
            return language
    default: str = request.app.state.language
    return default


SignedIn = Annotated[str, Depends(signed_in)]
Language = Annotated[str, Depends(requested_language)]
