"""Finds out by itself when a paused profile can be served again, and calls its waiting orders back."""

import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol

import structlog

from sconnect.clock import Clock
from sconnect.contracts import ProfileResumed
from sconnect.contracts.build import new_message
from sconnect.contracts.events import StageName
from sconnect.errors import MisconfiguredError, Reason, SConnectError, TransientError
from sconnect.ids import deterministic_id
from sconnect.messaging import Delivery, EventPublisher
from sconnect.messaging.delivery import ATTEMPT_HEADER
from sconnect.messaging.edge import WAITS_FOR_PROFILE_HEADER
from sconnect.messaging.topology import WaitLevel, WorkQueue
from sconnect.messaging.walking import Remover
from sconnect.profiles import StoredProfile
from sconnect.stage.health import PausedProfile, ProfileHealth
from sconnect.stage.runner import ProfileSource

LOOK_INTERVAL_SECONDS = 5.0
WAIT_OF_PAUSED = WaitLevel.TEN_MINUTES

# What a login and one small call can prove; anything else (the fuse, a setting that only an order meets)
# is proved by one order a minute.
PROVED_BY_A_LOGIN = frozenset(
    {
        "connection_key",
        "subscription_key",
        "token_refused",
        "other_administration",
        "not_the_api",
        "unsendable",
        "scope",
    }
)

log = structlog.get_logger(__name__)

Probe = Callable[[StoredProfile, Reason], Awaitable[None]]
"""One cheap look whether the cause of a pause is gone: MisconfiguredError when it is not."""


class WaitQueues(Protocol):
    """See sconnect.messaging.walking."""

    async def depth(self, name: str) -> int: ...

    async def walk(
        self, name: str, *, told_as: str, copies_max: int, remove: Remover, removals_max: int | None = None
    ) -> None: ...


class ProfileProbes:
    """A loop without an end; one probe per profile and minute, whichever process makes it.

    Safe to repeat: a copy is published before it is taken out of the wait queue, and the stage knows a
    repeat. Half-done when it dies: copies that are still there, for the next look or the end of their wait.
    """

    def __init__(
        self,
        *,
        stage: StageName,
        queue: WorkQueue,
        probe: Probe,
        health: ProfileHealth,
        profiles: ProfileSource,
        waits: WaitQueues,
        publisher: EventPublisher,
        clock: Clock,
    ) -> None:
        self._stage = stage
        self._queue = queue
        self._probe = probe
        self._health = health
        self._profiles = profiles
        self._waits = waits
        self._publisher = publisher
        self._clock = clock

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except TransientError as error:
                log.warning("probes_put_off", cause=error.reason.text_key)
            await self._clock.sleep(LOOK_INTERVAL_SECONDS)

    async def look(self) -> None:
        """Probe what is due, and call back the orders of profiles that can be served again."""
        for paused in await self._health.paused():
            await self._look_at(paused)
        if called_back := await self._health.called_back():
            await self._call_back(called_back)

    async def _look_at(self, paused: PausedProfile) -> None:
        stored = await self._profiles.get(paused.name)
        if stored is None or stored.version != paused.version:
            # Saved anew, or gone: its orders find out what that means for them.
            await self._resume(paused)
        elif not stored.profile.enabled or not paused.probe_is_due:
            return
        elif paused.reason.variant not in PROVED_BY_A_LOGIN:
            await self._call_back([paused.name], orders_max=1)
        elif await self._health.take_probe(paused.name) and await self._is_repaired(stored, paused):
            await self._resume(paused)

    async def _is_repaired(self, stored: StoredProfile, paused: PausedProfile) -> bool:
        try:
            await self._probe(stored, paused.reason)
        except MisconfiguredError as error:
            log.info("profile_still_paused", profile=paused.name, reason=error.reason.text_key)
            return False
        except SConnectError as error:
            log.info("profile_not_probed", profile=paused.name, cause=str(error))
            return False
        return True

    async def _resume(self, paused: PausedProfile) -> None:
        if not await self._health.resume(paused.name, paused.version):
            return
        log.info("profile_resumed", profile=paused.name)
        await self._publisher.publish(resumed(self._stage, paused.name, self._clock))

    async def _call_back(self, profiles: Collection[str], *, orders_max: int | None = None) -> None:
        """Let waiting orders of these profiles go on, at most so many; the others keep their place."""
        wait_queue = self._queue.wait(WAIT_OF_PAUSED)
        depth = await self._waits.depth(wait_queue)
        if not depth:
            return
        called_back = 0

        async def remove(copy: Delivery) -> bool:
            nonlocal called_back
            if not _waits_for(copy, profiles):
                return False
            await self._publisher.publish_to_queue(
                self._queue.name,
                copy.body,
                headers={ATTEMPT_HEADER: copy.attempt},
                message_id=copy.message_id,
            )
            called_back += 1
            return True

        await self._waits.walk(
            wait_queue, told_as=self._queue.name, copies_max=depth, remove=remove, removals_max=orders_max
        )
        if called_back:
            log.info("orders_called_back", queue=self._queue.name, orders=called_back)


def resumed(stage: StageName, profile: str, clock: Clock) -> ProfileResumed:
    now = clock.now()
    return new_message(
        ProfileResumed,
        profile=profile,
        occurred_at=now,
        correlation_id=deterministic_id("profile", profile),
        id_parts=(stage, now.isoformat()),
        stage=stage,
    )


def _waits_for(copy: Delivery, profiles: Collection[str]) -> bool:
    if WAITS_FOR_PROFILE_HEADER not in copy.headers:
        return False
    try:
        content: Any = json.loads(copy.body)
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("profile") in profiles
