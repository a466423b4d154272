"""`sconnect orders list | show`."""

from typing import Annotated, Any

import typer

from console.command.product import path_part
from console.command.session import Session


def register(command: typer.Typer, session: Session) -> None:
    group = typer.Typer(help=session.help("orders"), no_args_is_help=True)
    command.add_typer(group, name="orders")
    json_option = typer.Option("--json", help=session.help("json"))
    profile_option = typer.Option("--profile", help=session.help("profile_option"))

    @group.command("list", help=session.help("orders_list"))
    def list_orders(
        *, profile: Annotated[str, profile_option], as_json: Annotated[bool, json_option] = False
    ) -> None:
        orders = session.product.get(f"/profiles/{path_part(profile)}/orders")
        if as_json:
            session.screen.json(orders)
        elif orders:
            session.screen.table(
                ("order", "status", "total", "invoice", "customer", "reason"),
                (_row(order, session) for order in orders),
            )
        else:
            session.screen.say("no_orders")

    @group.command("show", help=session.help("orders_show"))
    def show_order(
        number: str,
        *,
        profile: Annotated[str, profile_option],
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        order = session.product.get(f"/profiles/{path_part(profile)}/orders/{path_part(number)}")
        if as_json:
            session.screen.json(order)
        else:
            _show(order, session)


def outcome(order: dict[str, Any], session: Session) -> str:
    """What became of an order, in one line."""
    status = session.screen.text(f"status.{order['status']}")
    facts = (order["total"], order["invoice_number"], order["customer_number"])
    booked = "  ".join(str(fact) for fact in facts if fact is not None)
    return f"{order['order_number']:>8}  {status}  {order['reason'] or booked}".rstrip()


def _row(order: dict[str, Any], session: Session) -> tuple[object, ...]:
    return (
        order["order_number"],
        session.screen.text(f"status.{order['status']}"),
        order["total"],
        order["invoice_number"],
        order["customer_number"],
        order["reason"],
    )


def _show(order: dict[str, Any], session: Session) -> None:
    screen = session.screen
    screen.line(outcome(order, session))
    if order["received"]:
        screen.line("")
        _show_received(order["received"], session)
    if order["booking"]:
        screen.line("")
        _show_booking(order["booking"], session)
    screen.line("")
    screen.table(("at", "event"), ((screen.moment(event["at"]), event["text"]) for event in order["trail"]))
    calls = [call for event in order["trail"] for call in event["calls"]]
    if calls:
        screen.line("")
        screen.table(("at", "call", "answer"), (_call(call, session) for call in calls))


def _call(call: dict[str, Any], session: Session) -> tuple[object, ...]:
    times = f" ×{call['times']}" if call["times"] > 1 else ""
    what = f"{call['system']} {call['method']} {call['path']}{times}"
    answer = f"{call['answer']} ({call['duration_ms']} ms)"
    return session.screen.moment(call["began_at"]), what, answer


def _show_received(received: dict[str, Any], session: Session) -> None:
    """The lines as the shop told them: one row per line and VAT rate."""
    session.screen.table(
        ("description", "amount", "total", "vat"),
        (
            (line["description"] or line["kind"], price["net"], price["gross"], price["rate"])
            for line in received["lines"]
            for price in line["prices"] or ({"net": None, "gross": None, "rate": None},)
        ),
    )


def _show_booking(booking: dict[str, Any], session: Session) -> None:
    screen = session.screen
    lines = (
        (
            " ".join(str(part) for part in (line["ledger_number"], line["ledger_name"]) if part),
            line["description"],
            screen.word("vat", line["vat_rate_band"]),
            line["amount"],
        )
        for line in booking["lines"]
    )
    vat_rows = (("", "", screen.word("vat", row["category"]), row["amount"]) for row in booking["vat_rows"])
    screen.table(("ledger", "description", "vat", "amount"), (*lines, *vat_rows))
