"""One address setting for a cluster of several nodes: `amqp://user:password@one:5672,two:5672,three:5672/`."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.robust_connection import RobustConnection
from yarl import URL

from sconnect.messaging.trouble import BROKER_TROUBLE, connected


def node_addresses(amqp_url: str) -> list[str]:
    """One address for each node, in the order in which they are tried; login and vhost are the same."""
    parts = urlsplit(amqp_url)
    login, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{login}{at}{host}")) for host in hosts.split(",")]


def with_query(url: str, query: str) -> str:
    """The address with these options beside its own."""
    parts = urlsplit(url)
    joined = f"{parts.query}&{query}" if parts.query else query
    return urlunsplit(parts._replace(query=joined))


async def open_connection(amqp_url: str, *, timeout_seconds: float) -> AbstractConnection:
    """A connection to the first node that takes it, without reconnecting; raises what the last one said."""
    *others, last = node_addresses(amqp_url)
    for address in others:
        try:
            return await connected(aio_pika.connect(address, timeout=timeout_seconds))
        except BROKER_TROUBLE:
            continue
    return await connected(aio_pika.connect(last, timeout=timeout_seconds))


class WalkingConnection(RobustConnection):
    """Reconnects to the next node each time the connection is lost or refused.

    aio-pika knows one address and would try the node that died until it is back.
    """

    def __init__(self, url: URL, *, hosts: Sequence[tuple[str, int | None]], **kwargs: Any) -> None:
        super().__init__(url, **kwargs)
        self._hosts = hosts
        self._walked = 0

    @classmethod
    def over(cls, addresses: Sequence[str]) -> "partial[WalkingConnection]":
        """What makes such a connection, starting at the first address."""
        urls = [URL(address) for address in addresses]
        return partial(cls, hosts=[(url.host or "localhost", url.explicit_port) for url in urls])

    async def _on_connection_close(self, closing: asyncio.Future[Any]) -> None:
        self._walked += 1
        host, port = self._hosts[self._walked % len(self._hosts)]
        self.url = self.url.with_host(host).with_port(port)
        await super()._on_connection_close(closing)
