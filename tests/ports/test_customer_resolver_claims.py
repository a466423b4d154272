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
from customer_resolver.ports import ClaimKey, Claims, HeldClaim, OpenClaim, OrderReference, SettledClaim
from customer_resolver_cases import NOW
from fakes_customer_resolver import FakeClaims
from sconnect.clock import ManualClock
from sconnect.errors import ConcurrentChange
from sconnect.persistence import create_engine, migrate

KEY = ClaimKey(administration_id="administration-1", value="email:1")
OTHER_KEY = ClaimKey(administration_id="administration-1", value="email:2")
FIRST = OrderReference(profile="voorbeeldwinkel", uuid="order-1")
SECOND = OrderReference(profile="voorbeeldwinkel", uuid="order-2")
CARD = NewCard(
    name="Jan 😀 Voorbeeld",
    email="jan@example.nl",
    address=CardAddress(
        contact="", street="Voorbeeldstraat 1", postcode="1234AB", city="Utrecht", country_code="NL"
    ),
    notes=("without.iban",),
)


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


async def held(claims: Claims, order: OrderReference, key: ClaimKey = KEY, above: int = 100) -> HeldClaim:
    claim = await claims.take(key, order, above=above)
    assert isinstance(claim, HeldClaim)
    return claim


async def settled(claims: Claims, order: OrderReference) -> SettledClaim:
    number = (await held(claims, order)).number
    await claims.settle(KEY, number=number, relation_id="relation-1", settled_at=NOW)
    claim = await claims.take(KEY, order, above=100)
    assert isinstance(claim, SettledClaim)
    return claim


async def test_a_new_claim_reserves_the_number_after_the_highest(claims: Claims) -> None:
    claim = await held(claims, FIRST, above=100)
    assert (claim.number, claim.sent) == (101, None)
    assert await claims.find(KEY) == OpenClaim(order=FIRST, number=101)
    assert await claims.find(OTHER_KEY) is None


async def test_no_number_is_reserved_twice(claims: Claims) -> None:
    assert (await held(claims, FIRST, above=100)).number == 101
    assert (await held(claims, SECOND, OTHER_KEY, above=100)).number == 102
    elsewhere = ClaimKey(administration_id="administration-2", value="email:1")
    assert (await held(claims, SECOND, elsewhere, above=7)).number == 8
    third = ClaimKey(administration_id="administration-1", value="email:3")
    assert (await held(claims, SECOND, third, above=500)).number == 501


async def test_another_order_waits(claims: Claims) -> None:
    await held(claims, FIRST)
    with pytest.raises(ConcurrentChange):
        await claims.take(KEY, SECOND, above=100)


async def test_the_same_order_goes_on_with_what_it_sent(claims: Claims) -> None:
    first = await held(claims, FIRST)
    await claims.record_sent(first, CARD)
    again = await held(claims, FIRST, above=999)
    assert (again.number, again.sent) == (first.number, CARD)
    assert again.token != first.token


async def test_another_order_takes_over_when_the_lease_is_over(counter: Counter) -> None:
    first = await held(counter.claims, FIRST)
    await counter.claims.record_sent(first, CARD)
    await counter.expire()
    second = await held(counter.claims, SECOND)
    assert (second.number, second.sent) == (first.number, CARD)
    assert await counter.claims.find(KEY) == OpenClaim(order=SECOND, number=first.number)


async def test_or_when_it_was_released(claims: Claims) -> None:
    await claims.release(await held(claims, FIRST))
    assert (await held(claims, SECOND)).number == 101


async def test_what_was_taken_over_is_lost_to_the_first(counter: Counter) -> None:
    first = await held(counter.claims, FIRST)
    await counter.expire()
    second = await held(counter.claims, SECOND)
    with pytest.raises(ConcurrentChange):
        await counter.claims.record_sent(first, CARD)
    with pytest.raises(ConcurrentChange):
        await counter.claims.reserve_next(first, above=100)
    await counter.claims.release(first)
    with pytest.raises(ConcurrentChange):
        await counter.claims.take(KEY, FIRST, above=100)
    await counter.claims.record_sent(second, CARD)


async def test_writing_down_what_is_sent_holds_on_longer(counter: Counter) -> None:
    first = await held(counter.claims, FIRST)
    await counter.expire()
    await counter.claims.record_sent(first, CARD)
    with pytest.raises(ConcurrentChange):
        await counter.claims.take(KEY, SECOND, above=100)


async def test_the_next_number_has_nothing_sent_under_it(claims: Claims) -> None:
    first = await claims.record_sent(await held(claims, FIRST), CARD)
    assert first.sent == CARD
    await held(claims, SECOND, OTHER_KEY)
    following = await claims.reserve_next(first, above=100)
    assert (following.number, following.sent) == (103, None)
    assert (await claims.reserve_next(following, above=500)).number == 501
    assert (await held(claims, FIRST)).sent is None


async def test_what_can_have_made_nothing_is_forgotten(claims: Claims) -> None:
    first = await held(claims, FIRST)
    await claims.record_sent(first, CARD)
    await claims.record_sent(first, None)
    assert (await held(claims, FIRST)).sent is None


async def test_a_settled_claim_tells_every_order_the_relation(claims: Claims) -> None:
    claim = await settled(claims, FIRST)
    expected = SettledClaim(key=KEY, relation_id="relation-1", order=FIRST, settled_at=NOW)
    assert claim == expected
    assert await claims.find(KEY) == expected
    assert await claims.take(KEY, SECOND, above=100) == expected


async def test_is_settled_under_its_own_number_only_and_once(claims: Claims) -> None:
    claim = await held(claims, FIRST)
    await claims.settle(KEY, number=claim.number + 1, relation_id="another", settled_at=NOW)
    assert isinstance(await claims.find(KEY), OpenClaim)
    await claims.settle(KEY, number=claim.number, relation_id="relation-1", settled_at=NOW)
    await claims.settle(KEY, number=claim.number, relation_id="another", settled_at=NOW)
    found = await claims.find(KEY)
    assert isinstance(found, SettledClaim)
    assert found.relation_id == "relation-1"
    await claims.settle(OTHER_KEY, number=1, relation_id="another", settled_at=NOW)
    assert await claims.find(OTHER_KEY) is None


async def test_a_settled_claim_cannot_be_written_to(claims: Claims) -> None:
    claim = await held(claims, FIRST)
    await claims.settle(KEY, number=claim.number, relation_id="relation-1", settled_at=NOW)
    with pytest.raises(ConcurrentChange):
        await claims.record_sent(claim, CARD)


async def test_a_settled_claim_is_restarted_once(claims: Claims) -> None:
    done = await settled(claims, FIRST)
    again = await claims.restart(done, SECOND, above=100)
    assert (again.number, again.sent) == (102, None)
    with pytest.raises(ConcurrentChange):
        await claims.restart(done, FIRST, above=100)
    await claims.record_sent(again, CARD)


async def test_of_many_at_once_one_gets_it(claims: Claims) -> None:
    orders = [OrderReference(profile="voorbeeldwinkel", uuid=f"order-{number}") for number in range(8)]
    outcomes = await asyncio.gather(
        *(claims.take(KEY, order, above=100) for order in orders), return_exceptions=True
    )
    assert sum(isinstance(outcome, HeldClaim) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ConcurrentChange) for outcome in outcomes) == 7


async def test_many_at_once_get_numbers_of_their_own(claims: Claims) -> None:
    keys = [ClaimKey(administration_id="administration-1", value=f"email:{number}") for number in range(8)]
    taken = await asyncio.gather(*(held(claims, FIRST, key) for key in keys))
    assert len({claim.number for claim in taken}) == 8
