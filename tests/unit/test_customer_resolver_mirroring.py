"""When and how the mirror of the relations is read."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from customer_resolver.handlers.administrations import Administration, Administrations
from customer_resolver.handlers.mirroring import full_read_is_due
from customer_resolver.handlers.nightly import NightlyReads
from customer_resolver_cases import NOW, World, relation
from factories import stored_profile
from fakes_customer_resolver import FakeDirectory
from sconnect.errors import ConcurrentChange, DatabaseUnavailable, Reason, ReasonCode, UpstreamUnavailable
from sconnect.profiles import StoredProfile

JAN = relation(10412, emails=("jan@example.nl",))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def books(world: World) -> Administration:
    return Administration(id="administration-1", directory=world.directory)


class TestFullReadIsDue:
    @pytest.mark.parametrize(
        ("last", "now", "expected"),
        [
            # 03:00 in the Netherlands is 02:00 UTC in winter and 01:00 UTC in summer.
            (None, "2026-01-05T12:00", True),
            ("2026-01-05T01:59", "2026-01-05T02:00", True),
            ("2026-01-05T02:00", "2026-01-05T12:00", False),
            ("2026-01-04T02:30", "2026-01-05T01:59", False),
            ("2026-07-05T00:59", "2026-07-05T01:00", True),
            ("2026-07-05T01:01", "2026-07-05T23:00", False),
            ("2026-01-01T12:00", "2026-01-05T01:00", True),
        ],
    )
    def test_once_the_nights_hour_has_passed(self, last: str | None, now: str, expected: bool) -> None:
        since = None if last is None else datetime.fromisoformat(last).replace(tzinfo=UTC)
        assert full_read_is_due(since, datetime.fromisoformat(now).replace(tzinfo=UTC), hour=3) is expected


class TestFullRead:
    async def test_reads_every_page_once(self, world: World, books: Administration) -> None:
        for number in range(1, 11):
            world.directory.add(relation(number))
        await world.keeper().read_all_if_due(books)
        assert await world.mirror.highest_number("administration-1") == 10
        assert world.directory.calls == ["all"]
        assert world.leases.held == {}

    async def test_comes_once_a_night(self, world: World, books: Administration) -> None:
        keeper = world.keeper()
        for hours in (0, 1, 14, 1, 8):
            world.clock.advance(timedelta(hours=hours))
            await keeper.read_all_if_due(books)
        assert world.directory.calls == ["all", "all"]

    async def test_forgets_what_two_complete_reads_do_not_show(
        self, world: World, books: Administration
    ) -> None:
        world.directory.add(JAN)
        world.directory.add(relation(1))
        keeper = world.keeper()
        await keeper.read_all_if_due(books)
        world.directory.remove(JAN.relation_id)
        world.clock.advance(timedelta(days=1))
        await keeper.read_all_if_due(books)
        assert await world.mirror.find_by_number("administration-1", 10412) is None
        assert await world.mirror.find_by_number("administration-1", 1) is not None
        assert world.directory.calls == ["all", "all", "all"]

    async def test_keeps_what_only_slipped_between_two_pages(
        self, world: World, books: Administration
    ) -> None:
        world.directory.add(JAN)
        await world.keeper().read_all_if_due(books)
        world.clock.advance(timedelta(days=1))
        world.directory.hidden_for_reads = {JAN.relation_id: 1}
        await world.keeper().read_all_if_due(books)
        assert await world.mirror.find_by_number("administration-1", 10412) is not None

    async def test_keeps_a_card_that_was_made_while_it_read(
        self, world: World, books: Administration
    ) -> None:
        world.directory.add(relation(1))
        await world.keeper().read_all_if_due(books)
        world.clock.advance(timedelta(days=1))
        world.directory.before_page = lambda: world.mirror.save("administration-1", [JAN])
        await world.keeper().read_all_if_due(books)
        assert await world.mirror.find_by_id("administration-1", JAN.relation_id) == JAN

    async def test_stops_when_its_lease_was_lost(self, world: World, books: Administration) -> None:
        world.directory.add(JAN)

        async def lose_lease() -> None:
            world.leases.held = {"mirror-full:administration-1": "somebody else's"}

        world.directory.before_page = lose_lease
        with pytest.raises(ConcurrentChange):
            await world.keeper().read_all_if_due(books)
        assert (await world.mirror.freshness("administration-1")).full_read_at is None

    async def test_is_one_processs_work(self, world: World, books: Administration) -> None:
        world.leases.held = {"mirror-full:administration-1": "somebody else's"}
        with pytest.raises(ConcurrentChange):
            await world.keeper().read_all_if_due(books)
        assert world.directory.calls == []


class TestFirstRead:
    async def test_is_shared_by_the_orders_that_need_it(self, world: World, books: Administration) -> None:
        world.directory.add(JAN)
        keeper = world.keeper()
        await asyncio.gather(*(keeper.ensure_recent(books) for _ in range(4)))
        assert world.directory.calls == ["all"]

    async def test_outlives_the_order_that_asked_for_it(self, world: World, books: Administration) -> None:
        world.directory.add(JAN)
        may_go_on = asyncio.Event()
        world.directory.before_page = may_go_on.wait  # type: ignore[assignment]
        keeper = world.keeper(first_read_wait_seconds=0.01)
        with pytest.raises(ConcurrentChange):
            await keeper.ensure_recent(books)
        may_go_on.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*keeper._work.values())
        assert (await world.mirror.freshness("administration-1")).full_read_at == NOW
        assert world.directory.calls == ["all"]

    async def test_that_fails_is_told_and_tried_again(self, world: World, books: Administration) -> None:
        world.directory.add(JAN)
        world.directory.before_page = _unreachable
        keeper = world.keeper()
        with pytest.raises(UpstreamUnavailable):
            await keeper.ensure_recent(books)
        world.directory.before_page = FakeDirectory(world.clock).before_page
        await keeper.ensure_recent(books)
        assert await world.mirror.highest_number("administration-1") == 10412

    async def test_is_stopped_with_the_service(self, world: World, books: Administration) -> None:
        world.directory.add(JAN)
        world.directory.before_page = asyncio.Event().wait  # type: ignore[assignment]
        keeper = world.keeper(first_read_wait_seconds=0.01)
        with pytest.raises(ConcurrentChange):
            await keeper.ensure_recent(books)
        await keeper.close()
        assert world.leases.held == {}

    async def test_and_the_nights_are_one_read(self, world: World, books: Administration) -> None:
        world.directory.add(JAN)
        keeper = world.keeper()
        await asyncio.gather(keeper.read_all_if_due(books), keeper.ensure_recent(books))
        assert world.directory.calls == ["all"]


class TestDeltas:
    async def test_reads_what_changed_since_three_hours_before_the_last_read(
        self, world: World, books: Administration
    ) -> None:
        keeper = world.keeper()
        await keeper.read_all_if_due(books)
        world.clock.advance(timedelta(hours=-2, minutes=-59))
        world.directory.add(JAN)
        world.clock.advance(timedelta(minutes=-2))
        world.directory.add(relation(1))
        world.clock._now = NOW + timedelta(minutes=6)
        await keeper.ensure_recent(books)
        assert await world.mirror.highest_number("administration-1") == 10412
        assert await world.mirror.find_by_number("administration-1", 1) is None

    async def test_that_a_colleague_reads_is_not_read_twice(
        self, world: World, books: Administration
    ) -> None:
        await world.keeper().read_all_if_due(books)
        world.clock.advance(timedelta(minutes=6))
        world.leases.held = {"mirror-delta:administration-1": "somebody else's"}
        await world.keeper().ensure_recent(books)
        assert world.directory.calls == ["all"]

    async def test_that_fails_leaves_the_mirror_as_old_as_it_was(
        self, world: World, books: Administration
    ) -> None:
        await world.keeper().read_all_if_due(books)
        world.clock.advance(timedelta(minutes=6))
        world.directory.add(JAN)
        world.directory.before_page = _unreachable
        with pytest.raises(UpstreamUnavailable):
            await world.keeper().ensure_recent(books)
        assert (await world.mirror.freshness("administration-1")).read_at == NOW
        assert world.leases.held == {}


class TestRefreshes:
    async def test_read_the_overlap_of_a_delta(self, world: World, books: Administration) -> None:
        keeper = world.keeper()
        await keeper.read_all_if_due(books)
        world.directory.add(JAN)
        await keeper.refresh(books)
        assert await world.mirror.highest_number("administration-1") == 10412
        assert world.directory.calls == ["all", "delta"]

    async def test_begin_two_minutes_before_the_last_card(self, world: World, books: Administration) -> None:
        keeper = world.keeper()
        await keeper.read_all_if_due(books)
        for number in range(1, 8):
            world.directory.add(relation(number))
            world.clock.advance(timedelta(minutes=1))
        await world.mirror.note_card_made("administration-1", world.clock.now())
        world.directory.add(JAN)
        await keeper.refresh(books)
        assert world.directory.rows_read == 3
        assert await world.mirror.highest_number("administration-1") == 10412

    async def test_begin_at_the_last_delta_when_the_last_card_is_long_ago(
        self, world: World, books: Administration
    ) -> None:
        keeper = world.keeper()
        await keeper.read_all_if_due(books)
        await world.mirror.note_card_made("administration-1", NOW - timedelta(days=90))
        world.clock.advance(timedelta(hours=-4))
        world.directory.add(JAN)
        world.clock.advance(timedelta(hours=4))
        await keeper.refresh(books)
        assert world.directory.rows_read == 0

    async def test_do_not_make_an_old_mirror_look_young(self, world: World, books: Administration) -> None:
        keeper = world.keeper()
        await keeper.read_all_if_due(books)
        world.clock.advance(timedelta(minutes=6))
        await keeper.refresh(books)
        assert (await world.mirror.freshness("administration-1")).read_at == NOW


class TestNightlyReads:
    async def test_reads_each_enabled_profile_and_survives_one_that_fails(self, world: World) -> None:
        broken = stored_profile(name="kapot", administration_id="administration-9")
        switched_off = stored_profile(name="uit", enabled=False, administration_id="administration-8")
        nightly = NightlyReads(
            profiles=_Profiles(broken, switched_off, stored_profile()),
            administrations=Administrations(lambda _: world.directory),
            keeper=world.keeper(),
            clock=world.clock,
            check_interval_seconds=60,
        )
        await nightly.read_what_is_due()
        assert world.directory.calls == ["administration_id", "administration_id", "all"]
        assert (await world.mirror.freshness("administration-1")).full_read_at == NOW

    async def test_survives_a_database_that_is_away(self, world: World) -> None:
        nightly = NightlyReads(
            profiles=_ProfilesAway(),
            administrations=Administrations(lambda _: world.directory),
            keeper=world.keeper(),
            clock=world.clock,
            check_interval_seconds=60,
        )
        await nightly.read_what_is_due()
        assert world.directory.calls == []


class _Profiles:
    def __init__(self, *profiles: StoredProfile) -> None:
        self._profiles = profiles

    async def all(self) -> tuple[StoredProfile, ...]:
        return self._profiles


class _ProfilesAway:
    async def all(self) -> tuple[StoredProfile, ...]:
        raise DatabaseUnavailable


async def _unreachable() -> None:
    raise UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="no_connection"))
