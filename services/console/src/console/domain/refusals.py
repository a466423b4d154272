"""Why the console does not do what it was asked; every refusal has one sentence (text key and details)."""

from sconnect.errors import SConnectError


class Refused(SConnectError):
    """`key` names the sentence in sconnect.texts, section `command`."""

    def __init__(self, key: str, **details: str) -> None:
        super().__init__(f"{key} {details}")
        self.key = key
        self.details = details


class NotKnown(Refused):
    """What was asked for does not exist."""


class NotNow(Refused):
    """It exists, but its state does not allow this."""


class NotSensible(Refused):
    """What was asked for contradicts itself, or is too much."""
