"""Who may do what on RabbitMQ: a user per service that can do only its part.

Nobody but the one-shot that declares the topology may make or remove anything. A service reads its own queues
(the console also every dead-letter queue), publishes no order's step that belongs to another service, and
sends nothing into another's work, wait or dead-letter queues; the console may, for that is what a replay is.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sconnect.messaging.topology import (
    DEAD_LETTER_EXCHANGE,
    EXCHANGE,
    PREVIEW_QUEUES,
    WAIT_EXCHANGE,
    WORK_QUEUES,
    queues,
)

SERVICES: Final = ("poller", "customer-resolver", "booking-writer", "console")
CONSOLE: Final = "console"
NOTHING: Final = "^$"
SALT_BYTES = 4

# Steps of an order, and commands, that only one service takes: no other may publish them.
_OWNERS: Final = (
    ("poller", r"sales-order\.received\..+"),
    ("customer-resolver", r"sales-order\.customer-resolved\..+"),
    ("booking-writer", r"sales-booking\.written\..+"),
    (CONSOLE, r"sales-order\.discarded\..+"),
    (CONSOLE, r"profile\.changed\..+"),
    *((CONSOLE, re.escape(event)) for queue in WORK_QUEUES for event in queue.events if "requested" in event),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rights:
    """The regular expressions that RabbitMQ judges by; `topics` are routing keys, by exchange."""

    user: str
    configure: str
    write: str
    read: str
    topics: Mapping[str, str]


def user_of(service: str) -> str:
    return f"sconnect-{service}"


def rights_of(service: str) -> Rights:
    """What the user of a service may do."""
    exchanges = _any_of((EXCHANGE, WAIT_EXCHANGE, DEAD_LETTER_EXCHANGE))
    if service == CONSOLE:
        return Rights(
            user=user_of(service),
            configure=NOTHING,
            # Writing to a queue is binding it, which needs an exchange that may be read: there is none. But
            # RabbitMQ 4.3 tells the length of a queue only to who may do something with it.
            write=_any_of((EXCHANGE, DEAD_LETTER_EXCHANGE, *(queue.name for queue in queues()))),
            read=rf"^({_names(_own_queues(CONSOLE))}|.+\.dead-letter|amq\.rabbitmq\.reply-to)$",
            topics={EXCHANGE: _all_but(_steps_of_others(service)), DEAD_LETTER_EXCHANGE: "^.+$"},
        )
    own = _own_queues(service)
    work = [queue.name for queue in WORK_QUEUES if queue.name in own]
    others = [queue.name for queue in WORK_QUEUES if queue.name not in own]
    return Rights(
        user=user_of(service),
        configure=NOTHING,
        write=exchanges,
        read=rf"^(({_names(own)})(\.wait\..+)?|amq\.rabbitmq\.reply-to)$",
        topics={
            EXCHANGE: _all_but([*_steps_of_others(service), *map(re.escape, others)]),
            WAIT_EXCHANGE: rf"^({_names(work)})\.wait\.",
            DEAD_LETTER_EXCHANGE: _any_of(work),
        },
    )


def permissions(virtual_host: str = "/") -> dict[str, Any]:
    """The rights of all services as a part of RabbitMQ's definitions."""
    each = [rights_of(service) for service in SERVICES]
    return {
        "permissions": [
            {
                "user": rights.user,
                "vhost": virtual_host,
                "configure": rights.configure,
                "write": rights.write,
                "read": rights.read,
            }
            for rights in each
        ],
        "topic_permissions": [
            {
                "user": rights.user,
                "vhost": virtual_host,
                "exchange": exchange,
                "write": rights.topics.get(exchange, NOTHING),
                "read": NOTHING,
            }
            for rights in each
            for exchange in (EXCHANGE, WAIT_EXCHANGE, DEAD_LETTER_EXCHANGE)
        ],
    }


def definitions_of_users(
    administrator: str, administrator_password: str, passwords: Mapping[str, str], *, virtual_host: str = "/"
) -> dict[str, Any]:
    """A definitions file for a node's start (`load_definitions`): the virtual host, who is known there and
    what they may do. `passwords` are by service; the administrator declares the topology."""
    rights = permissions(virtual_host)
    everything = {"user": administrator, "vhost": virtual_host}
    everything |= dict.fromkeys(("configure", "write", "read"), ".*")
    return {
        "vhosts": [{"name": virtual_host}],
        "users": [
            _user(administrator, administrator_password, ["administrator"]),
            *(_user(user_of(service), passwords[service], []) for service in SERVICES),
        ],
        "permissions": [everything, *rights["permissions"]],
        "topic_permissions": rights["topic_permissions"],
    }


def _user(name: str, password: str, tags: list[str]) -> dict[str, Any]:
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
    }


def _own_queues(service: str) -> list[str]:
    return [queue.name for queue in (*WORK_QUEUES, *PREVIEW_QUEUES) if queue.name.startswith(f"{service}.")]


def _steps_of_others(service: str) -> list[str]:
    return [pattern for owner, pattern in _OWNERS if owner != service]


def _names(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, names))


def _any_of(names: Iterable[str]) -> str:
    return f"^({_names(names)})$"


def _all_but(patterns: Iterable[str]) -> str:
    return f"^(?!({'|'.join(patterns)})$).+$"
