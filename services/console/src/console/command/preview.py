"""`sconnect preview`."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.progress import Progress

from console.command.failures import CommandFailed, Exit
from console.command.letters import suggestion_words
from console.command.product import path_part
from console.command.session import Session
from sconnect.clock import SystemClock, dutch_date

LAST_ORDERS = 10
LOOK_INTERVAL_SECONDS = 0.25
DAY = "%Y-%m-%d"
WITHOUT_PREVIEW = frozenset({"not_found", "not_previewed"})
NO_ANSWER = "NO_ANSWER"


def register(command: typer.Typer, session: Session) -> None:
    order_option = typer.Option("--order", help=session.help("preview_order"))
    from_option, to_option = (
        typer.Option(f"--{name}", formats=[DAY], metavar="YYYY-MM-DD", help=session.help(f"preview_{name}"))
        for name in ("from", "to")
    )
    last_option = typer.Option("--last", min=1, help=session.help("preview_last"))
    json_option = typer.Option("--json", help=session.help("json"))

    @command.command("preview", help=session.help("preview"))
    def preview(
        name: str,
        *,
        order: Annotated[str | None, order_option] = None,
        first: Annotated[datetime | None, from_option] = None,
        until: Annotated[datetime | None, to_option] = None,
        last: Annotated[int | None, last_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        selection = _selection(order, first, until, last, session)
        asked = session.product.post(f"/profiles/{path_part(name)}/previews", selection)
        seen = until_finished(asked, session)
        if as_json:
            session.screen.json(seen)
        elif seen["state"] != "failed":
            show(seen, session)
        _require_success(seen)


def until_finished(
    asked: dict[str, Any], session: Session, *, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """The preview once the console says that it is over, which it does when its time is up."""
    seen = asked
    terminal = session.screen.errors
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        task = progress.add_task(asked["profile"], total=None)
        while seen["state"] == "running":
            sleep(LOOK_INTERVAL_SECONDS)
            seen = session.product.get(f"/previews/{path_part(asked['id'])}")
            progress.update(task, completed=len(seen["orders"]), total=seen["orders_found"])
    return seen


def show(seen: dict[str, Any], session: Session) -> None:
    """Every order with its customer and its booking, and a count at the end."""
    screen = session.screen
    for order in seen["orders"]:
        _show_order(order, session)
        screen.line("")
    if not seen["orders"]:
        screen.say("preview_empty")
        return
    counted = Counter(order["outcome"] for order in seen["orders"])
    counts = ", ".join(
        f"{count} {screen.text(f'preview_counted.{outcome}')}" for outcome, count in counted.items()
    )
    screen.say("preview_finished", count=len(seen["orders"]), counts=counts)


def _selection(
    order: str | None, first: datetime | None, until: datetime | None, last: int | None, session: Session
) -> dict[str, Any]:
    if until is not None and first is None:
        raise CommandFailed(session.screen.text("preview_to_alone"), code=Exit.UNKNOWN_PROFILE)
    if sum(choice is not None for choice in (order, first, last)) > 1:
        raise CommandFailed(session.screen.text("preview_selection"), code=Exit.UNKNOWN_PROFILE)
    if order is not None:
        return {"order": order}
    if first is not None:
        end = until.date() if until else max(first.date(), dutch_date(SystemClock().now()))
        return {"from": first.date().isoformat(), "to": end.isoformat()}
    return {"last": LAST_ORDERS if last is None else last}


def _require_success(seen: dict[str, Any]) -> None:
    if seen["state"] == "failed":
        code = Exit.TIMED_OUT if seen["failure_code"] == NO_ANSWER else Exit.REFUSED
        raise CommandFailed(seen["failure"], code=code)
    if any(order["outcome"] in WITHOUT_PREVIEW for order in seen["orders"]):
        raise CommandFailed(code=Exit.REFUSED)


def _show_order(order: dict[str, Any], session: Session) -> None:
    screen = session.screen
    screen.line(_foreseen(order, order["order_number"], session))
    if order["afterwards"]:
        screen.line(_foreseen(order["afterwards"], screen.text("preview.afterwards"), session))
    for suggestion in order["suggestions"]:
        screen.line(f"{'':>10}{', '.join(suggestion_words(suggestion, session))}")
    if order["customer"]:
        screen.line(f"{'':>10}{_customer(order['customer'], session)}")
    if order["booking"]:
        _show_booking(order["booking"], session)


def _foreseen(foreseen: dict[str, Any], about: str, session: Session) -> str:
    outcome = session.screen.text(f"preview.{foreseen['outcome']}")
    return f"{about:>8}  {outcome}  {foreseen['reason'] or ''}".rstrip()


def _customer(customer: dict[str, Any], session: Session) -> str:
    screen = session.screen
    why = f"{screen.text('origin.' + customer['origin'])}: {customer['explanation']}"
    card = customer["new_card"]
    if card is None:
        return screen.text("preview_customer", number=customer["number"], name=customer["name"], why=why)
    shown = ", ".join(str(value) for value in card.values() if value is not None)
    return screen.text("preview_new_customer", card=shown, why=customer["explanation"])


def _show_booking(booking: dict[str, Any], session: Session) -> None:
    screen = session.screen
    facts = ("invoice_number", "invoice_date", "total", "description")
    screen.line(f"{'':>10}{screen.text('preview_booking', **{name: booking[name] for name in facts})}")
    lines = [
        (
            line["ledger_number"],
            line["ledger_name"],
            line["description"],
            screen.word("vat", line["vat_rate_band"]),
            line["amount"],
        )
        for line in booking["lines"]
    ]
    vat_rows = [
        ("", "", "", screen.word("vat", row["category"]), row["amount"]) for row in booking["vat_rows"]
    ]
    screen.table(("ledger", "name", "description", "vat", "amount"), (*lines, *vat_rows))
