"""Keeps a bad release from moving the whole backlog into the dead-letter queues."""

PROFILES_WITH_UNEXPECTED_ERRORS_MAX = 3


class UnexpectedErrorFuse:
    """Blows when unexpected errors hit three profiles with no success in any of them: that is our bug.

    One profile alone never blows it; its own run of dead letters pauses that profile only.
    """

    def __init__(self, *, profiles_max: int = PROFILES_WITH_UNEXPECTED_ERRORS_MAX) -> None:
        self._profiles_max = profiles_max
        self._failing: set[str] = set()

    @property
    def blown(self) -> bool:
        return len(self._failing) >= self._profiles_max

    def record_unexpected(self, profile: str) -> None:
        self._failing.add(profile)

    def record_success(self, profile: str) -> None:
        if not self.blown:
            self._failing.discard(profile)
