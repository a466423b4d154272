"""The addresses of the API about accounts; administrators only."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from console.adapters.web.access import ADMINISTRATORS_ONLY, note_made
from console.adapters.web.people_documents import NewPasswordDocument, PersonDocument
from console.adapters.web.requests import Body
from console.domain.people import NAME_LENGTH_MAX, Role
from console.handlers.people import PeopleDesk

AccountName = Annotated[str, Path(max_length=NAME_LENGTH_MAX)]


class AccountBody(Body):
    name: Annotated[str, Field(max_length=NAME_LENGTH_MAX)]
    role: Annotated[Role, Field(strict=False)]


class RoleBody(Body):
    role: Annotated[Role, Field(strict=False)]


def people_routes(desk: PeopleDesk) -> APIRouter:
    router = APIRouter(prefix="/users", tags=["users"], dependencies=[ADMINISTRATORS_ONLY])

    @router.get("")
    async def list_users() -> list[PersonDocument]:
        return [PersonDocument.of(person) for person in await desk.people()]

    @router.post("/first", status_code=201)
    async def add_first_administrator(request: Request) -> NewPasswordDocument:
        """The first account, for as long as there is none."""
        made = await desk.first()
        note_made(request, made=made.person.name)
        return NewPasswordDocument.of_new(made)

    @router.post("", status_code=201)
    async def add_user(request: Request, body: AccountBody) -> NewPasswordDocument:
        made = await desk.add(body.name, body.role)
        note_made(request, made=made.person.name)
        return NewPasswordDocument.of_new(made)

    @router.post("/{name}/role")
    async def set_role(name: AccountName, body: RoleBody) -> PersonDocument:
        return PersonDocument.of(await desk.set_role(name, body.role))

    @router.post("/{name}/password")
    async def reset_password(name: AccountName) -> NewPasswordDocument:
        return NewPasswordDocument.of_new(await desk.reset_password(name))

    @router.post("/{name}/disable")
    async def disable_user(name: AccountName) -> PersonDocument:
        return PersonDocument.of(await desk.switch(name, disabled=True))

    @router.post("/{name}/enable")
    async def enable_user(name: AccountName) -> PersonDocument:
        return PersonDocument.of(await desk.switch(name, disabled=False))

    return router
