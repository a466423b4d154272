"""`sconnect notifications`."""

from typing import Annotated, Any

import typer

from console.command.failures import Exit
from console.command.session import Session


def register(command: typer.Typer, session: Session) -> None:
    notifications = typer.Typer(no_args_is_help=True, help=session.help("notifications"))
    command.add_typer(notifications, name="notifications")
    json_option = typer.Option("--json", help=session.help("json"))

    @notifications.command("show", help=session.help("notifications_show"))
    def show(*, as_json: Annotated[bool, json_option] = False) -> None:
        status = session.product.get("/notifications")
        if as_json:
            session.screen.json(status)
        elif status["channels"]:
            columns = ("channel", "where", "last_sent", "untold", "trouble")
            session.screen.table(columns, (_row(channel, session) for channel in status["channels"]))
        else:
            session.screen.say("no_channels")

    @notifications.command("test", help=session.help("notifications_test"))
    def test(*, as_json: Annotated[bool, json_option] = False) -> None:
        outcomes = session.product.post("/notifications/test")
        if as_json:
            session.screen.json(outcomes)
        elif not outcomes:
            session.screen.say("no_channels")
        else:
            for outcome in outcomes:
                _say(outcome, session)
        if not outcomes or any(outcome["trouble"] for outcome in outcomes):
            raise typer.Exit(Exit.REFUSED)


def _row(channel: dict[str, Any], session: Session) -> tuple[object, ...]:
    return (
        session.screen.word("channel", channel["channel"]),
        ", ".join(channel["where"].values()),
        session.screen.moment(channel["last_sent_at"]),
        channel["untold"],
        channel["trouble"],
    )


def _say(outcome: dict[str, Any], session: Session) -> None:
    channel = session.screen.word("channel", outcome["channel"])
    if outcome["trouble"]:
        session.screen.line(f"{channel}: {outcome['trouble']}")
    else:
        session.screen.say("notice_tested", channel=channel)
