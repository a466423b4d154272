"""`sconnect dead-letters list | show | replay | discard`."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from console.command.letter_jobs import ADDRESS, run_job, show_job
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
            session.screen.line("  " + ", ".join(suggestion_words(suggestion, session)))


def suggestion_words(suggestion: Mapping[str, str], session: Session) -> Iterator[str]:
    for name, value in suggestion.items():
        if name == "customer_id":
            continue
        told = session.screen.explained(value) if name in ("agreed", "differs") else value
        sentence = session.screen.text(f"suggestion.{name}", value=told)
        yield f"{name} {told}" if sentence == f"command.suggestion.{name}" else sentence


def _register_decisions(group: typer.Typer, session: Session) -> None:
    _register_replay(group, session)
    _register_discard(group, session)
    json_option = typer.Option("--json", help=session.help("json"))

    @group.command("job", help=session.help("letters_job"))
    def show_letter_job(job_id: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        job = session.product.get(f"{ADDRESS}/{path_part(job_id)}")
        if as_json:
            session.screen.json(job)
        else:
            show_job(job, session)


def _register_replay(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    customer_option = typer.Option("--customer", min=1, help=session.help("customer"))
    create_option = typer.Option("--create", help=session.help("create"))
    as_received_option = typer.Option("--as-received", help=session.help("as_received"))
    from_shop_option = typer.Option("--from-shop", help=session.help("from_shop"))
    order_option = typer.Option("--order", help=session.help("order_option"))
    profile_option = typer.Option("--profile", help=session.help("profile_option"))
    code_option = typer.Option("--reason", help=session.help("reason_code"))
    all_option = typer.Option("--all", help=session.help("everything"))
    undo_option = typer.Option("--undo", help=session.help("undo"))
    dry_run_option = typer.Option("--dry-run", help=session.help("dry_run"))
    no_wait_option = typer.Option("--no-wait", help=session.help("no_wait"))

    @group.command("replay", help=session.help("letters_replay"))
    def replay_letters(
        letter_ids: Annotated[list[str] | None, typer.Argument()] = None,
        *,
        order: Annotated[str | None, order_option] = None,
        profile: Annotated[str | None, profile_option] = None,
        reason: Annotated[str | None, code_option] = None,
        everything: Annotated[bool, all_option] = False,
        undo: Annotated[str | None, undo_option] = None,
        customer: Annotated[int | None, customer_option] = None,
        create: Annotated[bool, create_option] = False,
        as_received: Annotated[bool, as_received_option] = False,
        from_shop: Annotated[bool, from_shop_option] = False,
        dry_run: Annotated[bool, dry_run_option] = False,
        no_wait: Annotated[bool, no_wait_option] = False,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        if create and customer is not None:
            raise typer.BadParameter("--customer | --create")
        if as_received and from_shop:
            raise typer.BadParameter("--as-received | --from-shop")
        decision = {"customer_number": customer, "create_customer": create}
        conditions = _conditions(
            letter_ids, order=order, profile=profile, reason=reason, everything=everything
        )
        if set(conditions) == {"ids"} and not dry_run and undo is None:
            _replay_each(letter_ids or [], {**decision, "as_received": as_received}, session, as_json=as_json)
            return
        # One order is read from the shop again, as by its id; many go the way that their reason asks for.
        way = "from_shop" if from_shop or (order and not as_received) else "chosen"
        asked = {**conditions, **decision, "kind": "replay", "undo_of": undo}
        asked["way"] = "as_received" if as_received else way
        run_job(session, asked, dry_run=dry_run, wait=not no_wait, as_json=as_json)


def _replay_each(
    letter_ids: list[str], decision: dict[str, object], session: Session, *, as_json: bool
) -> None:
    replayed = []
    for each in letter_ids:
        letter = session.product.post(f"/dead-letters/{path_part(each)}/replay", decision)
        replayed.append(letter)
        if not as_json:
            session.screen.say("letter_replayed", id=letter["id"], number=letter["order_number"] or "-")
    if as_json:
        session.screen.json(replayed)


def _register_discard(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    reason_option = typer.Option("--reason", help=session.help("reason"))
    order_option = typer.Option("--order", help=session.help("order_option"))
    profile_option = typer.Option("--profile", help=session.help("profile_option"))
    code_option = typer.Option("--with-reason", help=session.help("reason_code"))
    all_option = typer.Option("--all", help=session.help("everything"))
    dry_run_option = typer.Option("--dry-run", help=session.help("dry_run"))
    no_wait_option = typer.Option("--no-wait", help=session.help("no_wait"))

    @group.command("discard", help=session.help("letters_discard"))
    def discard_letters(
        letter_ids: Annotated[list[str] | None, typer.Argument()] = None,
        *,
        reason: Annotated[str, reason_option],
        order: Annotated[str | None, order_option] = None,
        profile: Annotated[str | None, profile_option] = None,
        code: Annotated[str | None, code_option] = None,
        everything: Annotated[bool, all_option] = False,
        dry_run: Annotated[bool, dry_run_option] = False,
        no_wait: Annotated[bool, no_wait_option] = False,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        conditions = _conditions(letter_ids, order=order, profile=profile, reason=code, everything=everything)
        if set(conditions) == {"ids"} and not dry_run:
            _discard_each(letter_ids or [], reason, session, as_json=as_json)
            return
        asked = {**conditions, "kind": "discard", "reason": reason}
        run_job(session, asked, dry_run=dry_run, wait=not no_wait, as_json=as_json)


def _discard_each(letter_ids: list[str], reason: str, session: Session, *, as_json: bool) -> None:
    discarded = []
    for each in letter_ids:
        letter = session.product.post(f"/dead-letters/{path_part(each)}/discard", {"reason": reason})
        discarded.append(letter)
        if not as_json:
            session.screen.say("letter_put_away", id=letter["id"])
    if as_json:
        session.screen.json(discarded)


def _conditions(
    letter_ids: list[str] | None,
    *,
    order: str | None,
    profile: str | None,
    reason: str | None,
    everything: bool,
) -> dict[str, object]:
    given = {
        "ids": letter_ids,
        "order_number": order,
        "profile": profile,
        "reason_code": reason,
        "everything": everything,
    }
    return {name: value for name, value in given.items() if value}
