"""`sconnect users`."""

from typing import Annotated, Any

import typer

from console.command.product import path_part
from console.command.session import Session
from console.domain.people import Role

COLUMNS = ("name", "role", "state", "last_signed_in")


def register(command: typer.Typer, session: Session) -> None:
    users = typer.Typer(no_args_is_help=True, help=session.help("users"))
    command.add_typer(users, name="users")
    json_option = typer.Option("--json", help=session.help("json"))
    role_option = typer.Option("--role", help=session.help("role"))

    @users.command("first", help=session.help("users_first"))
    def first(*, as_json: Annotated[bool, json_option] = False) -> None:
        _show_password(session, session.product.post("/users/first"), as_json=as_json)

    @users.command("add", help=session.help("users_add"))
    def add(
        name: str, role: Annotated[Role, role_option], *, as_json: Annotated[bool, json_option] = False
    ) -> None:
        made = session.product.post("/users", {"name": name, "role": role.value})
        _show_password(session, made, as_json=as_json)

    @users.command("list", help=session.help("users_list"))
    def list_users(*, as_json: Annotated[bool, json_option] = False) -> None:
        people = session.product.get("/users")
        if as_json:
            session.screen.json(people)
        elif people:
            session.screen.table(COLUMNS, (_row(person, session) for person in people))
        else:
            session.screen.say("no_users")

    @users.command("set-role", help=session.help("users_set_role"))
    def set_role(
        name: str, role: Annotated[Role, role_option], *, as_json: Annotated[bool, json_option] = False
    ) -> None:
        person = session.product.post(f"/users/{path_part(name)}/role", {"role": role.value})
        _show_change(session, person, as_json=as_json)

    @users.command("reset-password", help=session.help("users_reset_password"))
    def reset_password(name: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        made = session.product.post(f"/users/{path_part(name)}/password")
        _show_password(session, made, as_json=as_json)

    @users.command("disable", help=session.help("users_disable"))
    def disable(name: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        person = session.product.post(f"/users/{path_part(name)}/disable")
        _show_change(session, person, as_json=as_json)

    @users.command("enable", help=session.help("users_enable"))
    def enable(name: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        person = session.product.post(f"/users/{path_part(name)}/enable")
        _show_change(session, person, as_json=as_json)


def _row(person: dict[str, Any], session: Session) -> tuple[object, ...]:
    screen = session.screen
    return (
        person["name"],
        screen.word("role", person["role"]),
        _state(person, session),
        screen.moment(person["last_signed_in_at"]),
    )


def _state(person: dict[str, Any], session: Session) -> str:
    if person["disabled"]:
        return session.screen.text("user.disabled")
    return session.screen.text("user.must_change" if person["must_change_password"] else "user.active")


def _show_password(session: Session, made: dict[str, Any], *, as_json: bool) -> None:
    """The only time that this password is ever shown."""
    if as_json:
        session.screen.json(made)
        return
    session.screen.say("user_password", name=made["name"], password=made["password"])
    session.screen.say("user_must_change" if made["must_change_password"] else "user_may_change")


def _show_change(session: Session, person: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        session.screen.json(person)
        return
    role, state = session.screen.word("role", person["role"]), _state(person, session)
    session.screen.say("user_changed", name=person["name"], role=role, state=state)
