"""The administrations that the simulator plays, and who may enter which."""

import base64
import binascii
from collections.abc import Mapping

from starlette.requests import HTTPConnection

from simulators.clock import Clock
from simulators.snelstart.administration import Administration
from simulators.snelstart.countries import Countries
from simulators.snelstart.refusals import RefusedError, gateway
from simulators.snelstart.settings import Settings
from simulators.snelstart.tokens import Grant, Tokens
from simulators.snelstart.wire import Reply

TOKEN_REFUSED_STATUS = 400


class Registry:
    """All administrations by name. A koppelsleutel selects one; a subscription key belongs to none."""

    def __init__(self, clock: Clock) -> None:
        self.administrations: dict[str, Administration] = {}
        self.tokens = Tokens(clock)
        # SnelStart answers 400 to a wrong koppelsleutel; clients are told to take a 401 alike.
        self.token_refused_status = TOKEN_REFUSED_STATUS
        self._clock = clock
        self._countries = Countries()

    def clear(self) -> None:
        self.administrations.clear()
        self.tokens.clear()
        self.token_refused_status = TOKEN_REFUSED_STATUS

    def create(self, name: str, settings: Settings) -> Administration:
        """Make the administration anew; what was in one of that name is gone, its tokens as well."""
        self.tokens.revoke(name)
        self.administrations[name] = Administration(name, settings, self._clock, self._countries)
        return self.administrations[name]

    def tenant_of(self, connection: HTTPConnection) -> str | None:
        """Name the administration that a bearer token speaks for."""
        grant = self._grant_of(connection)
        return None if grant is None else grant.administration

    def grant_token(self, form: Mapping[str, str]) -> tuple[Administration, str]:
        """Give a token for a koppelsleutel; raises RefusedError."""
        grant_type = form.get("grant_type", "")
        name_of_key = {"clientkey": "clientkey", "password": "password"}.get(grant_type)
        if name_of_key is None:
            raise RefusedError(Reply(400, {"error": "unsupported_grant_type"}))
        for administration in self.administrations.values():
            key = administration.settings.connection_key
            if key is not None and _opens(key, form):
                return administration, self.tokens.mint(administration.name, administration.settings.scopes)
        text = f"GrantType {grant_type} was found. Parameter {name_of_key} does not contain a valid value"
        raise RefusedError(Reply(self.token_refused_status, {"error": text}))

    def admit(self, connection: HTTPConnection) -> tuple[Administration, Grant]:
        """Check the subscription key, then the bearer token; raises RefusedError."""
        self._check_subscription_key(connection)
        grant = self._grant_of(connection)
        administration = None if grant is None else self.administrations.get(grant.administration)
        if grant is None or administration is None:
            # The body of this 401 is not documented; this is ASP.NET's own.
            refusal = {"message": "Authorization has been denied for this request."}
            raise RefusedError(Reply(401, refusal, {"WWW-Authenticate": "Bearer"}))
        return administration, grant

    def _check_subscription_key(self, connection: HTTPConnection) -> None:
        key = connection.headers.get("Ocp-Apim-Subscription-Key") or connection.query_params.get(
            "subscription-key"
        )
        if not key:
            raise gateway(
                401,
                "Access denied due to missing subscription key. Make sure to include subscription key "
                "when making requests to an API.",
            )
        if all(each.settings.subscription_key != key for each in self.administrations.values()):
            raise gateway(
                401,
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an "
                "active subscription.",
            )

    def _grant_of(self, connection: HTTPConnection) -> Grant | None:
        scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
        return self.tokens.read(token) if scheme.lower() == "bearer" else None


def _opens(key: str, form: Mapping[str, str]) -> bool:
    if form["grant_type"] == "clientkey":
        return form.get("clientkey") == key
    return _user_and_password(key) == (form.get("username"), form.get("password"))


def _user_and_password(key: str) -> tuple[str, str] | None:
    # The older way in: a koppelsleutel is base64 of "user:password".
    try:
        user, _, password = base64.b64decode(key, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password
