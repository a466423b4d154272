"""The customer-resolver's memory in fakes; they pass the same suites as the real adapters (tests/ports)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from customer_resolver.domain.cards import NewCard
from customer_resolver.ports import (
    ClaimId,
    Forgotten,
    HeldClaim,
    LapsedClaim,
    LinkNews,
    OpenClaim,
    OrderReference,
    RememberedLink,
    Resolution,
    SentUpdate,
    SettledClaim,
)
from sconnect.clock import Clock
from sconnect.errors import ConcurrentChange, Reason, ReasonCode


@dataclass
class _Claimed:
    token: str
    number: int
    held_until: datetime
    keys: frozenset[int]
    sent: NewCard | None = None
    settled: SettledClaim | None = None


class FakeClaims:
    def __init__(self, clock: Clock, *, lease_seconds: float) -> None:
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._claims: dict[ClaimId, _Claimed] = {}
        self._last_reserved: dict[str, int] = {}

    async def find(self, claim_id: ClaimId) -> OpenClaim | SettledClaim | None:
        if (claimed := self._claims.get(claim_id)) is None:
            return None
        return claimed.settled or OpenClaim(id=claim_id, number=claimed.number)

    async def take(
        self, claim_id: ClaimId, keys: Collection[int], *, above: int, anew: bool = False
    ) -> HeldClaim | LapsedClaim | SettledClaim:
        others = [
            (other_id, other)
            for other_id, other in self._claims.items()
            if other_id.administration_id == claim_id.administration_id
            and other_id != claim_id
            and other.keys & frozenset(keys)
        ]
        if any(other.held_until > self._clock.now() for _, other in others):
            raise _held_by_another()
        for other_id, other in others:
            return LapsedClaim(id=other_id, token=other.token, number=other.number, sent=other.sent)
        claimed = self._claims.get(claim_id)
        if claimed is None or (claimed.settled is not None and anew):
            return self._claim_new(claim_id, keys, above)
        if claimed.settled is not None:
            return claimed.settled
        claimed.token, claimed.held_until = str(uuid4()), self._lease_end
        claimed.keys |= frozenset(keys)
        return HeldClaim(id=claim_id, token=claimed.token, number=claimed.number, sent=claimed.sent)

    async def record_sent(self, held: HeldClaim, card: NewCard | None) -> HeldClaim:
        claimed = self._held(held)
        claimed.sent, claimed.held_until = card, self._lease_end
        return replace(held, sent=card)

    async def reserve_next(self, held: HeldClaim, *, above: int) -> HeldClaim:
        claimed = self._held(held)
        claimed.number = self._reserve(held.id.administration_id, above)
        claimed.sent, claimed.held_until = None, self._lease_end
        return replace(held, number=claimed.number, sent=None)

    async def settle(self, claim_id: ClaimId, *, number: int, relation_id: str, settled_at: datetime) -> None:
        claimed = self._claims.get(claim_id)
        if claimed is not None and claimed.settled is None and claimed.number == number:
            claimed.keys = frozenset()
            claimed.settled = SettledClaim(id=claim_id, relation_id=relation_id, settled_at=settled_at)

    async def release(self, held: HeldClaim) -> None:
        claimed = self._claims.get(held.id)
        if claimed is not None and claimed.token == held.token:
            claimed.held_until = self._clock.now()
            if claimed.sent is None:
                claimed.keys = frozenset()

    async def abandon(self, lapsed: LapsedClaim) -> None:
        claimed = self._claims.get(lapsed.id)
        if claimed is None or claimed.token != lapsed.token or claimed.settled is not None:
            return
        if claimed.held_until <= self._clock.now():
            del self._claims[lapsed.id]

    def forget_settled_before(self, instant: datetime) -> int:
        """How many claims that was."""
        gone = [
            claim_id
            for claim_id, claimed in self._claims.items()
            if claimed.settled is not None and claimed.settled.settled_at < instant
        ]
        for claim_id in gone:
            del self._claims[claim_id]
        return len(gone)

    def _claim_new(self, claim_id: ClaimId, keys: Collection[int], above: int) -> HeldClaim:
        number = self._reserve(claim_id.administration_id, above)
        token = str(uuid4())
        self._claims[claim_id] = _Claimed(
            token=token, number=number, held_until=self._lease_end, keys=frozenset(keys)
        )
        return HeldClaim(id=claim_id, token=token, number=number, sent=None)

    def _reserve(self, administration_id: str, above: int) -> int:
        number = max(self._last_reserved.get(administration_id, 0), above) + 1
        self._last_reserved[administration_id] = number
        return number

    def _held(self, held: HeldClaim) -> _Claimed:
        claimed = self._claims.get(held.id)
        if claimed is None or claimed.token != held.token or claimed.settled is not None:
            raise _held_by_another()
        return claimed

    @property
    def _lease_end(self) -> datetime:
        return self._clock.now() + self._lease


class FakeResolutions:
    def __init__(self) -> None:
        self._resolutions: dict[OrderReference, tuple[datetime, Resolution]] = {}

    async def find(self, order: OrderReference) -> Resolution | None:
        return self._resolutions[order][1] if order in self._resolutions else None

    async def find_by_order_number(self, profile: str, order_number: str) -> Resolution | None:
        found = [
            (moment, resolution)
            for moment, resolution in self._resolutions.values()
            if (resolution.order.profile, resolution.order_number) == (profile, order_number)
        ]
        return max(found, key=lambda entry: entry[0])[1] if found else None

    async def save(self, resolution: Resolution, resolved_at: datetime) -> None:
        self._resolutions[resolution.order] = (resolved_at, resolution)

    def forget_everything(self) -> None:
        self._resolutions.clear()

    def forget_before(self, instant: datetime) -> int:
        """How many answers that was."""
        gone = [order for order, (resolved_at, _) in self._resolutions.items() if resolved_at < instant]
        for order in gone:
            del self._resolutions[order]
        return len(gone)


class FakeCardUpdates:
    def __init__(self) -> None:
        self._sent: dict[tuple[str, str], SentUpdate] = {}

    async def last(self, administration_id: str, relation_id: str) -> SentUpdate | None:
        return self._sent.get((administration_id, relation_id))

    async def record(self, administration_id: str, relation_id: str, sent: SentUpdate) -> None:
        self._sent[(administration_id, relation_id)] = sent


class FakeLinkMemory:
    def __init__(self) -> None:
        self._news: dict[str, LinkNews] = {}
        self._told: set[str] = set()
        self._keys: dict[tuple[str, int], str] = {}

    async def recall(self, administration_id: str, keys: Sequence[int]) -> tuple[RememberedLink, ...]:
        ids = [self._keys[administration_id, key] for key in keys if (administration_id, key) in self._keys]
        return tuple(self._news[link_id].link for link_id in dict.fromkeys(ids))

    async def remember(self, link: RememberedLink, keys: Sequence[int]) -> None:
        if link.id in self._news:
            return
        self._news[link.id] = LinkNews(link=link)
        overruled = {self._keys.get((link.administration_id, key)) for key in keys}
        self._keys |= {(link.administration_id, key): link.id for key in keys}
        for other in overruled - {None} - set(self._keys.values()):
            assert other is not None
            await self.forget(other, Forgotten.REPLACED)

    async def forget(self, link_id: str, why: Forgotten, *, by: str | None = None) -> None:
        news = self._news.get(link_id)
        if news is not None and news.forgotten is None:
            self._news[link_id] = replace(news, forgotten=why, forgotten_by=by)
            self._told.discard(link_id)
            self._keys = {key: owner for key, owner in self._keys.items() if owner != link_id}

    async def untold(self) -> tuple[LinkNews, ...]:
        return tuple(news for link_id, news in self._news.items() if link_id not in self._told)

    async def mark_told(self, news: LinkNews) -> None:
        if news.forgotten is not None:
            del self._news[news.link.id]
        elif self._news[news.link.id].forgotten is None:
            self._told.add(news.link.id)


def _held_by_another() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_made"))
