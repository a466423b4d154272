"""`sconnect users`: accounts by command, and that they open the pages."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from console.command.main import run
from console_visitor import visiting
from console_world import TOKEN, World, running_console
from stack.home import Home
from stack.product import Product
from stack.settings import StackSettings

SHOWN = re.compile(r"(?:wachtwoord|password) ([a-z2-9]{4}(?:-[a-z2-9]{4}){4})")


@pytest_asyncio.fixture
async def world(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        for name in ("SCONNECT_LANGUAGE", "SCONNECT_TOKEN_FILE", "CONSOLE_TOKEN_FILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SCONNECT_URL", world.url)
        monkeypatch.setenv("SCONNECT_TOKEN", TOKEN)
        yield world


async def sconnect(capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[int, str, str]:
    code = await asyncio.to_thread(run, typed)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


async def test_the_first_administrator_signs_in_with_the_password_that_is_shown_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = await sconnect(capsys, "users", "first")
    assert code == 0
    shown = SHOWN.search(out)
    assert shown is not None

    code, out, err = await sconnect(capsys, "users", "first")
    assert (code, out) == (1, "")
    assert "Er zijn al accounts." in err
    async with visiting(world) as visitor:
        answer = await visitor.sign_in("administrator", shown.group(1))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await visitor.get("/")).status_code == 200


async def test_accounts_are_made_listed_changed_and_switched_off(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await sconnect(capsys, "users", "first")
    code, out, _ = await sconnect(capsys, "--lang", "en", "users", "add", "Sanne", "--role", "accountant")
    assert code == 0
    assert SHOWN.search(out)
    assert "chooses a password" in out

    assert (await sconnect(capsys, "users", "set-role", "sanne", "--role", "bookkeeper"))[0] == 0
    assert (await sconnect(capsys, "users", "disable", "sanne"))[0] == 0
    _, out, _ = await sconnect(capsys, "users", "list", "--json")
    listed = {person["name"]: person for person in json.loads(out)}
    assert listed["sanne"]["role"] == "bookkeeper"
    assert listed["sanne"]["disabled"]
    assert "password_hash" not in out
    assert "argon2" not in out

    assert (await sconnect(capsys, "users", "enable", "sanne"))[0] == 0
    code, out, _ = await sconnect(capsys, "users", "reset-password", "sanne")
    assert SHOWN.search(out)
    _, out, _ = await sconnect(capsys, "users", "list")
    assert re.search(r"sanne\s+boekhouder\s+moet nog een wachtwoord kiezen", out)


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        (("add", "administrator", "--role", "bookkeeper"), 1, "Er is al een account administrator."),
        (("add", "  ", "--role", "bookkeeper"), 1, "Een naam heeft 1 tot 64 gewone tekens."),
        (("add", "jan", "--role", "keizer"), 2, ""),
        (("add", "jan"), 2, ""),
        (("reset-password", "niemand"), 1, "Er is geen account niemand."),
        (("disable", "administrator"), 1, "de laatste beheerder"),
        (("set-role", "administrator", "--role", "accountant"), 1, "de laatste beheerder"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(
    world: World, capsys: pytest.CaptureFixture[str], typed: tuple[str, ...], code: int, sentence: str
) -> None:
    await sconnect(capsys, "users", "first")

    ended, _, err = await sconnect(capsys, "users", *typed)

    assert ended == code
    assert sentence in err


async def test_whoever_starts_the_product_sees_the_first_password_once(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    product = Product(Home(tmp_path), StackSettings(), os.environ)

    await asyncio.to_thread(product.show_first_password)
    shown = SHOWN.search(capsys.readouterr().out)
    assert shown is not None
    await asyncio.to_thread(product.show_first_password)
    assert capsys.readouterr().out == ""

    async with visiting(world) as visitor:
        assert (await visitor.sign_in("administrator", shown.group(1))).status_code == 303
