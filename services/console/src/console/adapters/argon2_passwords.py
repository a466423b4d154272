"""Passwords, hashed with argon2id."""

import asyncio
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# The second recommended option of RFC 9106: 64 MiB per hash.
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 4
# Many at once would fill the memory; who comes later waits a moment.
HASHES_AT_ONCE_MAX: Final = 2


class Argon2Passwords:
    """Passwords of console.ports."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, lanes: int = LANES) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=lanes, type=Type.ID
        )
        self._room = asyncio.Semaphore(HASHES_AT_ONCE_MAX)
        self._nobodys = self._hasher.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        async with self._room:
            same = await asyncio.to_thread(self._verify, password_hash or self._nobodys, password)
        return same and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
