"""The `sconnect` command against a console on a real port: what it prints, where, and how it ends."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from console.command import imports
from console.command.main import run, take_language
from console.ports import ServiceHealth
from console_telling import tell
from console_world import TOKEN, World, running_console, some_bookkeeping
from factories import merged, profile_document
from fakes_console import FakeBookkeeping, OrderStory, run_finished
from sconnect.clock import SystemClock
from sconnect.contracts import ImportRequested, ImportRunFinished, WireReason

NAME = "voorbeeldwinkel"
STORY = OrderStory(profile=NAME)
Ended = tuple[int, str, str]
Sconnect = Callable[..., Coroutine[Any, Any, Ended]]


@pytest.fixture
def bookkeeping() -> FakeBookkeeping:
    return some_bookkeeping()


@pytest_asyncio.fixture
async def world(
    sqlite_url: str, tmp_path: Path, bookkeeping: FakeBookkeeping, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    async with running_console(sqlite_url, bookkeeping=bookkeeping) as world:
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        (tmp_path / "console.json").write_text(json.dumps({"url": world.url}))
        for name in ("SCONNECT_URL", "SCONNECT_TOKEN", "SCONNECT_LANGUAGE", "CONSOLE_TOKEN_FILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SCONNECT_HOME", str(tmp_path))
        monkeypatch.setenv("COLUMNS", "200")
        yield world


@pytest.fixture
def sconnect(world: World, capsys: pytest.CaptureFixture[str]) -> Sconnect:
    """Run the command beside the console; gives exit code, standard output and standard error."""

    async def call(*typed: str) -> Ended:
        code = await asyncio.to_thread(run, typed)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def profile_file(tmp_path: Path) -> Path:
    """A profile file with its keys in the environment's hands."""
    document = profile_document(
        shop={"token": "${TEST_SHOP_TOKEN}"}, bookkeeping={"connection_key": "${TEST_CONNECTION_KEY}"}
    )
    file = tmp_path / "profile.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SHOP_TOKEN", "shop-token-from-the-environment")
    monkeypatch.setenv("TEST_CONNECTION_KEY", "connection-key-from-the-environment")


def rewrite(file: Path, **changes: Any) -> None:
    file.write_text(yaml.safe_dump(merged(yaml.safe_load(file.read_text()), changes)))


async def requested_run(world: World) -> str:
    """The id of the run that the command asked for, as soon as it did."""
    async with asyncio.timeout(10):
        while not world.publisher.events or not isinstance(world.publisher.events[-1], ImportRequested):
            await SystemClock().sleep(0.02)
    requested = world.publisher.events[-1]
    assert isinstance(requested, ImportRequested)
    return requested.run_id


async def test_status_is_zero_only_when_every_service_is_ready(world: World, sconnect: Sconnect) -> None:
    code, out, err = await sconnect("status", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["ready"] is True

    trouble = ServiceHealth(name="poller", ready=False, trouble=("rabbitmq: RabbitMQ is not connected",))
    world.neighbours.services = (trouble,)
    code, out, err = await sconnect("status")
    assert code == 1
    assert "RabbitMQ is not connected" in out
    assert "Niet alle diensten zijn klaar" in out


async def test_a_profile_is_applied_from_a_file_with_keys_from_the_environment(
    world: World, sconnect: Sconnect, profile_file: Path, keys: None
) -> None:
    code, out, err = await sconnect("profile", "apply", str(profile_file))

    assert (code, err) == (0, "")
    assert out == f"Profiel {NAME} is bewaard (versie 1) voor administratie Voorbeeld Speelgoed.\n"
    stored = await world.profiles.get(NAME)
    assert stored is not None
    assert stored.profile.shop.token.get_secret_value() == "shop-token-from-the-environment"

    code, out, _ = await sconnect("profile", "show", NAME)
    assert code == 0
    assert yaml.safe_load(out)["name"] == NAME
    assert "from-the-environment" not in out

    code, out, _ = await sconnect("profile", "list", "--json")
    assert [profile["name"] for profile in json.loads(out)] == [NAME]
    assert (await sconnect("profile", "list"))[0] == 0
    assert (await sconnect("profile", "check", NAME))[:2] == (0, f"Profiel {NAME} is in orde.\n")


async def test_warnings_do_not_keep_a_profile_from_being_saved(
    sconnect: Sconnect, profile_file: Path, keys: None, bookkeeping: FakeBookkeeping
) -> None:
    rewrite(profile_file, bookings={"ledgers": {"revenue": {"nl_high": 8110}}})

    code, out, err = await sconnect("profile", "apply", str(profile_file), "--lang", "en")

    assert code == 0
    assert "is saved" in out
    assert err.startswith("Error: bookings.ledgers.revenue.nl_high: ledger 8110 has a function")
    assert err.rstrip().endswith("Orders that need this wait.")


async def test_everything_wrong_with_a_profile_is_one_line_each_and_no_key(
    world: World, sconnect: Sconnect, profile_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SHOP_TOKEN", "shop-token-from-the-environment")
    rewrite(profile_file, planning={"interval": "7m"})

    code, out, err = await sconnect("profile", "apply", str(profile_file))

    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert len(lines) == 2
    assert "TEST_CONNECTION_KEY" in err
    assert "planning.interval" in err
    assert "from-the-environment" not in err
    assert await world.profiles.all() == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name: [unclosed", "geen bruikbare YAML: line"),
        ("- a list", "geen bruikbare YAML: list"),
        ("name: een\nenabled: true\nname: twee\n", "geen bruikbare YAML: line 3: 'name' x 2"),
        ("shop: {token: geheim, token: geheimer}", "geen bruikbare YAML: line 1: 'token' x 2"),
        ("", "geen bruikbare YAML: NoneType"),
        ("a: .nan", "geen bruikbare YAML: ValueError"),
        ("a: &a [*a]", "geen bruikbare YAML: RecursionError"),
    ],
)
async def test_a_file_that_is_no_profile_file(
    sconnect: Sconnect, tmp_path: Path, content: str, sentence: str
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(content)

    code, out, err = await sconnect("profile", "apply", str(file))

    assert (code, out) == (1, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


async def test_a_file_that_is_not_there(sconnect: Sconnect) -> None:
    code, _, err = await sconnect("profile", "apply", "/no/such/profile.yaml")

    assert code == 1
    assert err == "Het bestand /no/such/profile.yaml is niet te lezen: No such file or directory.\n"


async def test_an_unknown_ledger_is_refused(
    world: World, sconnect: Sconnect, profile_file: Path, keys: None
) -> None:
    rewrite(profile_file, bookings={"ledgers": {"rounding": 1234}})

    code, _, err = await sconnect("profile", "apply", str(profile_file))

    assert code == 1
    assert err == "bookings.ledgers.rounding: grootboek 1234 bestaat niet in SnelStart.\n"
    assert await world.profiles.all() == ()


async def test_import_waits_for_every_order_and_tells_of_each(
    world: World, sconnect: Sconnect, profile_file: Path, keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LOOK_INTERVAL_SECONDS", 0.02)
    await sconnect("profile", "apply", str(profile_file))
    other = OrderStory(number="1002", profile=NAME)
    waiting = asyncio.create_task(sconnect("import", NAME, "--wait", "--timeout", "30"))
    run_id = await requested_run(world)

    await tell(world.read_model, STORY.received(), other.received())
    await tell(world.read_model, run_finished(run_id, orders=(STORY.uuid, other.uuid), profile=NAME))
    assert not waiting.done()
    await tell(world.read_model, STORY.booked(), other.dead_lettered(code="NO_EMAIL"))

    code, out, err = await waiting
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "    1001  geboekt  68.00  1001  10412" in lines
    assert any(line.startswith("    1002  wacht op een mens  De bestelling heeft geen") for line in lines)
    assert "Klaar: 2 bestellingen, 1 geboekt, 1 wacht op een mens." in lines
    assert "Ontbrekende nummers in de webshop: 1003." in lines


async def test_import_that_takes_too_long_ends_with_three(
    sconnect: Sconnect, profile_file: Path, keys: None
) -> None:
    await sconnect("profile", "apply", str(profile_file))

    code, out, err = await sconnect("import", NAME, "--wait", "--timeout", "0")

    assert (code, out) == (3, "")
    assert "nog niet klaar" in err


async def test_import_that_fails_ends_with_one_and_the_cause(
    world: World, sconnect: Sconnect, profile_file: Path, keys: None
) -> None:
    await sconnect("profile", "apply", str(profile_file))
    waiting = asyncio.create_task(sconnect("import", NAME, "--wait", "--json"))
    run_id = await requested_run(world)
    failed = run_finished(run_id, profile=NAME).model_copy(
        update={"failure": WireReason(code="PROFILE_PAUSED", variant="shop_token")}
    )
    assert isinstance(failed, ImportRunFinished)
    await tell(world.read_model, failed)

    code, out, err = await waiting
    assert code == 1
    assert json.loads(out)["failure_code"] == "PROFILE_PAUSED"
    assert err.startswith(f"De import van {NAME} is niet gelukt: De webshop weigert de sleutel")


async def test_import_without_waiting_only_asks(
    world: World, sconnect: Sconnect, profile_file: Path, keys: None
) -> None:
    await sconnect("profile", "apply", str(profile_file))

    code, out, _ = await sconnect("import", NAME)

    assert code == 0
    assert await requested_run(world) in out


@pytest.mark.parametrize(
    "typed",
    [
        ("import", "unknown", "--wait"),
        ("orders", "list", "--profile", "unknown", "--json"),
        ("profile", "show", "unknown"),
        ("profile", "check", "no such name"),
    ],
)
async def test_an_unknown_profile_ends_with_two(sconnect: Sconnect, typed: tuple[str, ...]) -> None:
    code, out, err = await sconnect(*typed)

    assert (code, out) == (2, "")
    assert err.startswith("Er is geen profiel ")


async def test_orders_are_listed_and_shown(world: World, sconnect: Sconnect) -> None:
    await tell(world.read_model, STORY.received(), STORY.resolved(), STORY.booked())

    code, out, _ = await sconnect("orders", "list", "--profile", NAME, "--json")
    (order,) = json.loads(out)
    assert (code, order["order_number"], order["total"]) == (0, "1001", "68.00")

    code, out, _ = await sconnect("orders", "list", "--profile", NAME)
    assert code == 0
    assert "geboekt" in out

    code, out, _ = await sconnect("orders", "show", "1001", "--profile", NAME)
    assert code == 0
    for piece in (
        "Klant 10412, herkend: e-mailadres gelijk",
        "8100",
        "btw hoog",
        "56.20",
        "11.80",
        "Blokkendoos",
    ):
        assert piece in out

    code, _, err = await sconnect("orders", "show", "1", "--profile", NAME)
    assert (code, err) == (1, f"Profiel {NAME} heeft geen bestelling 1.\n")


async def test_dead_letters_are_listed_shown_replayed_and_put_away(world: World, sconnect: Sconnect) -> None:
    other = OrderStory(number="1002", profile=NAME)
    await tell(
        world.read_model, STORY.received(), STORY.dead_lettered(), other.received(), other.dead_lettered()
    )

    code, out, _ = await sconnect("dead-letters", "list", "--json")
    assert [letter["order_number"] for letter in json.loads(out)] == ["1001", "1002"]
    code, out, _ = await sconnect("dead-letters", "list", "--lang=en")
    assert STORY.dead_letter_id() in out
    code, out, _ = await sconnect("dead-letters", "show", STORY.dead_letter_id())
    assert code == 0
    assert "klant 10412, Jan Voorbeeld, e-mailadres gelijk" in out

    code, out, _ = await sconnect("dead-letters", "replay", STORY.dead_letter_id(), "--customer", "10412")
    assert code == 0
    assert "bestelling 1001 wordt opnieuw aangeboden" in out
    code, _, err = await sconnect("dead-letters", "discard", other.dead_letter_id())
    assert code == 2
    assert "--reason" in err
    code, out, _ = await sconnect(
        "dead-letters", "discard", other.dead_letter_id(), "--reason", "Boek ik zelf"
    )
    assert code == 0
    assert (await sconnect("dead-letters", "list"))[:2] == (0, "Er wacht niets op een mens.\n")

    code, _, err = await sconnect("dead-letters", "replay", "unknown")
    assert (code, err) == (1, "Er is geen melding met nummer unknown.\n")
    code, _, err = await sconnect("dead-letters", "replay", "x", "--create", "--customer", "1")
    assert code == 2


async def test_the_command_shows_what_it_can_do_in_both_languages(sconnect: Sconnect) -> None:
    assert "Bestellingen die op een mens wachten." in (await sconnect("--help"))[1]
    assert "Orders that wait for a person." in (await sconnect("--lang", "en", "--help"))[1]
    assert (await sconnect("--lang", "fr", "status"))[0] == 2


async def test_a_wrong_token_is_said_so(sconnect: Sconnect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCONNECT_TOKEN", "wrong")

    code, out, err = await sconnect("status", "--json")

    assert (code, out) == (1, "")
    assert err == "De console vraagt om een geldig toegangsbewijs (token).\n"


@pytest.mark.parametrize("typed", [("status", "--json"), ("profile", "list"), ("import", NAME)])
def test_a_product_that_does_not_run_is_one_sentence(
    typed: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.delenv("SCONNECT_URL", raising=False)
    monkeypatch.setenv("SCONNECT_HOME", str(tmp_path))
    assert run(typed) == 1
    assert "Het product draait niet" in capsys.readouterr().err

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("SCONNECT_URL", f"http://127.0.0.1:{port}")
    assert run(typed) == 1
    assert "geen toegangsbewijs" in capsys.readouterr().err

    monkeypatch.setenv("SCONNECT_TOKEN", TOKEN)
    assert run(typed) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"Het product draait niet op http://127.0.0.1:{port}. Start het met make run of make demo.\n"
    )


@pytest.mark.parametrize(
    ("typed", "language", "rest"),
    [
        (["status"], None, ["status"]),
        (["status", "--lang", "en"], "en", ["--lang", "en", "status"]),
        (["--lang=nl", "status"], "nl", ["--lang=nl", "status"]),
        (["status", "--lang"], None, ["--lang", "status"]),
        (["status", "--lang", "fr"], None, ["--lang", "fr", "status"]),
    ],
)
def test_the_language_may_stand_anywhere(typed: list[str], language: str | None, rest: list[str]) -> None:
    assert take_language(typed) == (language, rest)


def test_settings_of_the_command_that_make_no_sense(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCONNECT_LANGUAGE", "fr")

    assert run(["status"]) == 2
    assert capsys.readouterr().err == "SCONNECT_LANGUAGE: not a value that sconnect can use.\n"
