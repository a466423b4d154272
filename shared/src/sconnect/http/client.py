"""The one way an HTTP client is built."""

import logging
from dataclasses import dataclass

import httpcore
import httpx

from sconnect.http.guard import PublicAddressesOnly


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpLimits:
    """Time-outs per phase of a call (its total is given to `send`), and the size of the connection pool."""

    connect_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 15.0
    write_timeout_seconds: float = 10.0
    pool_timeout_seconds: float = 5.0
    connections_max: int = 50
    keepalive_connections_max: int = 20
    keepalive_expiry_seconds: float = 30.0


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's transport over a pool whose connections are made by our own network backend.

    httpx does not pass a network backend on, so the pool that it built is replaced by the same with one.
    """

    def __init__(self, limits: HttpLimits, backend: httpcore.AsyncNetworkBackend) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=True, trust_env=False),
            max_connections=limits.connections_max,
            max_keepalive_connections=limits.keepalive_connections_max,
            keepalive_expiry=limits.keepalive_expiry_seconds,
            http1=True,
            http2=False,
            retries=0,
            network_backend=backend,
        )


def create_http_client(limits: HttpLimits, *, allow_local_apis: bool = False) -> httpx.AsyncClient:
    """A client that follows no redirects, takes nothing from the environment and logs no addresses.

    Without `allow_local_apis` it refuses to connect to private, loopback and link-local addresses.
    """
    # The shop's tokens travel in the query string, and httpx logs every URL; httpcore logs the headers.
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    backend: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()
    if not allow_local_apis:
        backend = PublicAddressesOnly(backend)
    return httpx.AsyncClient(
        transport=_Transport(limits, backend),
        timeout=httpx.Timeout(
            connect=limits.connect_timeout_seconds,
            read=limits.read_timeout_seconds,
            write=limits.write_timeout_seconds,
            pool=limits.pool_timeout_seconds,
        ),
        follow_redirects=False,
        trust_env=False,
    )
