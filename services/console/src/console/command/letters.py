"""`sconnect dead-letters list | show | replay | discard`."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from console.command.product import path_part
from console.command.session import Session


def register(command: typer.Typer, session: Session) -> None:
    group = typer.Typer(help=session.help("letters"), no_args_is_help=True)
    command.add_typer(group, name="dead-letters")
    _register_looks(group, session)
    _register_decisions(group, session)


def _register_looks(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    profile_option = typer.Option("--profile", help=session.help("profile_option"))

    @group.command("list", help=session.help("letters_list"))
    def list_letters(
        *,
        profile: Annotated[str | None, profile_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        parameters = {"profile": profile} if profile is not None else None
        letters = session.product.get("/dead-letters", parameters=parameters)
        if as_json:
            session.screen.json(letters)
        elif letters:
            session.screen.table(
                ("id", "profile", "order", "service", "since", "reason"),
                (
                    (
                        letter["id"],
                        letter["profile"],
                        letter["order_number"],
                        letter["service"],
                        session.screen.moment(letter["since"]),
                        letter["reason"],
                    )
                    for letter in letters
                ),
            )
        else:
            session.screen.say("no_letters")

    @group.command("show", help=session.help("letters_show"))
    def show_letter(letter_id: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        letter = session.product.get(f"/dead-letters/{path_part(letter_id)}")
        if as_json:
            session.screen.json(letter)
            return
        for name in ("id", "profile", "order", "service", "attempts", "since", "reason"):
            value = letter["order_number" if name == "order" else name]
            shown = session.screen.moment(value) if name == "since" else session.screen.cell(value)
            session.screen.line(f"{session.screen.text(f'column.{name}')}: {shown}")
        for suggestion in letter["suggestions"]:
            session.screen.line("  " + ", ".join(_words(suggestion, session)))


def _words(suggestion: Mapping[str, str], session: Session) -> Iterator[str]:
    for name, value in suggestion.items():
        if name == "customer_id":
            continue
        told = session.screen.explained(value) if name in ("agreed", "differs") else value
        sentence = session.screen.text(f"suggestion.{name}", value=told)
        yield f"{name} {told}" if sentence == f"command.suggestion.{name}" else sentence


def _register_decisions(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    customer_option = typer.Option("--customer", min=1, help=session.help("customer"))
    create_option = typer.Option("--create", help=session.help("create"))
    as_received_option = typer.Option("--as-received", help=session.help("as_received"))
    reason_option = typer.Option("--reason", help=session.help("reason"))

    @group.command("replay", help=session.help("letters_replay"))
    def replay_letters(
        letter_ids: list[str],
        *,
        customer: Annotated[int | None, customer_option] = None,
        create: Annotated[bool, create_option] = False,
        as_received: Annotated[bool, as_received_option] = False,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        if create and customer is not None:
            raise typer.BadParameter("--customer | --create")
        decision = {"customer_number": customer, "create_customer": create, "as_received": as_received}
        replayed = []
        for each in letter_ids:
            letter = session.product.post(f"/dead-letters/{path_part(each)}/replay", decision)
            replayed.append(letter)
            if not as_json:
                session.screen.say("letter_replayed", id=letter["id"], number=letter["order_number"] or "-")
        if as_json:
            session.screen.json(replayed)

    @group.command("discard", help=session.help("letters_discard"))
    def discard_letters(
        letter_ids: list[str],
        *,
        reason: Annotated[str, reason_option],
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        discarded = []
        for each in letter_ids:
            letter = session.product.post(f"/dead-letters/{path_part(each)}/discard", {"reason": reason})
            discarded.append(letter)
            if not as_json:
                session.screen.say("letter_put_away", id=letter["id"])
        if as_json:
            session.screen.json(discarded)
