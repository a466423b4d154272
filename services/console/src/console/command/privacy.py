"""`sconnect privacy erase`."""

import time
from typing import Annotated, Any

import typer

from console.command.failures import CommandFailed, Exit
from console.command.product import path_part
from console.command.session import Session

ANSWER_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.5


def register(command: typer.Typer, session: Session) -> None:
    group = typer.Typer(help=session.help("privacy"), no_args_is_help=True)
    command.add_typer(group, name="privacy")
    json_option = typer.Option("--json", help=session.help("json"))
    email_option = typer.Option("--email", help=session.help("privacy_email"))

    @group.command("erase", help=session.help("privacy_erase"))
    def erase(email: Annotated[str, email_option], *, as_json: Annotated[bool, json_option] = False) -> None:
        asked = session.product.post("/privacy/erasures", {"email": email})
        erasure = _answered(session, asked["id"])
        if as_json:
            session.screen.json(erasure)
        else:
            _show(session, erasure)

    @group.callback()
    def privacy() -> None:
        """A group with one command keeps the command's name."""


def _answered(session: Session, erasure_id: str) -> Any:
    deadline = time.monotonic() + ANSWER_SECONDS_MAX
    while True:
        erasure = session.product.get(f"/privacy/erasures/{path_part(erasure_id)}")
        if erasure["answered_at"] is not None:
            return erasure
        if time.monotonic() > deadline:
            raise CommandFailed(
                session.screen.text("erasure_not_answered", id=erasure_id), code=Exit.TIMED_OUT
            )
        time.sleep(LOOK_SECONDS)


def _show(session: Session, erasure: Any) -> None:
    screen = session.screen
    for kind, count in sorted(erasure["erased"].items()):
        screen.say(f"erased.{kind}", count=count)
    if erasure["cards_being_made"]:
        screen.say("erasure_cards_being_made", count=erasure["cards_being_made"])
    screen.say("erasure_orders_kept", count=erasure["orders_kept"])
    if erasure["orders_unfinished"]:
        screen.say("erasure_orders_unfinished", count=erasure["orders_unfinished"])
    if erasure["customer_numbers"]:
        screen.say("erasure_cards_in_books", numbers=", ".join(map(str, erasure["customer_numbers"])))
