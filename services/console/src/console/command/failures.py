"""How the command ends when it does not succeed."""

from enum import IntEnum

from sconnect.texts import render


class Exit(IntEnum):
    """UNKNOWN_PROFILE is also what a wrongly written command ends with, as everywhere."""

    REFUSED = 1
    UNKNOWN_PROFILE = 2
    TIMED_OUT = 3


class CommandFailed(Exception):
    """`sentences` go to standard error, one a line; then the command ends with `code`."""

    def __init__(self, *sentences: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences
        self.code = code

    @classmethod
    def of(cls, key: str, language: str, *, code: Exit = Exit.REFUSED, **details: str) -> "CommandFailed":
        return cls(render(f"command.{key}", details, language), code=code)


class ConsoleAway(CommandFailed):
    """There is no connection to the console right now."""
