"""Whether a profile can be served at this stage: its pauses, their probes, and its run of dead letters."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.clock import Clock
from sconnect.errors import ProfileUnavailable, Reason, ReasonCode
from sconnect.persistence import (
    database_now_ms,
    execute_alone,
    insert_if_absent,
    reading,
    translate_database_errors,
)
from sconnect.profiles import StoredProfile
from sconnect.stage.tables import StageTables

DEAD_LETTERS_IN_A_ROW_MAX = 20
PROBE_INTERVAL_SECONDS = 60
PAUSED_WAIT_SECONDS = 600
# Orders that went to their wait while the pause ended come in after the first look at the wait queue.
CALL_BACK_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class PausedProfile:
    """A profile that is paused at this stage since this version of its settings."""

    name: str
    reason: Reason
    version: int
    probe_is_due: bool


DISABLED = Reason(code=ReasonCode.PROFILE_PAUSED, variant="disabled")


class ProfileHealth:
    """Pauses a profile at this stage and lets it resume by itself.

    A pause ends when a probe succeeds (see sconnect.stage.probing) or when the profile is saved anew; then
    its waiting orders are called back for a minute.
    """

    def __init__(self, engine: AsyncEngine, tables: StageTables, *, clock: Clock) -> None:
        self._engine = engine
        self._table = tables.profile_health
        self._clock = clock
        # Made once: every message asks for it.
        self._of_profile = select(self._table).where(self._table.c.profile == bindparam("name"))

    async def require_available(self, stored: StoredProfile) -> bool:
        """Raises ProfileUnavailable while the profile is off or paused, except for the minute's probe.

        True when there is something that a success of the order would end: see `record_success`.
        """
        if not stored.profile.enabled:
            # Remembered, so that its orders are called back when it is switched on.
            await self.pause(stored, DISABLED)
            raise ProfileUnavailable(DISABLED, retry_after_seconds=PAUSED_WAIT_SECONDS)
        row = await self._row(stored.profile.name)
        if row is None:
            return False
        is_paused = row.paused_profile_version == stored.version
        if is_paused and not await self.take_probe(stored.profile.name):
            raise ProfileUnavailable(_pause_reason(row), retry_after_seconds=PAUSED_WAIT_SECONDS)
        return _has_trouble(row)

    @translate_database_errors()
    async def paused_reason(self, name: str) -> Reason | None:
        row = await self._row(name)
        return None if row is None or row.paused_profile_version is None else _pause_reason(row)

    @translate_database_errors()
    async def pause(self, stored: StoredProfile, reason: Reason) -> bool:
        """True when the profile was not paused for this version of its settings before."""
        name = stored.profile.name
        async with self._engine.begin() as connection:
            await connection.execute(self._first_row(name))
            result = await connection.execute(
                update(self._table)
                .where(
                    self._table.c.profile == name,
                    self._table.c.paused_profile_version.is_distinct_from(stored.version),
                )
                .values(
                    paused_reason_code=reason.code.value,
                    paused_reason_variant=reason.variant,
                    paused_reason_details=json.dumps(dict(reason.details), ensure_ascii=False),
                    paused_profile_version=stored.version,
                    paused_at=self._clock.now(),
                    next_probe_at_ms=database_now_ms() + PROBE_INTERVAL_SECONDS * 1000,
                )
            )
            return result.rowcount == 1

    @translate_database_errors()
    async def record_success(self, name: str) -> bool:
        """An order went through; True when that ended a pause."""
        row = await self._row(name)
        if row is None or not _has_trouble(row):
            return False
        mine = self._table.c.profile == name
        await execute_alone(self._engine, update(self._table).where(mine).values(dead_letters_in_a_row=0))
        return row.paused_profile_version is not None and await self.resume(name, row.paused_profile_version)

    @translate_database_errors()
    async def resume(self, name: str, version: int) -> bool:
        """End the pause of that version; False when it was over already."""
        resumed = (
            update(self._table)
            .where(self._table.c.profile == name, self._table.c.paused_profile_version == version)
            .values(
                paused_profile_version=None,
                paused_reason_code=None,
                dead_letters_in_a_row=0,
                next_probe_at_ms=database_now_ms() + CALL_BACK_SECONDS * 1000,
            )
        )
        return await execute_alone(self._engine, resumed) == 1

    @translate_database_errors()
    async def paused(self) -> tuple[PausedProfile, ...]:
        due = (self._table.c.next_probe_at_ms <= database_now_ms()).label("due")
        statement = select(self._table, due).where(self._table.c.paused_profile_version.is_not(None))
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(
            PausedProfile(
                name=row.profile,
                reason=_pause_reason(row),
                version=row.paused_profile_version,
                probe_is_due=bool(row.due),
            )
            for row in rows
        )

    @translate_database_errors()
    async def called_back(self) -> frozenset[str]:
        """Profiles whose pause ended a moment ago."""
        table = self._table
        statement = select(table.c.profile).where(
            table.c.paused_profile_version.is_(None), table.c.next_probe_at_ms > database_now_ms()
        )
        async with reading(self._engine) as connection:
            return frozenset((await connection.execute(statement)).scalars())

    @translate_database_errors()
    async def record_dead_letter(self, name: str) -> int:
        """Counts a dead letter; returns how many there were in a row."""
        async with self._engine.begin() as connection:
            await connection.execute(self._first_row(name))
            counted = self._table.c.dead_letters_in_a_row + 1
            count: int | None = await connection.scalar(
                update(self._table)
                .where(self._table.c.profile == name)
                .values(dead_letters_in_a_row=counted)
                .returning(self._table.c.dead_letters_in_a_row)
            )
            return count or 0

    @translate_database_errors()
    async def _row(self, name: str) -> Row[Any] | None:
        async with reading(self._engine) as connection:
            return (await connection.execute(self._of_profile, {"name": name})).one_or_none()

    @translate_database_errors()
    async def take_probe(self, name: str) -> bool:
        """Whether the probe of this minute is ours: one at a time, whoever asks."""
        taken = (
            update(self._table)
            .where(self._table.c.profile == name, self._table.c.next_probe_at_ms <= database_now_ms())
            .values(next_probe_at_ms=database_now_ms() + PROBE_INTERVAL_SECONDS * 1000)
        )
        return await execute_alone(self._engine, taken) == 1

    def _first_row(self, name: str) -> Any:
        return insert_if_absent(self._table, profile=name, dead_letters_in_a_row=0, next_probe_at_ms=0)


def _has_trouble(row: Row[Any]) -> bool:
    return row.dead_letters_in_a_row > 0 or row.paused_profile_version is not None


def _pause_reason(row: Row[Any]) -> Reason:
    return Reason(
        code=ReasonCode(row.paused_reason_code),
        variant=row.paused_reason_variant,
        details=json.loads(row.paused_reason_details or "{}"),
    )
