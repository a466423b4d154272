"""Signing in and out, and who the visitor with a token is."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from console.domain.audit import AuditOutcome
from console.domain.people import PASSWORD_LENGTH_MAX, account_name, password_fault
from console.domain.refusals import Refused
from console.domain.visits import SEEN_AGAIN_AFTER, Session, SessionLimits
from console.ports import AuditLog, Passwords, PeopleBook, SessionBook
from sconnect.clock import Clock

TOKEN_BYTES = 32
# What the log of actions names when the account does not exist: a password may have been typed in its place.
NOBODY = "?"


class SignInRefused(Refused):
    """Wrong name or password, or too many attempts; the sentence never tells which of name and password."""


class PasswordRefused(Refused):
    """The new password will not do, or the old one is wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedSession:
    """`token` is the visitor's only copy: we keep its hash."""

    token: str
    session: Session


class AccessDesk:
    """Every call is one decision. Half-done when it dies: an attempt that counts against the account for a
    quarter of an hour, or a session that nobody has the token of.
    """

    def __init__(
        self,
        *,
        people: PeopleBook,
        sessions: SessionBook,
        passwords: Passwords,
        audit: AuditLog,
        clock: Clock,
        limits: SessionLimits,
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._passwords = passwords
        self._audit = audit
        self._clock = clock
        self._limits = limits

    async def has_accounts(self) -> bool:
        return bool(await self._people.people())

    async def sign_in(self, typed_name: str, password: str, *, address: str) -> OpenedSession:
        """A new session, never one that the visitor brought along; SignInRefused otherwise."""
        now = self._clock.now()
        name = account_name(typed_name)
        until = await self._sessions.begin_attempt(name or NOBODY, address, now)
        if until is not None:
            raise SignInRefused("sign_in_closed", minutes=str(_minutes(until - now)))
        person = None if name is None else await self._people.person(name)
        usable = person is not None and not person.disabled and len(password) <= PASSWORD_LENGTH_MAX
        right = await self._passwords.matches(
            person.password_hash if person is not None and usable else None, password[:PASSWORD_LENGTH_MAX]
        )
        if person is None or not right:
            await self._note(NOBODY if person is None else person.name, "sign_in", AuditOutcome.REFUSED)
            raise SignInRefused("sign_in_refused")
        if self._passwords.is_outdated(person.password_hash):
            await self._people.keep_better_hash(person.name, await self._passwords.hash(password))
        return await self._open(person.name, address, now)

    async def visitor(self, token: str | None, *, is_person: bool = True) -> Session | None:
        """Who has this token; None when nobody, or when the session is over.

        `is_person` is False for what a page asks by itself: that keeps nobody signed in.
        """
        session = await self._sessions.session(_hash(token)) if token else None
        if token is None or session is None:
            return None
        now = self._clock.now()
        if session.is_over(now, self._limits):
            await self._sessions.close_session(_hash(token))
            return None
        if is_person and now - session.seen_at >= SEEN_AGAIN_AFTER:
            await self._sessions.see_session(_hash(token), now)
        return session

    async def sign_out(self, token: str) -> None:
        await self._sessions.close_session(_hash(token))

    async def change_password(
        self, session: Session, *, current: str, wanted: str, again: str, address: str
    ) -> OpenedSession:
        """End all sessions of this person and open a new one. PasswordRefused, or SignInRefused when the
        current password was guessed wrong too often.
        """
        if wanted != again:
            raise PasswordRefused("password_not_repeated")
        now = self._clock.now()
        until = await self._sessions.begin_attempt(session.name, address, now)
        if until is not None:
            raise SignInRefused("sign_in_closed", minutes=str(_minutes(until - now)))
        person = await self._people.person(session.name)
        if person is None or not await self._passwords.matches(person.password_hash, current):
            raise PasswordRefused("password_wrong")
        fault = password_fault(session.name, wanted)
        if fault is not None:
            raise PasswordRefused(fault)
        if wanted == current:
            raise PasswordRefused("password_unchanged")
        await self._people.change_person(
            session.name, password_hash=await self._passwords.hash(wanted), must_change_password=False
        )
        return await self._open(session.name, address, now)

    async def leave_notice(self, token: str, notice: str | None) -> None:
        await self._sessions.leave_notice(_hash(token), notice)

    async def forget_old_sessions(self) -> None:
        now = self._clock.now()
        await self._sessions.forget_sessions(
            created_before=now - self._limits.absolute, seen_before=now - self._limits.idle
        )

    async def _open(self, name: str, address: str, now: datetime) -> OpenedSession:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._sessions.open_session(_hash(token), name, address, now)
        session = await self._sessions.session(_hash(token))
        if session is None:
            # Switched off between the question and the answer.
            raise SignInRefused("sign_in_refused")
        await self._note(name, "sign_in", AuditOutcome.DONE)
        return OpenedSession(token=token, session=session)

    async def _note(self, name: str, action: str, outcome: AuditOutcome) -> None:
        number = await self._audit.begin_action(self._clock.now(), name, action, {})
        await self._audit.end_action(number, outcome)


def _hash(token: str) -> str:
    # A token is random, so a fast hash does: there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()


def _minutes(span: timedelta) -> int:
    return max(1, ceil(span / timedelta(minutes=1)))
