"""`sconnect profile propose-ledgers`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from console.command.failures import CommandFailed
from console.command.product import path_part
from console.command.session import Session

ORDERS_TRIED = 20
ORDERS_TRIED_MAX = 100


def register(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    write_option = typer.Option("--write", help=session.help("write_proposal"))
    apply_option = typer.Option("--apply", help=session.help("apply_proposal"))
    orders_option = typer.Option("--orders", min=0, max=ORDERS_TRIED_MAX, help=session.help("tried_orders"))

    @group.command("propose-ledgers", help=session.help("propose_ledgers"))
    def propose_ledgers(
        name: str,
        *,
        write: Annotated[Path | None, write_option] = None,
        apply: Annotated[bool, apply_option] = False,
        orders: Annotated[int, orders_option] = ORDERS_TRIED,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        if write is not None and write.exists():
            raise CommandFailed(session.screen.text("file_exists", file=write))
        address = f"/profiles/{path_part(name)}/ledger-proposal"
        proposal = session.product.post(address, {"orders": orders, "save": apply})
        if write is not None:
            _write(write, proposal["yaml"], session)
        if as_json:
            session.screen.json(proposal)
            return
        if write is None:
            session.screen.line(proposal["yaml"].rstrip())
        _show_outcome(proposal, session)
        if write is not None:
            _tell(session, "proposal_written", file=write)


def _write(file: Path, text: str, session: Session) -> None:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise CommandFailed(session.screen.text("file_unwritable", file=file, cause=cause)) from None


def _show_outcome(proposal: dict[str, Any], session: Session) -> None:
    """As comments, so that all that is printed together is one YAML file."""
    for finding in proposal["findings"]:
        key = "stops_orders" if finding["stops_orders"] else "warning"
        _comment(session, session.screen.text(key, text=finding["text"]))
    opened = [ledger["field"] for ledger in proposal["ledgers"] if ledger["number"] is None]
    if opened:
        _tell(session, "proposal_open", fields=", ".join(opened))
    if proposal["trial"] is not None:
        _show_trial(proposal["trial"], session)
    if proposal["version"] is not None:
        _tell(session, "proposal_saved", name=proposal["profile"], version=proposal["version"])


def _show_trial(trial: dict[str, Any], session: Session) -> None:
    if trial["failure"]:
        _tell(session, "proposal_not_tried", cause=trial["failure"])
        return
    stopped = [order for order in trial["orders"] if order["reason"] is not None]
    _tell(session, "proposal_tried", count=len(trial["orders"]), stopped=len(stopped))
    for order in stopped:
        _comment(session, f"  {order['order']}: {order['reason']}")


def _tell(session: Session, key: str, **details: object) -> None:
    _comment(session, session.screen.text(key, **details))


def _comment(session: Session, text: str) -> None:
    session.screen.line(f"# {text}")
