"""`sconnect status`."""

from typing import Annotated, Any

import typer

from console.command.failures import Exit
from console.command.session import Session

STATUSES = ("booked", "waiting", "dead_lettered", "skipped", "in_progress")


def register(command: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))

    @command.command("status", help=session.help("status"))
    def show_status(*, as_json: Annotated[bool, json_option] = False) -> None:
        status = session.product.get("/status")
        if as_json:
            session.screen.json(status)
        else:
            _show(status, session)
        if not status["ready"]:
            raise typer.Exit(Exit.REFUSED)


def _show(status: dict[str, Any], session: Session) -> None:
    screen = session.screen
    screen.table(
        ("service", "ready", "trouble"),
        (
            (service["name"], service["ready"], "; ".join(service["problems"]))
            for service in status["services"]
        ),
    )
    if status["profiles"]:
        screen.line("")
        screen.table(
            ("profile", "enabled", "last_run", "next_run", "status"),
            (
                (
                    profile["name"],
                    profile["enabled"],
                    screen.moment(profile["last_run_at"]),
                    screen.moment(profile["next_run_at"]),
                    ", ".join(_counts(profile["orders"], session)),
                )
                for profile in status["profiles"]
            ),
        )
    for profile in status["profiles"]:
        _show_trouble(profile, session)
    screen.line("")
    screen.say("ready" if status["ready"] else "unready")


def _counts(orders: dict[str, int], session: Session) -> list[str]:
    return [
        f"{orders[status]} {session.screen.text(f'status.{status}')}" for status in STATUSES if orders[status]
    ]


def _show_trouble(profile: dict[str, Any], session: Session) -> None:
    if profile["last_run_failure"]:
        session.screen.line(f"{profile['name']}: {profile['last_run_failure']}")
    for pause in profile["paused"]:
        session.screen.line(f"{profile['name']}, {pause['service']}: {pause['reason']}")
    for finding in profile["ledgers"]:
        text = session.screen.text("stops_orders", text=finding["text"])
        session.screen.line(f"{profile['name']}: {text}")
