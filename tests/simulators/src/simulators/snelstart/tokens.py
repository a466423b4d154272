"""Bearer tokens of the authentication host: JWTs that live 3599 seconds by the injected clock."""

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulators.clock import Clock

TOKEN_LIFETIME_SECONDS = 3599


@dataclass(frozen=True)
class Grant:
    """What a token gives access to, and until when."""

    administration: str
    scopes: frozenset[str]
    expires_at: datetime


class Tokens:
    """The tokens given out; one that is not among them is expired, revoked or garbled."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._grants: dict[str, Grant] = {}

    def mint(self, administration: str, scopes: tuple[str, ...]) -> str:
        """Return a new token whose claim `scopes` is one text with spaces."""
        self._forget_expired()
        now = self._clock()
        expires_at = now + timedelta(seconds=TOKEN_LIFETIME_SECONDS)
        claims = {
            "iss": "https://auth.snelstart.nl",
            "jti": secrets.token_hex(8),
            "scopes": " ".join(scopes),
            "nbf": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        token = f"{signed}.{_base64url(hmac.digest(self._secret, signed.encode(), 'sha256'))}"
        self._grants[token] = Grant(administration, frozenset(scopes), expires_at)
        return token

    def read(self, token: str) -> Grant | None:
        """Return what the token grants now, None when it grants nothing (any more)."""
        grant = self._grants.get(token)
        return grant if grant is not None and grant.expires_at > self._clock() else None

    def revoke(self, administration: str) -> None:
        """Make every token of the administration worthless."""
        self._keep(lambda grant: grant.administration != administration)

    def clear(self) -> None:
        self._grants.clear()

    def _forget_expired(self) -> None:
        now = self._clock()
        self._keep(lambda grant: grant.expires_at > now)

    def _keep(self, is_kept: Callable[[Grant], bool]) -> None:
        self._grants = {token: grant for token, grant in self._grants.items() if is_kept(grant)}


def _part(content: dict[str, object]) -> str:
    return _base64url(json.dumps(content).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
