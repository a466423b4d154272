"""A profile from a file that `sconnect profile export` or a person wrote; its keys are typed beside it."""

from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.pages.profiles.fields import NAME
from console.adapters.web.pages.profiles.making import KEYS, MakingPages
from console.adapters.web.pages.profiles.rooms import ProfileRooms, by
from console.adapters.web.pages.profiles.tabs import Attempt
from console.adapters.web.pages.profiles.typed import Typed, changes_in
from console.adapters.web.profile_files import as_yaml, read_profile_file
from console.domain.profile_settings import patched
from sconnect.profiles import SECRET_FIELDS

IMPORT = "/import-profile"
FIELDS = (NAME, *KEYS)
FILE, TEXT = "file", "text"
FILE_BYTES_MAX = 100_000
VARIABLE = "${"


def import_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter(prefix=IMPORT, dependencies=[ADMINISTRATORS_ONLY])
    pages = MakingPages(rooms)

    async def form(
        request: Request, attempt: Attempt | None = None, *, text: str = "", is_unreadable: bool = False
    ) -> Response:
        return await pages.form(
            request, "profile_import.html", FIELDS, {}, attempt, text=text, is_unreadable=is_unreadable
        )

    @router.get("")
    async def show_import_profile(request: Request) -> Response:
        return await form(request)

    @router.post("")
    async def import_profile(request: Request) -> Response:
        typed = await rooms.read(request, FIELDS)
        text = await _given_text(request, typed)
        try:
            document = read_profile_file(text)
        except ValueError:
            attempt = Attempt(typed=typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)
            return await form(request, attempt, text=text, is_unreadable=True)
        # A key in the file does not go back to the screen: it is sealed as if it had been typed.
        keys = dict(_keys_in(document))
        complete = Typed(values=typed.values, keys={**keys, **typed.keys})
        settings = _without_keys(document)
        wanted = patched(settings, changes_in(complete, KEYS)) | {"enabled": False}
        if typed.text(NAME.path):
            wanted["name"] = typed.text(NAME.path)
        make = rooms.desks.profiles.create(wanted, by=by(request))
        again = partial(form, request, text=as_yaml(settings) if keys else text)
        return await pages.made(request, complete, make, again)

    return router


async def _given_text(request: Request, typed: Typed) -> str:
    """What was uploaded, else what was pasted; what is no text is no YAML either."""
    uploaded = (await request.form()).get(FILE)
    if isinstance(uploaded, UploadFile) and uploaded.filename:
        content = await uploaded.read(FILE_BYTES_MAX)
        return content.decode("utf-8", errors="replace")
    return typed.text(TEXT)[:FILE_BYTES_MAX]


def _keys_in(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys that stand in the file itself; a variable of somebody's environment is none."""
    for section, name in SECRET_FIELDS:
        part = document.get(section)
        key = part.get(name) if isinstance(part, Mapping) else None
        if isinstance(key, str) and key and not key.startswith(VARIABLE):
            yield f"{section}.{name}", key


def _without_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(document)
    for section, name in SECRET_FIELDS:
        part = result.get(section)
        if isinstance(part, Mapping):
            result[section] = {key: value for key, value in part.items() if key != name}
    return result
