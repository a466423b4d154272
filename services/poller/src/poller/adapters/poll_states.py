"""What is remembered of each profile, in the poller's database."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from poller.adapters.outbox import SqlOutbox, message_values
from poller.adapters.reasons import reason_of, reason_values
from poller.adapters.tables import poll_states
from poller.domain.schedule import Pause, PollState
from sconnect.contracts import Message
from sconnect.persistence import reading, translate_database_errors, upsert


class SqlPollStates(SqlOutbox):
    """PollStates over the table `poll_states`; the profile's lease keeps two writers apart."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, poll_states, key="profile", order_by=[])

    @translate_database_errors()
    async def all(self) -> Mapping[str, PollState]:
        async with reading(self._engine) as connection:
            return {row.profile: _state(row) for row in await connection.execute(select(poll_states))}

    @translate_database_errors()
    async def get(self, profile: str) -> PollState:
        statement = select(poll_states).where(poll_states.c.profile == profile)
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        return PollState() if row is None else _state(row)

    @translate_database_errors()
    async def save(self, profile: str, state: PollState, message: Message | None = None) -> None:
        values = _values(state) if message is None else _values(state) | message_values(message)
        async with self._engine.begin() as connection:
            await connection.execute(upsert(poll_states, ["profile"], profile=profile, **values))


def _values(state: PollState) -> dict[str, Any]:
    pause = state.pause
    return {
        "read_from": state.read_from,
        "start_number": state.start_number,
        "accepted": json.dumps(None if state.accepted is None else sorted(state.accepted)),
        "looked_back_on": state.looked_back_on,
        "started_at": state.started_at,
        "failures": state.failures,
        "not_before": state.not_before,
        **reason_values(None if pause is None else pause.reason),
        "paused_profile_version": None if pause is None else pause.profile_version,
        "probed_at": None if pause is None else pause.probed_at,
    }


def _state(row: Row[Any]) -> PollState:
    accepted = json.loads(row.accepted)
    return PollState(
        read_from=row.read_from,
        start_number=row.start_number,
        accepted=None if accepted is None else frozenset(accepted),
        looked_back_on=row.looked_back_on,
        started_at=row.started_at,
        failures=row.failures,
        not_before=row.not_before,
        pause=_pause(row),
    )


def _pause(row: Row[Any]) -> Pause | None:
    reason = reason_of(row)
    if reason is None:
        return None
    return Pause(reason=reason, profile_version=row.paused_profile_version, probed_at=row.probed_at)
