"""One poller per profile at a time, by a lease that is renewed while the work goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from poller.ports import Lease
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, UpstreamUnavailable
from sconnect.persistence import Leases
from sconnect.tasks import cancel_until_done

RENEWALS_PER_LEASE = 3

log = structlog.get_logger(__name__)


class HeldLease:
    def __init__(self) -> None:
        self.is_lost = False

    def require_held(self) -> None:
        if self.is_lost:
            raise ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="lease_lost"))


class SqlProfileLeases:
    """ProfileLeases over the shared leases; `lease_seconds` is how long a dead poller blocks its profiles."""

    def __init__(self, leases: Leases, *, lease_seconds: float) -> None:
        self._leases = leases
        self._lease_seconds = lease_seconds

    @asynccontextmanager
    async def hold(self, profile: str) -> AsyncIterator[Lease | None]:
        name = f"poll:{profile}"
        token = await self._leases.take(name, self._lease_seconds)
        if token is None:
            yield None
            return
        lease = HeldLease()
        renewing = asyncio.create_task(self._keep(lease, name, token))
        try:
            yield lease
        finally:
            await cancel_until_done([renewing])
            await self._release(name, token)

    async def _keep(self, lease: HeldLease, name: str, token: str) -> None:
        held = True
        try:
            while held:
                await asyncio.sleep(self._lease_seconds / RENEWALS_PER_LEASE)
                held = await self._renew(name, token)
            log.warning("lease_lost", lease=name)
        finally:
            lease.is_lost = True

    async def _renew(self, name: str, token: str) -> bool:
        try:
            return await self._leases.renew(name, token, self._lease_seconds)
        except UpstreamUnavailable as error:
            # The lease may still be ours: the next renewal tells.
            log.warning("lease_not_renewed", lease=name, cause=error.reason.text_key)
            return True

    async def _release(self, name: str, token: str) -> None:
        try:
            await self._leases.release(name, token)
        except UpstreamUnavailable as error:
            # It expires by itself; the work in the block is done and must not fail for this.
            log.warning("lease_not_released", lease=name, cause=error.reason.text_key)
