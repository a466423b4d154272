"""`sconnect profile apply | list | show | check`; `propose-ledgers` is in `ledgers`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from console.command import ledgers
from console.command.failures import CommandFailed
from console.command.product import path_part
from console.command.session import Session


def register(command: typer.Typer, session: Session) -> None:
    group = typer.Typer(help=session.help("profile"), no_args_is_help=True)
    command.add_typer(group, name="profile")
    _register_examinations(group, session)
    _register_looks(group, session)
    _register_removal(group, session)
    ledgers.register(group, session)


def _register_examinations(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))

    @group.command("apply", help=session.help("profile_apply"))
    def apply_profile(file: Path, *, as_json: Annotated[bool, json_option] = False) -> None:
        saved = session.product.post("/profiles", read_document(file, os.environ, session))
        _show_warnings(saved["warnings"], session)
        if as_json:
            session.screen.json(saved)
            return
        names = {key: saved[key] for key in ("name", "version", "administration")}
        session.screen.say("profile_saved", **names)

    @group.command("check", help=session.help("profile_check"))
    def check_profile(name: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        examination = session.product.post(f"/profiles/{path_part(name)}/check")
        if as_json:
            session.screen.json(examination)
        _show_warnings(examination["warnings"], session)
        if not examination["ok"]:
            raise CommandFailed(*(refusal["text"] for refusal in examination["refusals"]))
        if not as_json:
            session.screen.say("examined", name=name)


def _register_looks(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))

    @group.command("list", help=session.help("profile_list"))
    def list_profiles(*, as_json: Annotated[bool, json_option] = False) -> None:
        profiles = session.product.get("/profiles")
        if as_json:
            session.screen.json(profiles)
        elif profiles:
            columns = ("name", "enabled", "interval", "administration", "version")
            session.screen.table(columns, ([profile[key] for key in columns] for profile in profiles))
        else:
            session.screen.say("no_profiles")

    @group.command("show", help=session.help("profile_show"))
    def show_profile(name: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        profile = session.product.get(f"/profiles/{path_part(name)}")
        if as_json:
            session.screen.json(profile)
        else:
            settings = yaml.safe_dump(profile["settings"], sort_keys=False, allow_unicode=True)
            session.screen.line(settings.rstrip())


def _register_removal(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    yes_option = typer.Option("--yes", help=session.help("yes"))

    @group.command("delete", help=session.help("profile_delete"))
    def delete_profile(
        name: str,
        *,
        yes: Annotated[bool, yes_option] = False,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        address = f"/profiles/{path_part(name)}"
        if not yes:
            left_over = session.product.get(f"{address}/left-over")
            session.screen.note(session.screen.text("delete_means", name=name, **left_over["orders"]))
            if typer.prompt(session.screen.text("delete_confirm"), err=True) != name:
                raise CommandFailed(session.screen.text("delete_kept", name=name))
        deleted = session.product.delete(address)
        if as_json:
            session.screen.json(deleted)
        else:
            session.screen.say("deleted", name=name)


def read_document(file: Path, environment: Mapping[str, str], session: Session) -> dict[str, Any]:
    """The profile in a YAML file, `${NAME}` filled in from the environment.

    A name that is missing stays as it is written: the console names it, together with all else that is wrong.
    """
    # Behind this package stands SQLAlchemy, a second of loading that no other command needs.
    from sconnect.profiles.variables import fill_in_variables  # noqa: PLC0415

    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_OneOfEachLoader)  # noqa: S506 - a safe one
        if not isinstance(content, dict):
            raise _unusable(file, type(content).__name__, session)
        filled, _ = fill_in_variables(content, environment)
        # What YAML knows and JSON does not, such as dates, travels as the text it was.
        document: dict[str, Any] = json.loads(json.dumps(filled, default=str, allow_nan=False))
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise CommandFailed(session.screen.text("file_unreadable", file=file, cause=cause)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unusable(file, _place(error), session) from None
    return document


def _unusable(file: Path, cause: str, session: Session) -> CommandFailed:
    return CommandFailed(session.screen.text("file_unusable", file=file, cause=cause))


def _place(error: Exception) -> str:
    """Where the reading stopped, never what stands there: it may be a key."""
    if isinstance(error, _WrittenTwice):
        return str(error)
    mark = getattr(error, "problem_mark", None)
    return type(error).__name__ if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"


def _show_warnings(warnings: list[dict[str, Any]], session: Session) -> None:
    for warning in warnings:
        key = "stops_orders" if warning["stops_orders"] else "warning"
        session.screen.note(session.screen.text(key, text=warning["text"]))


class _WrittenTwice(yaml.YAMLError):
    """A setting stands twice in one section."""


class _OneOfEachLoader(yaml.SafeLoader):
    """YAML without the trap of its loader: of a setting written twice it silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise _WrittenTwice(f"line {key.start_mark.line + 1}: {key.value!r} x 2")
            seen.add(key.value)
        return super().construct_mapping(node, deep)
