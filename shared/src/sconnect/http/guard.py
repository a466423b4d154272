"""Keeps a profile's address from reaching into the network the connector runs in."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from sconnect.errors import MisconfiguredError, Reason, ReasonCode


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    parsed = ip_address(address.partition("%")[0])
    return parsed.is_global and not parsed.is_multicast


class PublicAddressesOnly(httpcore.AsyncNetworkBackend):
    """Resolves a host once, refuses it when any address is not public, and connects to what was checked.

    Looking the name up again for the connection itself would let it change in between (DNS rebinding).
    """

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port, timeout)
        if not all(is_public(address) for address in addresses):
            raise MisconfiguredError(
                Reason(code=ReasonCode.PROFILE_PAUSED, variant="private_address", details={"host": host})
            )
        *others, last = addresses
        for address in others:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._backend.connect_tcp(last, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.UnsupportedProtocol("only TCP is spoken")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def _resolve(self, host: str, port: int, timeout_seconds: float | None) -> list[str]:
        try:
            async with asyncio.timeout(timeout_seconds):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the name could not be looked up in time") from error
        except OSError as error:
            raise httpcore.ConnectError("the name could not be looked up") from error
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
