"""A key that somebody typed survives an error on the form without being shown.

The form comes back with the key sealed in a hidden field: only this process can open it, only for the session
that typed it, and only for a while.
"""

import json
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken

SEAL_HOLDS = timedelta(hours=1)


class SealedKeys:
    """The seal is made anew at every start; what was sealed before is then typed again."""

    def __init__(self) -> None:
        self._fernet = Fernet(Fernet.generate_key())

    def seal(self, key: str, *, path: str, session: str) -> str:
        return self._fernet.encrypt(json.dumps([session, path, key]).encode()).decode()

    def open(self, sealed: str, *, path: str, session: str) -> str | None:
        """The key; None for a seal that is broken, too old, of another session or of another field."""
        try:
            content = self._fernet.decrypt(sealed.encode(), ttl=int(SEAL_HOLDS.total_seconds()))
        except InvalidToken:
            return None
        owner, place, key = json.loads(content)
        return str(key) if (owner, place) == (session, path) else None
