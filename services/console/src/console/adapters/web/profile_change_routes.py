"""The addresses at which profiles are changed in part, copied, exported and brought back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from console.adapters.web.access import ADMINISTRATORS_ONLY, Language, SignedIn, note_made
from console.adapters.web.profile_change_documents import (
    ConnectionDocument,
    HistoryDocument,
    ProfileFileDocument,
)
from console.adapters.web.profile_documents import AppliedProfileDocument
from console.adapters.web.profile_files import profile_file
from console.adapters.web.requests import CopyBody, ProfileName, UndoBody, VersionNumber
from console.handlers.connections import ConnectionDesk, Side
from console.handlers.profile_history import ProfileHistoryDesk
from console.handlers.profiles import ProfileDesk

OverVersion = Annotated[VersionNumber | None, Query()]


def profile_change_routes(desk: ProfileDesk, connections: ConnectionDesk) -> APIRouter:
    router = APIRouter(prefix="/profiles", tags=["profiles"])

    @router.patch("/{name}", dependencies=[ADMINISTRATORS_ONLY])
    async def change_profile(
        name: ProfileName,
        changes: dict[str, Any],
        signed_in: SignedIn,
        language: Language,
        over_version: OverVersion = None,
    ) -> AppliedProfileDocument:
        """Only what is given changes (RFC 7396: null takes a value away); keys that are not given stay.

        With `over_version` only when the profile still has that version.
        """
        applied = await desk.change(name, changes, by=signed_in, over_version=over_version)
        return AppliedProfileDocument.of_applied(applied.stored, applied.warnings, language)

    @router.post("/{name}/copy", dependencies=[ADMINISTRATORS_ONLY])
    async def copy_profile(
        request: Request, name: ProfileName, body: CopyBody, signed_in: SignedIn, language: Language
    ) -> AppliedProfileDocument:
        """A new profile like this one, with these changes, switched off."""
        applied = await desk.copy(name, body.name, body.changes, by=signed_in)
        note_made(request, made=applied.stored.profile.name)
        return AppliedProfileDocument.of_applied(applied.stored, applied.warnings, language)

    @router.get("/{name}/export")
    async def export_profile(name: ProfileName, language: Language) -> ProfileFileDocument:
        return ProfileFileDocument(name=name, yaml=profile_file(await desk.profile(name), language))

    @router.post("/{name}/connections/{side}/try", dependencies=[ADMINISTRATORS_ONLY])
    async def try_connection(
        name: ProfileName, side: Side, settings: dict[str, Any], language: Language
    ) -> ConnectionDocument:
        """Log in with the profile's settings of that side, changed by those given; nothing is saved."""
        report = await connections.try_out(side, settings, before=await desk.profile(name))
        return ConnectionDocument.of(report, language)

    return router


def profile_history_routes(history: ProfileHistoryDesk) -> APIRouter:
    router = APIRouter(prefix="/profiles", tags=["profiles"])

    @router.get("/{name}/history")
    async def show_history(
        name: ProfileName, before: Annotated[VersionNumber | None, Query()] = None
    ) -> HistoryDocument:
        return HistoryDocument.of(await history.page(name, before=before))

    @router.post("/{name}/undo", dependencies=[ADMINISTRATORS_ONLY])
    async def undo_profile(
        name: ProfileName, body: UndoBody, signed_in: SignedIn, language: Language
    ) -> AppliedProfileDocument:
        """Save the settings of an earlier version again, through the same checks; the keys stay."""
        applied = await history.undo(name, body.version, by=signed_in, over_version=body.over_version)
        return AppliedProfileDocument.of_applied(applied.stored, applied.warnings, language)

    return router
