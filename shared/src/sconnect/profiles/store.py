"""Where profiles live: the coordination database, keys encrypted, read through a cache of parsed ones."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr, ValidationError
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.persistence import Instant, database_now_ms, reading, translate_database_errors, upsert
from sconnect.profiles.history import profile_versions_table
from sconnect.profiles.model import Profile
from sconnect.profiles.patterns import prefixes_may_meet
from sconnect.profiles.problems import Problem, ProfileConflict, ProfileOutdated
from sconnect.profiles.reader import parse_profile
from sconnect.profiles.secrets import SecretsKeyring, SecretsUnreadable

SECRET_FIELDS = (
    ("shop", "token"),
    ("shop", "partner_token"),
    ("bookkeeping", "subscription_key"),
    ("bookkeeping", "connection_key"),
)


def profiles_table(metadata: MetaData) -> Table:
    """The table `profiles` of the coordination database.

    A deleted profile keeps its row without document and keys: a version is never used twice, so that a pause
    or a cached copy of the old profile cannot be taken for the new one's.
    """
    return Table(
        "profiles",
        metadata,
        Column("name", String(64), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("document", Text),
        Column("secrets", Text),
        Column("administration_id", String(64), nullable=False),
        Column("administration_name", Text, nullable=False),
        Column("saved_at", Instant, nullable=False),
        Column("saved_by", Text, nullable=False),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class AdministrationInfo:
    """What SnelStart calls the administration that a connection key opens."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredProfile:
    """A profile and what the store knows of it; each save raises `version`, also one that changes nothing."""

    profile: Profile
    version: int
    administration_id: str
    administration_name: str
    saved_at: datetime


class ProfileStore:
    """Reads and writes profiles.

    Raises UpstreamUnavailable when the database is away, and when a profile's keys or document cannot be read
    with this process's secrets key and release: orders then wait until that is put right.
    """

    def __init__(self, engine: AsyncEngine, keyring: SecretsKeyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._table = profiles_table(MetaData())
        self._versions = profile_versions_table(MetaData())
        self._is_there = self._table.c.document.is_not(None)
        self._parsed: dict[str, StoredProfile] = {}
        # Made once: every message asks for it.
        self._version = select(self._table.c.version).where(
            self._table.c.name == bindparam("name"), self._is_there
        )

    @translate_database_errors()
    async def get(self, name: str) -> StoredProfile | None:
        """The newest version; only its number is read from the database when it was parsed before."""
        named = self._table.c.name == name
        async with reading(self._engine) as connection:
            version = await connection.scalar(self._version, {"name": name})
            known = self._parsed.get(name)
            if version is None or (known is not None and known.version == version):
                return None if version is None else known
            row = (await connection.execute(select(self._table).where(named, self._is_there))).one_or_none()
        if row is None:
            return None
        stored = self._parsed[name] = self._read(row)
        return stored

    @translate_database_errors()
    async def all(self) -> tuple[StoredProfile, ...]:
        """Every profile, by name, enabled or not; those parsed before cost a look at their version."""
        named = select(self._table.c.name, self._table.c.version).where(self._is_there)
        async with reading(self._engine) as connection:
            versions = {row.name: row.version for row in (await connection.execute(named)).all()}
            known = {name: it for name, it in self._parsed.items() if versions.get(name) == it.version}
            others = self._table.c.name.in_(versions.keys() - known.keys())
            unread = select(self._table).where(self._is_there, others)
            rows = (await connection.execute(unread)).all() if len(known) < len(versions) else ()
        self._parsed = known | {row.name: self._read(row) for row in rows}
        return tuple(self._parsed[name] for name in sorted(self._parsed))

    @translate_database_errors()
    async def save(
        self,
        profile: Profile,
        *,
        administration: AdministrationInfo,
        saved_by: str,
        over_version: int | None = None,
    ) -> StoredProfile:
        """Create the profile or replace it, and write the version down in its history.

        Raises ProfileConflict when another profile on the same administration could use the same invoice
        numbers, and ProfileOutdated when `over_version` is given (0: there is none) and not the present one.
        """
        async with self._engine.begin() as connection:
            await _keep_other_writers_out(connection)
            rows = {row.name: row for row in (await connection.execute(select(self._table))).all()}
            before = rows.get(profile.name)
            _refuse_overwriting(before, over_version)
            _refuse_conflicts(profile, administration, rows.values())
            document, secrets = take_out_secrets(profile)
            version = {
                "name": profile.name,
                "version": (before.version if before else 0) + 1,
                "document": json.dumps(document, ensure_ascii=False),
                "administration_id": administration.id,
                "administration_name": administration.name,
                "saved_by": saved_by,
            }
            await connection.execute(
                upsert(
                    self._table,
                    ["name"],
                    **version,
                    saved_at=database_now_ms(),
                    secrets=self._keyring.encrypt(json.dumps(secrets)),
                )
            )
            mine = select(self._table).where(self._table.c.name == profile.name)
            saved = (await connection.execute(mine)).one()
            changed = json.dumps(_changed_keys(self._keys_of(before), secrets))
            await connection.execute(
                insert(self._versions).values(**version, saved_at=saved.saved_at, changed_keys=changed)
            )
            return self._read(saved)

    @translate_database_errors()
    async def delete(self, name: str) -> bool:
        """Remove the profile and its keys; False when there was none."""
        named = update(self._table).where(self._table.c.name == name, self._is_there)
        async with self._engine.begin() as connection:
            result = await connection.execute(named.values(document=None, secrets=None))
        self._parsed.pop(name, None)
        return result.rowcount == 1

    def _keys_of(self, row: Row[Any] | None) -> Mapping[str, str]:
        """The keys that a profile had; none where nobody can read them any more."""
        if row is None or row.secrets is None:
            return {}
        try:
            keys: dict[str, str] = json.loads(self._keyring.decrypt(row.secrets))
        except SecretsUnreadable:
            return {}
        return keys

    def _read(self, row: Row[Any]) -> StoredProfile:
        try:
            secrets = json.loads(self._keyring.decrypt(row.secrets))
            profile = parse_profile(put_back_secrets(json.loads(row.document), secrets))
        except (SecretsUnreadable, ValidationError):
            raise _unreadable(row.name) from None
        return StoredProfile(
            profile=profile,
            version=row.version,
            administration_id=row.administration_id,
            administration_name=row.administration_name,
            saved_at=row.saved_at,
        )


def take_out_secrets(profile: Profile) -> tuple[dict[str, Any], dict[str, str]]:
    """The profile as JSON-able values without its keys, and the keys by path (`shop.token`)."""
    document = profile.model_dump(mode="json", by_alias=True)
    secrets = {}
    for section, name in SECRET_FIELDS:
        document[section].pop(name)
        secret: SecretStr | None = getattr(getattr(profile, section), name)
        if secret is not None:
            secrets[f"{section}.{name}"] = secret.get_secret_value()
    return document, secrets


def put_back_secrets(document: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """What `take_out_secrets` took apart, as one document."""
    complete = dict(document)
    for path, secret in secrets.items():
        section, _, name = path.partition(".")
        complete[section] = {**complete[section], name: secret}
    return complete


def _changed_keys(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def _refuse_overwriting(before: Row[Any] | None, over_version: int | None) -> None:
    present = before.version if before is not None and before.document else 0
    if over_version not in (None, present):
        raise ProfileOutdated


def _refuse_conflicts(profile: Profile, administration: AdministrationInfo, rows: Iterable[Row[Any]]) -> None:
    neighbours = (
        row
        for row in rows
        if row.document and row.name != profile.name and row.administration_id == administration.id
    )
    problems = tuple(
        Problem(
            field="bookings.invoice_number",
            text_key="profile.conflict",
            details={"other": row.name, "administration": administration.name},
        )
        for row in neighbours
        if prefixes_may_meet(
            profile.bookings.invoice_number, json.loads(row.document)["bookings"]["invoice_number"]
        )
    )
    if problems:
        raise ProfileConflict(problems)


async def _keep_other_writers_out(connection: AsyncConnection) -> None:
    # Two profiles saved at once must see each other; SQLite's transactions do anyway.
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE profiles IN SHARE ROW EXCLUSIVE MODE"))


def _unreadable(name: str) -> UpstreamUnavailable:
    reason = Reason(
        code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="profile_unreadable", details={"profile": name}
    )
    return UpstreamUnavailable(reason)
