"""Accounts; for administrators."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY, note_made
from console.adapters.web.pages.frame import Frame
from console.domain.people import NAME_LENGTH_MAX, Person, Role
from console.domain.refusals import NotNow
from console.handlers.people import NewPassword, PeopleDesk

FIELD_LENGTH_MAX = 200
Name = Annotated[str, Form(max_length=FIELD_LENGTH_MAX)]


class UsersPage:
    """The list, with what just happened above it."""

    def __init__(self, frame: Frame, desk: PeopleDesk) -> None:
        self._frame = frame
        self._desk = desk

    async def show(
        self,
        request: Request,
        *,
        made: NewPassword | None = None,
        refused: NotNow | None = None,
        name: str = "",
    ) -> Response:
        return await self._frame.page(
            request,
            "users.html",
            status=HTTPStatus.OK if refused is None else HTTPStatus.CONFLICT,
            people=await self._desk.people(),
            roles=list(Role),
            made=made,
            refused=refused,
            name=name,
            name_length_max=NAME_LENGTH_MAX,
        )

    async def changed(self, request: Request, change: Awaitable[Person]) -> Response:
        try:
            person = await change
        except NotNow as refused:
            return await self.show(request, refused=refused)
        return await self._frame.go(request, "/users", notice="user_changed", name=person.name)


def user_pages(frame: Frame, desk: PeopleDesk) -> APIRouter:
    router = APIRouter(prefix="/users", dependencies=[ADMINISTRATORS_ONLY])
    page = UsersPage(frame, desk)

    @router.get("")
    async def list_users(request: Request) -> Response:
        return await page.show(request)

    @router.post("")
    async def add_user(request: Request, name: Name, role: Annotated[Role, Form()]) -> Response:
        try:
            made = await desk.add(name, role)
        except NotNow as refused:
            return await page.show(request, refused=refused, name=name)
        note_made(request, made=made.person.name)
        # No redirect: the password is shown here, and nowhere ever again.
        return await page.show(request, made=made)

    @router.post("/{name}/role")
    async def set_role(request: Request, name: str, role: Annotated[Role, Form()]) -> Response:
        return await page.changed(request, desk.set_role(name, role))

    @router.post("/{name}/password")
    async def reset_password(request: Request, name: str) -> Response:
        return await page.show(request, made=await desk.reset_password(name))

    @router.post("/{name}/disable")
    async def disable_user(request: Request, name: str) -> Response:
        return await page.changed(request, desk.switch(name, disabled=True))

    @router.post("/{name}/enable")
    async def enable_user(request: Request, name: str) -> Response:
        return await page.changed(request, desk.switch(name, disabled=False))

    return router
