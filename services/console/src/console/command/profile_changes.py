"""`sconnect profile change | history | undo | export | copy`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from console.command.failures import CommandFailed
from console.command.product import path_part
from console.command.profile_reading import read_document, show_warnings
from console.command.session import Session

VERSIONS_SHOWN = 25


def register(group: typer.Typer, session: Session) -> None:
    _register_changes(group, session)
    _register_history(group, session)
    _register_files(group, session)


def _register_changes(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    with_option = typer.Option("--with", help=session.help("profile_copy_with"))

    @group.command("change", help=session.help("profile_change"))
    def change_profile(name: str, file: Path, *, as_json: Annotated[bool, json_option] = False) -> None:
        changes = read_document(file, os.environ, session)
        _tell_saved(session.product.patch(_address(name), changes), session, as_json=as_json)

    @group.command("copy", help=session.help("profile_copy"))
    def copy_profile(
        name: str,
        new_name: str,
        *,
        file: Annotated[Path | None, with_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        changes = {} if file is None else read_document(file, os.environ, session)
        body = {"name": new_name, "changes": changes}
        _tell_saved(session.product.post(f"{_address(name)}/copy", body), session, as_json=as_json)


def _register_history(group: typer.Typer, session: Session) -> None:
    json_option = typer.Option("--json", help=session.help("json"))
    before_option = typer.Option("--before", min=1, help=session.help("profile_before"))
    to_option = typer.Option("--to", min=1, help=session.help("profile_undo_to"))

    @group.command("history", help=session.help("profile_history"))
    def show_history(
        name: str,
        *,
        before: Annotated[int | None, before_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        parameters = {} if before is None else {"before": str(before)}
        history = session.product.get(f"{_address(name)}/history", parameters=parameters)
        if as_json:
            session.screen.json(history)
            return
        columns = ("version", "saved_at", "saved_by", "field", "old", "new")
        session.screen.table(columns, _rows(history["versions"], session))
        if history["older"] is not None:
            session.screen.note(session.screen.text("profile_older", before=history["older"]))

    @group.command("undo", help=session.help("profile_undo"))
    def undo_profile(
        name: str,
        *,
        to: Annotated[int | None, to_option] = None,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        """Over the version that is there now, so that nobody's later change is undone unseen."""
        present = session.product.get(_address(name))["version"]
        body = {"version": _earlier(name, session) if to is None else to, "over_version": present}
        _tell_saved(session.product.post(f"{_address(name)}/undo", body), session, as_json=as_json)


def _register_files(group: typer.Typer, session: Session) -> None:
    write_option = typer.Option("--write", help=session.help("profile_export_write"))

    @group.command("export", help=session.help("profile_export"))
    def export_profile(name: str, *, write: Annotated[Path | None, write_option] = None) -> None:
        text = session.product.get(f"{_address(name)}/export")["yaml"]
        if write is None:
            session.screen.line(text.rstrip())
            return
        try:
            with write.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError:
            raise CommandFailed(session.screen.text("file_exists", file=write)) from None
        except OSError as error:
            cause = error.strerror or type(error).__name__
            raise CommandFailed(session.screen.text("file_unwritable", file=write, cause=cause)) from None
        session.screen.say("profile_exported", name=name, file=write)


def _address(name: str) -> str:
    return f"/profiles/{path_part(name)}"


def _earlier(name: str, session: Session) -> int:
    """The version before the present one."""
    versions: list[dict[str, Any]] = session.product.get(f"{_address(name)}/history")["versions"]
    if len(versions) <= 1:
        raise CommandFailed(session.screen.text("profile_no_earlier", name=name))
    earlier: int = versions[1]["version"]
    return earlier


def _rows(versions: list[dict[str, Any]], session: Session) -> Iterator[list[object]]:
    for version in versions:
        start: list[object] = [
            version["version"],
            session.screen.moment(version["saved_at"]),
            version["saved_by"],
        ]
        if not version["changes"]:
            yield [*start, "", "", ""]
        for change in version["changes"]:
            is_key = change["before"] is None
            new = session.screen.text("profile_key_changed") if is_key else change["after"]
            yield [*start, change["field"], change["before"] or "", new]
            start = ["", "", ""]


def _tell_saved(saved: dict[str, Any], session: Session, *, as_json: bool) -> None:
    show_warnings(saved["warnings"], session)
    if as_json:
        session.screen.json(saved)
        return
    session.screen.say("profile_saved", **{key: saved[key] for key in ("name", "version", "administration")})
