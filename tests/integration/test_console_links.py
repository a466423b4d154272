"""What is remembered of buyers and changed on their cards, as the console and its command show it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from console.command.main import run
from console_answers import NAME, forgotten, remembered
from console_world import TOKEN, World, running_console
from factories import profile_document
from fakes_console import OrderStory
from sconnect.contracts import (
    CardChange,
    ForgetLinkRequested,
)

STORY = OrderStory(profile=NAME)


@pytest_asyncio.fixture
async def world(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        (tmp_path / "console.json").write_text(json.dumps({"url": world.url}))
        monkeypatch.setenv("SCONNECT_HOME", str(tmp_path))
        monkeypatch.setenv("COLUMNS", "300")
        for name in ("SCONNECT_URL", "SCONNECT_TOKEN", "SCONNECT_LANGUAGE"):
            monkeypatch.delenv(name, raising=False)
        saved = await world.client.post("/api/profiles", json=profile_document())
        assert saved.status_code == 200, saved.text
        yield world


async def links(world: World) -> list[str]:
    answer = await world.client.get(f"/api/profiles/{NAME}/remembered-links")
    assert answer.status_code == 200, answer.text
    return [link["id"] for link in answer.json()]


async def test_a_link_is_shown_until_it_is_forgotten_in_whatever_order_that_is_told(world: World) -> None:
    for message in (remembered("link-1"), remembered("link-2"), remembered("link-1"), forgotten("link-3")):
        await world.read_model.record(message)
    await world.read_model.record(remembered("link-3"))
    assert sorted(await links(world)) == ["link-1", "link-2"]
    await world.read_model.record(forgotten("link-1"))
    assert await links(world) == ["link-2"]


async def test_the_command_lists_and_forgets(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    await world.read_model.record(remembered(decided_by=None))
    assert await asyncio.to_thread(run, ["customers", "remembered", NAME]) == 0
    shown = capsys.readouterr().out
    for text in ("link-1", "Kim Voorbeeld", "10412 P. Voorbeeld", "1001", "vanzelf"):
        assert text in shown
    assert await asyncio.to_thread(run, ["customers", "remembered", NAME, "--json"]) == 0
    (link,) = json.loads(capsys.readouterr().out)
    assert (link["customer_number"], link["decided_by"]) == (10412, None)

    assert await asyncio.to_thread(run, ["customers", "forget", "link-1"]) == 0
    assert "wordt vergeten" in capsys.readouterr().out
    wish = world.publisher.events[-1]
    assert isinstance(wish, ForgetLinkRequested)
    assert (wish.profile, wish.link_id) == (NAME, "link-1")


async def test_what_is_not_there_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(run, ["customers", "remembered", NAME]) == 0
    assert "van geen koper" in capsys.readouterr().out
    assert await asyncio.to_thread(run, ["customers", "forget", "link-9"]) != 0
    assert "link-9" in capsys.readouterr().err
    assert await asyncio.to_thread(run, ["customers", "remembered", "elders"]) != 0
    assert "elders" in capsys.readouterr().err


async def test_the_trail_tells_what_differs_and_what_was_changed_on_the_card(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    resolved = STORY.resolved()
    customer = resolved.customer.model_copy(
        update={
            "explanation": "email.equal,surname.equal",
            "differs": ("phone.differs",),
            "changes": (
                CardChange(field="phone", old="", new="0612345678"),
                CardChange(field="address", old="Kade 1, Utrecht", new="Kade 2, Utrecht"),
            ),
        }
    )
    for message in (STORY.received(), resolved.model_copy(update={"customer": customer})):
        await world.read_model.record(message)
    assert await asyncio.to_thread(run, ["orders", "show", "1001", "--profile", NAME]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "Klant 10412, herkend: e-mailadres gelijk, achternaam gelijk; afwijkend: telefoonnummer;"
        " kaart bijgewerkt: telefoon 0612345678, adres Kade 1, Utrecht → Kade 2, Utrecht"
    ) in shown
