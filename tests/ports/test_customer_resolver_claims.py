"""Claims on buyers, in memory and in both databases alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import MetaData, update

from customer_resolver.adapters.sql_claims import SqlClaims
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.cards import CardAddress, NewCard
from customer_resolver.ports import (
    ClaimId,
    Claims,
    HeldClaim,
    LapsedClaim,
    OpenClaim,
    OrderReference,
    SettledClaim,
)
from customer_resolver_cases import NOW
from fakes_customer_memory import FakeClaims
from sconnect.clock import ManualClock
from sconnect.errors import ConcurrentChange
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

EMAIL, ADDRESS, PHONE = 2**63 - 1, -(2**63), 7
BUYER = (EMAIL, ADDRESS)
CARD = NewCard(
    name="Jan 😀 Voorbeeld",
    email="jan@example.nl",
    address=CardAddress(
        contact="", street="Voorbeeldstraat 1", postcode="1234AB", city="Utrecht", country_code="NL"
    ),
    notes=("without.iban",),
)


def claim_id(number: int, administration_id: str = "administration-1") -> ClaimId:
    order = OrderReference(profile="voorbeeldwinkel", uuid=f"order-{number}")
    return ClaimId(administration_id=administration_id, order=order)


FIRST, SECOND, THIRD = claim_id(1), claim_id(2), claim_id(3)


@dataclass
class Counter:
    """The claims, and a way to let every lease run out."""

    claims: Claims
    expire: Callable[[], Awaitable[None]]


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def counter(request: pytest.FixtureRequest) -> AsyncIterator[Counter]:
    if request.param == "fake":
        clock = ManualClock(NOW)

        async def wait() -> None:
            clock.advance(timedelta(seconds=151))

        yield Counter(FakeClaims(clock, lease_seconds=150), wait)
        return
    url = request.getfixturevalue(f"{request.param}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    tables = resolver_tables(MetaData())

    async def expire() -> None:
        async with engine.begin() as connection:
            await connection.execute(update(tables.claims).values(held_until=NOW - timedelta(days=999)))

    yield Counter(SqlClaims(engine, tables, lease_seconds=150), expire)
    await engine.dispose()


@pytest.fixture
def claims(counter: Counter) -> Claims:
    return counter.claims


async def held(
    claims: Claims, by: ClaimId, keys: tuple[int, ...] = BUYER, *, above: int = 100, anew: bool = False
) -> HeldClaim:
    claim = await claims.take(by, keys, above=above, anew=anew)
    assert isinstance(claim, HeldClaim)
    return claim


async def lapsed(claims: Claims, by: ClaimId, keys: tuple[int, ...] = BUYER) -> LapsedClaim:
    claim = await claims.take(by, keys, above=100)
    assert isinstance(claim, LapsedClaim)
    return claim


async def settled(claims: Claims, by: ClaimId) -> SettledClaim:
    number = (await held(claims, by)).number
    await claims.settle(by, number=number, relation_id="relation-1", settled_at=NOW)
    claim = await claims.take(by, BUYER, above=100)
    assert isinstance(claim, SettledClaim)
    return claim


class TestTaking:
    async def test_a_new_claim_reserves_the_number_after_the_highest(self, claims: Claims) -> None:
        claim = await held(claims, FIRST, above=100)
        assert (claim.number, claim.sent) == (101, None)
        assert await claims.find(FIRST) == OpenClaim(id=FIRST, number=101)
        assert await claims.find(SECOND) is None

    async def test_no_number_is_reserved_twice(self, claims: Claims) -> None:
        assert (await held(claims, FIRST, (1,), above=100)).number == 101
        assert (await held(claims, SECOND, (2,), above=100)).number == 102
        assert (await held(claims, claim_id(1, "administration-2"), (1,), above=7)).number == 8
        assert (await held(claims, THIRD, (3,), above=500)).number == 501

    @pytest.mark.parametrize("keys", [BUYER, (EMAIL,), (ADDRESS, PHONE)])
    async def test_another_order_that_shares_a_key_waits(self, claims: Claims, keys: tuple[int, ...]) -> None:
        await held(claims, FIRST)
        with pytest.raises(ConcurrentChange):
            await claims.take(SECOND, keys, above=100)

    async def test_who_waits_stands_in_nobodys_way(self, claims: Claims) -> None:
        await held(claims, FIRST, (EMAIL,))
        with pytest.raises(ConcurrentChange):
            await claims.take(SECOND, (PHONE, EMAIL), above=100)
        assert (await held(claims, THIRD, (PHONE,))).number == 102

    async def test_other_administrations_are_apart(self, claims: Claims) -> None:
        await held(claims, FIRST)
        await held(claims, claim_id(2, "administration-2"))

    async def test_the_same_order_goes_on_with_what_it_sent(self, claims: Claims) -> None:
        first = await held(claims, FIRST)
        await claims.record_sent(first, CARD)
        again = await held(claims, FIRST, (EMAIL, PHONE), above=999)
        assert (again.number, again.sent) == (first.number, CARD)
        assert again.token != first.token
        with pytest.raises(ConcurrentChange):
            await claims.take(SECOND, (PHONE,), above=100)

    async def test_of_many_at_once_one_gets_it(self, claims: Claims) -> None:
        """Each shares one key with the next, in an order of its own: nobody may wait for another for ever."""
        keys = [(number, number + 1, 99) if number % 2 else (99, number + 1, number) for number in range(8)]
        outcomes = await asyncio.gather(
            *(claims.take(claim_id(number), keys[number], above=100) for number in range(8)),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, HeldClaim) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, ConcurrentChange) for outcome in outcomes) == 7

    async def test_many_at_once_get_numbers_of_their_own(self, claims: Claims) -> None:
        taken = await asyncio.gather(*(held(claims, claim_id(number), (number,)) for number in range(8)))
        assert len({claim.number for claim in taken}) == 8


class TestLapsed:
    async def test_what_was_sent_is_told_to_who_finds_it_in_the_way(self, counter: Counter) -> None:
        first = await held(counter.claims, FIRST)
        await counter.claims.record_sent(first, CARD)
        await counter.expire()
        claim = await lapsed(counter.claims, SECOND)
        assert (claim.id, claim.number, claim.sent) == (FIRST, first.number, CARD)

    async def test_a_held_one_in_the_way_comes_before_a_lapsed_one(self, counter: Counter) -> None:
        await held(counter.claims, FIRST, (EMAIL,))
        await counter.expire()
        await held(counter.claims, SECOND, (PHONE,))
        with pytest.raises(ConcurrentChange):
            await counter.claims.take(THIRD, (EMAIL, PHONE), above=100)

    async def test_an_abandoned_one_is_out_of_the_way(self, counter: Counter) -> None:
        first = await held(counter.claims, FIRST)
        await counter.expire()
        await counter.claims.abandon(await lapsed(counter.claims, SECOND))
        assert await counter.claims.find(FIRST) is None
        assert (await held(counter.claims, SECOND)).number == first.number + 1
        with pytest.raises(ConcurrentChange):
            await counter.claims.record_sent(first, CARD)

    async def test_one_whose_order_came_back_is_not_abandoned(self, counter: Counter) -> None:
        await held(counter.claims, FIRST)
        await counter.expire()
        seen = await lapsed(counter.claims, SECOND)
        await held(counter.claims, FIRST)
        await counter.claims.abandon(seen)
        with pytest.raises(ConcurrentChange):
            await counter.claims.take(SECOND, BUYER, above=100)

    async def test_one_that_turned_out_to_be_made_is_settled(self, counter: Counter) -> None:
        await counter.claims.record_sent(await held(counter.claims, FIRST), CARD)
        await counter.expire()
        seen = await lapsed(counter.claims, SECOND)
        await counter.claims.settle(FIRST, number=seen.number, relation_id="r", settled_at=NOW)
        await counter.claims.abandon(seen)
        assert isinstance(await counter.claims.find(FIRST), SettledClaim)
        await held(counter.claims, SECOND)

    async def test_it_is_lost_to_the_worker_that_had_it(self, counter: Counter) -> None:
        first = await held(counter.claims, FIRST)
        await counter.expire()
        again = await held(counter.claims, FIRST)
        with pytest.raises(ConcurrentChange):
            await counter.claims.record_sent(first, CARD)
        with pytest.raises(ConcurrentChange):
            await counter.claims.reserve_next(first, above=100)
        await counter.claims.release(first)
        with pytest.raises(ConcurrentChange):
            await counter.claims.take(SECOND, BUYER, above=100)
        await counter.claims.record_sent(again, CARD)

    async def test_writing_down_what_is_sent_holds_on_longer(self, counter: Counter) -> None:
        first = await held(counter.claims, FIRST)
        await counter.expire()
        await counter.claims.record_sent(first, CARD)
        with pytest.raises(ConcurrentChange):
            await counter.claims.take(SECOND, BUYER, above=100)


class TestReleased:
    async def test_with_nothing_sent_its_keys_are_free(self, claims: Claims) -> None:
        first = await held(claims, FIRST)
        await claims.release(first)
        assert (await held(claims, SECOND)).number == first.number + 1

    async def test_with_something_sent_it_is_in_the_way_as_a_lapsed_one(self, claims: Claims) -> None:
        await claims.release(await claims.record_sent(await held(claims, FIRST), CARD))
        assert (await lapsed(claims, SECOND)).sent == CARD

    async def test_its_order_goes_on_with_the_number(self, claims: Claims) -> None:
        first = await held(claims, FIRST)
        await claims.release(first)
        assert (await held(claims, FIRST)).number == first.number


class TestNumbers:
    async def test_the_next_number_has_nothing_sent_under_it(self, claims: Claims) -> None:
        first = await claims.record_sent(await held(claims, FIRST, (1,)), CARD)
        assert first.sent == CARD
        await held(claims, SECOND, (2,))
        following = await claims.reserve_next(first, above=100)
        assert (following.number, following.sent) == (103, None)
        assert (await claims.reserve_next(following, above=500)).number == 501
        assert (await held(claims, FIRST, (1,))).sent is None

    async def test_what_can_have_made_nothing_is_forgotten(self, claims: Claims) -> None:
        first = await held(claims, FIRST)
        await claims.record_sent(first, CARD)
        await claims.record_sent(first, None)
        assert (await held(claims, FIRST)).sent is None


class TestSettled:
    async def test_it_tells_its_order_the_relation_and_frees_the_keys(self, claims: Claims) -> None:
        expected = SettledClaim(id=FIRST, relation_id="relation-1", settled_at=NOW)
        assert await settled(claims, FIRST) == expected
        assert await claims.find(FIRST) == expected
        await held(claims, SECOND)

    async def test_under_its_own_number_only_and_once(self, claims: Claims) -> None:
        claim = await held(claims, FIRST)
        await claims.settle(FIRST, number=claim.number + 1, relation_id="another", settled_at=NOW)
        assert isinstance(await claims.find(FIRST), OpenClaim)
        await claims.settle(FIRST, number=claim.number, relation_id="relation-1", settled_at=NOW)
        await claims.settle(FIRST, number=claim.number, relation_id="another", settled_at=NOW)
        found = await claims.find(FIRST)
        assert isinstance(found, SettledClaim)
        assert found.relation_id == "relation-1"
        await claims.settle(SECOND, number=1, relation_id="another", settled_at=NOW)
        assert await claims.find(SECOND) is None

    async def test_it_cannot_be_written_to(self, claims: Claims) -> None:
        claim = await held(claims, FIRST)
        await claims.settle(FIRST, number=claim.number, relation_id="relation-1", settled_at=NOW)
        with pytest.raises(ConcurrentChange):
            await claims.record_sent(claim, CARD)

    async def test_its_order_may_start_anew(self, claims: Claims) -> None:
        await settled(claims, FIRST)
        again = await held(claims, FIRST, anew=True)
        assert (again.number, again.sent) == (102, None)
        await claims.record_sent(again, CARD)
        with pytest.raises(ConcurrentChange):
            await claims.take(SECOND, BUYER, above=100)
