"""Somebody at the console's pages without a browser: cookies, forms and their proof."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx

from console.domain.people import Role, account_name
from console_world import World

# On a machine that is busy with other things.
ANSWER_SECONDS_MAX = 60
PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')


class Visitor:
    """Follows no redirects, so that a test sees each answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **parameters: str) -> httpx.Response:
        return await self.client.get(path, params=parameters or None)

    async def proof(self, path: str = "/password") -> str:
        """The proof that the forms of a page carry."""
        page = await self.client.get(path)
        found = PROOF.search(page.text)
        assert found is not None, (path, page.status_code)
        return found.group(1)

    async def post(self, path: str, *, proof: str | None = None, **fields: str) -> httpx.Response:
        """Send a form as the pages would, with the right proof unless another is given."""
        given = await self.proof() if proof is None else proof
        return await self.client.post(path, data={**fields, "proof": given})

    async def sign_in(self, name: str, password: str, **fields: str) -> httpx.Response:
        proof = await self.proof("/sign-in")
        return await self.post("/sign-in", proof=proof, name=name, password=password, **fields)


@asynccontextmanager
async def visiting(world: World, role: Role | None = None) -> AsyncIterator[Visitor]:
    """A visitor with cookies of its own, signed in with that role or, without one, not signed in."""
    async with httpx.AsyncClient(
        base_url=world.url, follow_redirects=False, trust_env=False, timeout=ANSWER_SECONDS_MAX
    ) as client:
        visitor = Visitor(client)
        if role is not None:
            name, password = await account(world, role)
            answer = await visitor.sign_in(name, password)
            assert answer.status_code == 303, answer.text
        yield visitor


async def account(world: World, role: Role) -> tuple[str, str]:
    """The name and the password of an account with that role, made when it is missing."""
    name = account_name(f"{role.value} voorbeeld") or ""
    password = f"een goed wachtwoord voor {name}"
    people = world.console.people
    if await people.person(name) is None:
        await world.desks.people.add(name, role)
        changed = await people.change_person(
            name, password_hash=await world.passwords.hash(password), must_change_password=False
        )
        assert changed
    return name, password


def text_of(response: httpx.Response) -> str:
    """What a reader sees: the page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())
