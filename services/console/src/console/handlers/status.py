"""How the product is doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.domain.findings import Finding
from console.domain.runs import ImportRun
from console.domain.standing import OrderStatus
from console.ports import LedgerTrouble, Neighbours, OrderBook, Pause, ProfileShelf, RunLog, ServiceHealth
from sconnect.profiles import Profile, StoredProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileStatus:
    """`next_run_at` is None when the profile is switched off, run by hand, or has not run yet.

    `ledgers` is what stops orders, as the booking-writer found it under this version of the profile.
    """

    name: str
    enabled: bool
    interval: str
    last_run: ImportRun | None = None
    next_run_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    ledgers: tuple[Finding, ...] = ()
    orders: Mapping[OrderStatus, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductStatus:
    services: Sequence[ServiceHealth]
    profiles: Sequence[ProfileStatus]

    @property
    def ready(self) -> bool:
        return all(service.ready for service in self.services)


class StatusDesk:
    def __init__(
        self, *, neighbours: Neighbours, profiles: ProfileShelf, orders: OrderBook, runs: RunLog
    ) -> None:
        self._neighbours = neighbours
        self._profiles = profiles
        self._orders = orders
        self._runs = runs

    async def status(self) -> ProductStatus:
        counts = await self._orders.status_counts()
        last_runs = await self._runs.last_runs()
        pauses = await self._runs.pauses()
        troubles = await self._runs.ledger_troubles()
        profiles = [
            _profile_status(
                stored.profile,
                last_runs.get(stored.profile.name),
                [pause for pause in pauses if pause.profile == stored.profile.name],
                counts.get(stored.profile.name, {}),
                _ledgers(stored, troubles.get(stored.profile.name)),
            )
            for stored in await self._profiles.all()
        ]
        return ProductStatus(services=await self._neighbours.health(), profiles=profiles)


def _ledgers(stored: StoredProfile, trouble: LedgerTrouble | None) -> tuple[Finding, ...]:
    """Nothing of an older version of the profile: whoever saved it since was told what is wrong with it."""
    return trouble.findings if trouble is not None and trouble.profile_version == stored.version else ()


def _profile_status(
    profile: Profile,
    last_run: ImportRun | None,
    pauses: list[Pause],
    orders: Mapping[OrderStatus, int],
    ledgers: tuple[Finding, ...],
) -> ProfileStatus:
    return ProfileStatus(
        name=profile.name,
        enabled=profile.enabled,
        interval=profile.planning.interval,
        last_run=last_run,
        next_run_at=_next_run(profile, last_run),
        pauses=tuple(pauses),
        ledgers=ledgers,
        orders=orders,
    )


def _next_run(profile: Profile, last_run: ImportRun | None) -> datetime | None:
    interval_seconds = profile.planning.interval_seconds
    if not profile.enabled or interval_seconds is None or last_run is None or last_run.started_at is None:
        return None
    return last_run.started_at + timedelta(seconds=interval_seconds)
