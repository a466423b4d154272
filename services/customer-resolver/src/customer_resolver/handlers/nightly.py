"""Sees to it that every profile's mirror is read whole: before its first order, and every night."""

from typing import Protocol

import structlog

from customer_resolver.handlers.administrations import Administrations
from customer_resolver.handlers.mirroring import MirrorKeeper
from sconnect.clock import Clock
from sconnect.errors import ConcurrentChange, SConnectError
from sconnect.profiles import StoredProfile

log = structlog.get_logger(__name__)


class ProfileSource(Protocol):
    async def all(self) -> tuple[StoredProfile, ...]: ...


class NightlyReads:
    """A loop without an end; what goes wrong with one profile is logged and tried again at the next turn."""

    def __init__(
        self,
        *,
        profiles: ProfileSource,
        administrations: Administrations,
        keeper: MirrorKeeper,
        clock: Clock,
        check_interval_seconds: float,
    ) -> None:
        self._profiles = profiles
        self._administrations = administrations
        self._keeper = keeper
        self._clock = clock
        self._check_interval_seconds = check_interval_seconds

    async def run(self) -> None:
        while True:
            await self.read_what_is_due()
            await self._clock.sleep(self._check_interval_seconds)

    async def read_what_is_due(self) -> None:
        try:
            profiles = await self._profiles.all()
        except SConnectError as error:
            log.warning("profiles_not_read", cause=str(error))
            return
        for stored in profiles:
            if stored.profile.enabled:
                await self._read_if_due(stored)

    async def _read_if_due(self, stored: StoredProfile) -> None:
        try:
            await self._keeper.read_all_if_due(await self._administrations.open(stored))
        except ConcurrentChange:
            log.debug("mirror_read_by_a_colleague", profile=stored.profile.name)
        except SConnectError as error:
            log.warning("mirror_not_read", profile=stored.profile.name, cause=str(error))
