"""The store of profiles, on both databases."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import Column, MetaData, Table, Text, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from factories import merged, profile
from migrated_tables import differences_from_migrations
from sconnect.errors import ReasonCode, UpstreamUnavailable
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import (
    AdministrationInfo,
    Profile,
    ProfileConflict,
    ProfileHistory,
    ProfileOutdated,
    ProfileStore,
    SecretsKeyring,
    new_secrets_key,
)
from sconnect.profiles.history import profile_versions_table
from sconnect.profiles.store import SECRET_FIELDS, profiles_table

SHOP_BOOKS = AdministrationInfo(id="administration-1", name="Voorbeeld Speelgoed")
OTHER_BOOKS = AdministrationInfo(id="administration-2", name="Voorbeeld Tuin")
KEY = new_secrets_key()


@pytest.fixture
async def coordination(database_url: str, database_engine: AsyncEngine) -> AsyncEngine:
    await asyncio.to_thread(migrate, database_url, "sconnect.profiles")
    return database_engine


@pytest.fixture
async def store(coordination: AsyncEngine) -> ProfileStore:
    return ProfileStore(coordination, SecretsKeyring([KEY]))


@pytest.fixture
async def second_store(coordination: AsyncEngine, database_url: str) -> AsyncIterator[ProfileStore]:
    """The store of another process."""
    engine = create_engine(database_url)
    yield ProfileStore(engine, SecretsKeyring([KEY]))
    await engine.dispose()


async def everything_stored(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT * FROM profiles"))
        return json.dumps([list(row) for row in rows])


def numbered(name: str, invoice_number: str) -> Profile:
    return profile(name=name, bookings={"invoice_number": invoice_number})


async def test_a_profile_comes_back_as_it_was_saved(store: ProfileStore, second_store: ProfileStore) -> None:
    whole = profile(
        shop={"partner_token": "partner-token", "order_statuses": "all"},
        customers={"collective_debtor": {"for": "no_email", "number": 10000}},
        bookings={
            "rounding_tolerance": "0.10",
            "gift_card_skus": ["GIFT"],
            "ledgers": {
                "revenue": {"oss": {"SR": 8177}},
                "refinements": [{"kind": "revenue", "sku": "BOEK-*", "nl_low": 8111}],
            },
        },
    )
    saved = await store.save(whole, administration=SHOP_BOOKS, saved_by="a person")
    read = await second_store.get(whole.name)
    assert read == saved
    assert saved.profile == whole
    assert (saved.version, saved.administration_id, saved.administration_name) == (
        1,
        "administration-1",
        "Voorbeeld Speelgoed",
    )


async def test_an_unknown_profile_is_none(store: ProfileStore) -> None:
    assert await store.get("unknown") is None
    assert await store.all() == ()
    assert not await store.delete("unknown")


async def test_another_process_sees_each_new_version(store: ProfileStore, second_store: ProfileStore) -> None:
    for start in (1, 2):
        await store.save(profile(shop={"start_order_number": start}), administration=SHOP_BOOKS, saved_by="x")
        read = await second_store.get("voorbeeldwinkel")
        assert read is not None
        assert (read.version, read.profile.shop.start_order_number) == (start, start)


async def test_a_version_that_was_read_before_is_not_read_again(
    store: ProfileStore, coordination: AsyncEngine
) -> None:
    await store.save(profile(), administration=SHOP_BOOKS, saved_by="x")
    first = await store.get("voorbeeldwinkel")
    async with coordination.begin() as connection:
        await connection.execute(text("UPDATE profiles SET secrets = 'no longer readable'"))
    assert await store.get("voorbeeldwinkel") is first


async def test_a_deleted_profile_leaves_no_keys_and_its_versions_are_not_used_again(
    store: ProfileStore, second_store: ProfileStore, coordination: AsyncEngine
) -> None:
    await store.save(profile(), administration=SHOP_BOOKS, saved_by="x")
    assert await second_store.get("voorbeeldwinkel") is not None
    assert await store.delete("voorbeeldwinkel")
    assert await second_store.get("voorbeeldwinkel") is None
    assert await store.all() == ()
    assert '"secrets"' not in await everything_stored(coordination)
    again = await store.save(profile(), administration=OTHER_BOOKS, saved_by="x")
    assert again.version == 2
    read = await second_store.get("voorbeeldwinkel")
    assert read is not None
    assert read.administration_id == "administration-2"


async def test_profiles_are_listed_by_name(store: ProfileStore) -> None:
    for name in ("b", "a", "c"):
        await store.save(
            numbered(name, name + "{order_number}"), administration=SHOP_BOOKS, saved_by="a person"
        )
    assert [stored.profile.name for stored in await store.all()] == ["a", "b", "c"]


async def test_a_list_reads_again_what_changed_and_nothing_else(
    store: ProfileStore, second_store: ProfileStore, coordination: AsyncEngine
) -> None:
    for name in ("a", "b", "c"):
        await store.save(numbered(name, name + "{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    first = await second_store.all()
    async with coordination.begin() as connection:
        await connection.execute(text("UPDATE profiles SET secrets = 'no longer readable' WHERE name = 'a'"))
    await store.save(numbered("b", "new-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    await store.delete("c")
    kept, renewed = await second_store.all()
    assert kept is first[0]
    assert (renewed.profile.name, renewed.version) == ("b", 2)


async def test_secrets_are_never_stored_or_logged_in_clear(
    store: ProfileStore,
    second_store: ProfileStore,
    coordination: AsyncEngine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    changes: dict[str, dict[str, str]] = {}
    for section, name in SECRET_FIELDS:
        changes = merged(changes, {section: {name: f"hunter2-{section}-{name}"}})
    saved = await store.save(profile(**changes), administration=SHOP_BOOKS, saved_by="a person")
    read = await second_store.get("voorbeeldwinkel")
    assert "hunter2" not in await everything_stored(coordination)
    assert "hunter2" not in f"{saved!r} {read!r} {second_store.__dict__!r}"
    assert "hunter2" not in caplog.text
    assert saved.profile.bookkeeping.connection_key.get_secret_value() == "hunter2-bookkeeping-connection_key"


def test_every_secret_of_the_schema_is_known_to_the_store() -> None:
    whole = profile(shop={"partner_token": "partner-token"})
    sections = [(name, section) for name, section in whole if isinstance(section, BaseModel)]
    secrets = {
        (name, field)
        for name, section in sections
        for field, value in section
        if isinstance(value, SecretStr)
    }
    assert len(sections) == 5
    assert secrets == set(SECRET_FIELDS)


async def test_a_key_can_be_replaced_step_by_step(store: ProfileStore, coordination: AsyncEngine) -> None:
    await store.save(profile(), administration=SHOP_BOOKS, saved_by="x")
    new_key = new_secrets_key()
    both = ProfileStore(coordination, SecretsKeyring([new_key, KEY]))
    read = await both.get("voorbeeldwinkel")
    assert read is not None
    await both.save(read.profile, administration=SHOP_BOOKS, saved_by="x")
    assert await ProfileStore(coordination, SecretsKeyring([new_key])).get("voorbeeldwinkel") is not None


async def test_with_another_key_orders_wait_and_the_sentence_says_why(
    store: ProfileStore, coordination: AsyncEngine
) -> None:
    await store.save(profile(), administration=SHOP_BOOKS, saved_by="x")
    stranger = ProfileStore(coordination, SecretsKeyring([new_secrets_key()]))
    with pytest.raises(UpstreamUnavailable) as trouble:
        await stranger.get("voorbeeldwinkel")
    assert trouble.value.reason.code is ReasonCode.UPSTREAM_UNAVAILABLE
    assert trouble.value.reason.details == {"profile": "voorbeeldwinkel"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{order_number}", "{order_number}"),
        ("{order_number}", "B-{order_number}"),
        ("A-{order_number}", "{order_number}"),
        ("A-{order_number}", "A-{order_number}"),
        ("A-{order_number}", "a-{order_number}"),
        ("A-{order_number}", "A-B{order_number}"),
    ],
)
async def test_profiles_that_could_meet_in_one_administration_are_refused(
    store: ProfileStore, first: str, second: str
) -> None:
    await store.save(numbered("one", first), administration=SHOP_BOOKS, saved_by="x")
    with pytest.raises(ProfileConflict) as refusal:
        await store.save(numbered("two", second), administration=SHOP_BOOKS, saved_by="x")
    (problem,) = refusal.value.problems
    assert problem.field == "bookings.invoice_number"
    assert "one" in problem.sentence("nl")
    assert "Voorbeeld Speelgoed" in problem.sentence("en")
    assert [stored.profile.name for stored in await store.all()] == ["one"]


async def test_profiles_that_cannot_meet_are_taken(store: ProfileStore) -> None:
    await store.save(numbered("one", "A-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    await store.save(numbered("two", "B-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    await store.save(numbered("three", "A-{order_number}"), administration=OTHER_BOOKS, saved_by="x")
    await store.save(numbered("one", "A-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    await store.delete("one")
    await store.save(numbered("four", "A-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    assert len(await store.all()) == 3


async def test_of_two_conflicting_profiles_saved_at_once_one_is_refused(
    store: ProfileStore, second_store: ProfileStore
) -> None:
    rivals = ((store, "one"), (second_store, "two"), (store, "three"), (second_store, "four"))
    saves = [
        rival.save(numbered(name, "{order_number}"), administration=SHOP_BOOKS, saved_by="x")
        for rival, name in rivals
    ]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    assert len([outcome for outcome in outcomes if isinstance(outcome, ProfileConflict)]) == 3
    assert len(await store.all()) == 1


async def test_a_refused_save_is_not_in_the_cache(store: ProfileStore) -> None:
    await store.save(numbered("one", "A-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    await store.save(numbered("two", "B-{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    with pytest.raises(ProfileConflict):
        await store.save(numbered("two", "{order_number}"), administration=SHOP_BOOKS, saved_by="x")
    read = await store.get("two")
    assert read is not None
    assert (read.version, read.profile.bookings.invoice_number) == (1, "B-{order_number}")


async def test_a_database_without_tables_is_a_bug_and_not_a_wait(database_engine: AsyncEngine) -> None:
    store = ProfileStore(database_engine, SecretsKeyring([KEY]))
    with pytest.raises(DBAPIError, match="profiles"):
        await store.get("voorbeeldwinkel")


async def test_a_database_that_is_away_makes_orders_wait() -> None:
    engine = create_engine("postgresql+psycopg://connector:made-up@127.0.0.1:1/nothing")
    try:
        with pytest.raises(UpstreamUnavailable) as trouble:
            await ProfileStore(engine, SecretsKeyring([KEY])).get("voorbeeldwinkel")
    finally:
        await engine.dispose()
    assert trouble.value.reason.variant == "database"


async def test_the_migrations_make_the_tables_that_the_code_uses(coordination: AsyncEngine) -> None:
    metadata = MetaData()
    profiles_table(metadata)
    profile_versions_table(metadata)
    assert await differences_from_migrations(coordination, "sconnect.profiles", metadata) == []
    Table("forgotten", metadata, Column("name", Text))
    assert await differences_from_migrations(coordination, "sconnect.profiles", metadata) != []


async def test_every_version_is_written_down_with_who_and_when_and_never_with_its_keys(
    store: ProfileStore, coordination: AsyncEngine
) -> None:
    history = ProfileHistory(coordination)
    await store.save(profile(), administration=SHOP_BOOKS, saved_by="anne")
    rekeyed = profile(shop={"token": "hunter2"}, planning={"interval": "1h"})
    saved = await store.save(rekeyed, administration=OTHER_BOOKS, saved_by="bert")
    await store.delete("voorbeeldwinkel")
    await store.save(rekeyed, administration=OTHER_BOOKS, saved_by="cor")

    third, second, first = await history.versions("voorbeeldwinkel", at_most=10)
    assert [(each.version, each.saved_by) for each in (first, second, third)] == [
        (1, "anne"),
        (2, "bert"),
        (3, "cor"),
    ]
    assert second.saved_at == saved.saved_at
    assert second.administration_name == "Voorbeeld Tuin"
    assert second.document["planning"]["interval"] == "1h"
    assert first.changed_keys == (
        "bookkeeping.connection_key",
        "bookkeeping.subscription_key",
        "shop.token",
    )
    assert second.changed_keys == ("shop.token",)
    async with coordination.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM profile_versions"))).all()
    assert "hunter2" not in repr(rows)
    assert "token-of" not in repr(rows)


async def test_history_is_read_in_parts(store: ProfileStore, coordination: AsyncEngine) -> None:
    history = ProfileHistory(coordination)
    for _ in range(5):
        await store.save(profile(), administration=SHOP_BOOKS, saved_by="x")
    newest = await history.versions("voorbeeldwinkel", at_most=2)
    older = await history.versions("voorbeeldwinkel", before=newest[-1].version, at_most=10)
    assert [each.version for each in (*newest, *older)] == [5, 4, 3, 2, 1]
    assert (await history.version("voorbeeldwinkel", 3)) == older[0]
    assert await history.version("voorbeeldwinkel", 6) is None
    assert await history.versions("unknown", at_most=10) == ()


async def test_of_two_who_change_the_same_version_the_second_is_refused(
    store: ProfileStore, second_store: ProfileStore
) -> None:
    first = await store.save(profile(), administration=SHOP_BOOKS, saved_by="x", over_version=0)
    outcomes = await asyncio.gather(
        *(
            rival.save(profile(), administration=SHOP_BOOKS, saved_by="x", over_version=first.version)
            for rival in (store, second_store)
        ),
        return_exceptions=True,
    )
    assert len([outcome for outcome in outcomes if isinstance(outcome, ProfileOutdated)]) == 1
    with pytest.raises(ProfileOutdated):
        await store.save(profile(), administration=SHOP_BOOKS, saved_by="x", over_version=0)
    await store.delete("voorbeeldwinkel")
    again = await store.save(profile(), administration=SHOP_BOOKS, saved_by="x", over_version=0)
    assert again.version == 3


async def test_what_was_saved_before_there_was_a_history_begins_it(
    database_url: str, database_engine: AsyncEngine
) -> None:
    await asyncio.to_thread(migrate, database_url, "sconnect.profiles", "0001")
    row = "'old', 7, '{\"name\": \"old\"}', 'x', 'id', 'Voorbeeld', 1000, 'anne'"
    async with database_engine.begin() as connection:
        await connection.execute(text(f"INSERT INTO profiles VALUES ({row})"))
    await asyncio.to_thread(migrate, database_url, "sconnect.profiles")
    (version,) = await ProfileHistory(database_engine).versions("old", at_most=10)
    assert (version.version, version.saved_by, version.document) == (7, "anne", {"name": "old"})
