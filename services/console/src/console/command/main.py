"""`sconnect`: the entry point."""

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from console.command import (
    customers,
    imports,
    letters,
    notifications,
    orders,
    preview,
    privacy,
    profiles,
    status,
    users,
)
from console.command.failures import CommandFailed
from console.command.session import Session
from console.command.settings import CommandSettings
from sconnect.texts import LANGUAGES

LANGUAGE_OPTION = "--lang"
EXIT_USAGE = 2


def app() -> None:
    """Run the command that was typed, and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(typed: Sequence[str]) -> int:
    """0 done, 1 refused or not running, 2 unknown profile or wrong usage, 3 timed out."""
    try:
        settings = CommandSettings()
    except ValidationError as error:
        wrong = ", ".join(f"SCONNECT_{problem['loc'][0]}".upper() for problem in error.errors())
        sys.stderr.write(f"{wrong}: not a value that sconnect can use.\n")
        return EXIT_USAGE
    language, arguments = take_language(typed)
    session = Session(settings.model_copy(update={"language": language}) if language else settings)
    try:
        create_command(session)(args=arguments, prog_name="sconnect")
    except CommandFailed as failure:
        for sentence in failure.sentences:
            session.screen.note(sentence)
        return failure.code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_USAGE
    finally:
        session.close()
    return 0


def take_language(typed: Sequence[str]) -> tuple[str | None, list[str]]:
    """The language asked for anywhere on the line, and the line with that option in front."""
    rest = list(typed)
    for place, argument in enumerate(rest):
        name, _, value = argument.partition("=")
        if name != LANGUAGE_OPTION:
            continue
        taken = rest[place : place + (1 if value else 2)]
        del rest[place : place + len(taken)]
        language = value or taken[-1]
        return (language if language in LANGUAGES else None), [*taken, *rest]
    return None, rest


def create_command(session: Session) -> typer.Typer:
    """The command with all its parts, its help in the language of the session."""
    command = typer.Typer(
        help=session.help("command"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    language_option = typer.Option(LANGUAGE_OPTION, help=session.help("language"))

    @command.callback()
    def choose(_language: Annotated[Literal["nl", "en"] | None, language_option] = None) -> None:
        """The language was taken from the line before: the help is in it too."""

    status.register(command, session)
    profiles.register(command, session)
    imports.register(command, session)
    preview.register(command, session)
    orders.register(command, session)
    letters.register(command, session)
    users.register(command, session)
    customers.register(command, session)
    privacy.register(command, session)
    notifications.register(command, session)
    return command
