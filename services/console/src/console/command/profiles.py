"""`sconnect profile apply | list | show | check | delete`; others are in `profile_changes` and `ledgers`."""

import os
from pathlib import Path
from typing import Annotated

import typer
import yaml

from console.command import ledgers, profile_changes
from console.command.failures import CommandFailed
from console.command.product import path_part
from console.command.profile_reading import read_document, show_warnings
from console.command.session import Session


def register(command: typer.Typer, session: Session) -> None:
    group = typer.Typer(help=session.help("profile"), no_args_is_help=True)
    command.add_typer(group, name="profile")
    _register_examinations(group, session)
    _register_looks(group, session)
    _register_removal(group, session)
    profile_changes.register(group, session)
    ledgers.register(group, session)


def _register_examinations(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))

    @group.command("apply", help=session.help("profile_apply"))
    def apply_profile(file: Path, *, as_json: Annotated[bool, json_option] = False) -> None:
        saved = session.product.post("/profiles", read_document(file, os.environ, session))
        show_warnings(saved["warnings"], session)
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
        show_warnings(examination["warnings"], session)
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
