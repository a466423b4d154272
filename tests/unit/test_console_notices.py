"""When people are told, in which words, and which settings are refused."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from console.adapters.notices import Wording, open_channels, signing_key
from console.domain.findings import Finding
from console.domain.notices import (
    ChannelMemory,
    Digest,
    NoticePlan,
    Subject,
    SubjectKind,
    Untold,
    wait_after,
)
from console.domain.standing import ToldReason
from console.settings import ConsoleSettings
from fakes_console import NOON
from sconnect.clock import ManualClock
from sconnect.errors import StartupError
from sconnect.http import HttpLimits, create_http_client
from sconnect.service.settings import read_settings

MINUTE = timedelta(minutes=1)
PLAN = NoticePlan(interval=60 * MINUTE, gathering=MINUTE)
NEWS = Untold(count=1, oldest=NOON)


@pytest.mark.parametrize(
    ("memory", "untold", "minutes_later", "due"),
    [
        (ChannelMemory(), Untold(count=0, oldest=None), 600, False),
        (ChannelMemory(), NEWS, 0, False),
        (ChannelMemory(), NEWS, 1, True),
        (ChannelMemory(last_sent_at=NOON - 30 * MINUTE), NEWS, 29, False),
        (ChannelMemory(last_sent_at=NOON - 30 * MINUTE), NEWS, 30, True),
        # An attempt that failed is made again at its own moment, not before and not an interval later.
        (ChannelMemory(attempts=1, next_attempt_at=NOON + 5 * MINUTE), NEWS, 4, False),
        (
            ChannelMemory(attempts=1, next_attempt_at=NOON + 5 * MINUTE, last_sent_at=NOON),
            NEWS,
            5,
            True,
        ),
        # Everything was solved while the mail server was away.
        (
            ChannelMemory(attempts=9, next_attempt_at=NOON),
            Untold(count=0, oldest=None),
            5,
            False,
        ),
    ],
)
def test_a_digest_is_due_when_there_is_news_and_it_is_time(
    memory: ChannelMemory, untold: Untold, minutes_later: int, due: bool
) -> None:
    assert PLAN.is_due(memory, untold, NOON + minutes_later * MINUTE) is due


def test_waits_double_up_to_an_hour() -> None:
    waits = [wait_after(attempts) // MINUTE for attempts in (1, 2, 3, 6, 7, 8, 100, 10**6)]
    assert waits == [1, 2, 4, 32, 60, 60, 60, 60]


def test_the_same_news_makes_the_same_digest() -> None:
    one, other = letter("1001"), letter("1002")
    first = Digest.of("mail", [one, other], NOON, letters_open=2)
    assert Digest.of("mail", [other, one], NOON + MINUTE, letters_open=2).id == first.id
    assert Digest.of("webhook", [one, other], NOON, letters_open=2).id != first.id
    assert Digest.of("mail", [one], NOON, letters_open=2).id != first.id


def letter(number: str | None, code: str = "TOTAL_MISMATCH", **details: str) -> Subject:
    return Subject(
        kind=SubjectKind.LETTER,
        key=f"letter:{number}",
        profile="houten-speelgoed",
        since=NOON,
        order_number=number,
        reason=ToldReason(code=code, details=details),
    )


def test_a_digest_tells_what_is_new_by_profile_and_reason() -> None:
    mismatch = {"total": "36.45", "sum": "35.45", "difference": "1.00", "tolerance": "0.05"}
    pause = Subject(
        kind=SubjectKind.PAUSE,
        key="pause:1",
        profile="kaarsen",
        since=NOON,
        reason=ToldReason(code="PROFILE_PAUSED", variant="shop_token"),
    )
    finding = Finding(
        text_key="ledgers.ledger_inactive", is_refusal=False, field="nl_high",
        details={"field": "nl_high", "ledger": "8100"},
    )  # fmt: skip
    ledgers = Subject(
        kind=SubjectKind.LEDGERS, key="ledgers:1", profile="kaarsen", since=NOON, findings=(finding,)
    )
    letters = [letter(str(1000 + place), **mismatch) for place in range(7)]
    unknown = letter(None, code="UNREADABLE_MESSAGE")
    digest = Digest.of("mail", [pause, ledgers, unknown, *letters], NOON, letters_open=1234)
    wording = Wording("nl", "https://boekhouding.example.nl/")

    assert wording.title(digest) == (
        "sconnect: 8 bestellingen wachten op een mens, 2 meldingen over profielen die stilstaan of vastlopen"
    )
    paused = (
        "- Profiel kaarsen staat stil. De webshop weigert de sleutel (shop.token). Maak in Mijnwebwinkel een"
        " nieuwe sleutel en zet die in het profiel; daarna gaat het vanzelf verder."
    )
    inactive = "nl_high: grootboek 8100 is in SnelStart niet actief."
    unreadable = "Bied de bestelling opnieuw aan vanuit de webshop, of leg deze melding weg."
    assert wording.text(digest).splitlines() == [
        paused,
        f"- Profiel kaarsen: bestellingen zullen wachten. {inactive}",
        "",
        "houten-speelgoed, Totaal klopt niet (7):",
        *(
            f"- {1000 + place}: Het totaal van de bestelling is €\u00a036,45, maar regels en btw zijn samen"
            " €\u00a035,45: een verschil van €\u00a01,00, meer dan de toegestane €\u00a00,05. Controleer de"
            " bestelling in de webshop, of boek haar met de hand."
            for place in range(5)
        ),
        "- en nog 2",
        "",
        "houten-speelgoed, Onleesbaar bericht (1):",
        f"- Een bericht in de wachtrij is niet te lezen. {unreadable}",
        "",
        "In totaal wachten er nu 1.234 bestellingen op een mens.",
        "Bekijken en oplossen: https://boekhouding.example.nl/needs-you",
    ]


def test_a_digest_never_repeats_what_another_system_wrote() -> None:
    refused = letter(
        "1001", code="CUSTOMER_REFUSED", message="jan.voorbeeld@example.nl bestaat al", code_="x"
    )
    text = Wording("en", None).text(Digest.of("mail", [refused], NOON, letters_open=1))
    assert "refuses" in text
    assert "jan" not in text
    assert "console" not in text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_test_says_that_it_is_one(language: str) -> None:
    wording = Wording(language, None)
    digest = Digest.test("mail", NOON, letters_open=0)
    assert wording.title(digest) == {"nl": "sconnect: proefbericht", "en": "sconnect: test message"}[language]
    assert len(wording.text(digest).splitlines()) == 3


def test_a_secret_is_text_or_base64() -> None:
    assert signing_key(SecretStr("whsec_c2xldXRlbA==")) == b"sleutel"
    assert signing_key(SecretStr("sleutel")) == b"sleutel"
    with pytest.raises(ValueError, match="no Base64"):
        signing_key(SecretStr("whsec_geen base64"))


MAIL = {
    "CONSOLE_NOTIFY_SMTP_HOST": "smtp.example.nl",
    "CONSOLE_NOTIFY_MAIL_FROM": "sconnect@example.nl",
    "CONSOLE_NOTIFY_MAIL_TO": "anna@example.nl, boekhouding@example.nl",
}
HOOK = {
    "CONSOLE_NOTIFY_WEBHOOK_URL": "https://chat.example.nl/hook",
    "CONSOLE_NOTIFY_WEBHOOK_SECRET": "geheim",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in os.environ:
        if name.startswith("CONSOLE_NOTIFY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONSOLE_DATABASE_URL", "sqlite+aiosqlite:///x")
    monkeypatch.setenv("CONSOLE_HEALTH_PORT", "0")
    for neighbour in ("POLLER", "CUSTOMER_RESOLVER", "BOOKING_WRITER"):
        monkeypatch.setenv(f"CONSOLE_{neighbour}_URL", "http://127.0.0.1:1")
    return monkeypatch


async def where_of(given: dict[str, str], environment: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    for name, value in given.items():
        environment.setenv(name, value)
    settings = read_settings(ConsoleSettings)
    async with create_http_client(HttpLimits()) as client:
        channels = open_channels(settings, client, ManualClock(NOON), Wording("nl", None), allow_http=False)
        return {channel.name: dict(channel.where) for channel in channels}


async def test_without_settings_nobody_is_told(environment: pytest.MonkeyPatch) -> None:
    assert await where_of({}, environment) == {}


async def test_what_is_set_is_shown_without_secrets(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("een goed wachtwoord\n")
    given = {
        **MAIL,
        **HOOK,
        "CONSOLE_NOTIFY_SMTP_USER": "bericht",
        "CONSOLE_NOTIFY_SMTP_PASSWORD_FILE": str(password),
    }
    assert await where_of(given, environment) == {
        "mail": {
            "server": "smtp.example.nl:587",
            "encryption": "starttls",
            "sender": "sconnect@example.nl",
            "recipients": "anna@example.nl, boekhouding@example.nl",
        },
        "webhook": {"host": "chat.example.nl"},
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"CONSOLE_NOTIFY_SMTP_HOST": "smtp.example.nl"}, "e-mail needs CONSOLE_NOTIFY_MAIL_FROM"),
        (MAIL | {"CONSOLE_NOTIFY_MAIL_TO": "anna"}, "CONSOLE_NOTIFY_MAIL_TO: .*not an e-mail address"),
        (MAIL | {"CONSOLE_NOTIFY_MAIL_FROM": "a@example.nl\nBcc: b@example.nl"}, "not an e-mail address"),
        (MAIL | {"CONSOLE_NOTIFY_SMTP_USER": "bericht"}, "go together"),
        (
            MAIL
            | {
                "CONSOLE_NOTIFY_SMTP_USER": "bericht",
                "CONSOLE_NOTIFY_SMTP_PASSWORD": "geheim",
                "CONSOLE_NOTIFY_SMTP_ENCRYPTION": "none",
            },
            "never sent without encryption",
        ),
        (
            MAIL | {"CONSOLE_NOTIFY_SMTP_USER": "x", "CONSOLE_NOTIFY_SMTP_PASSWORD_FILE": "/no/such/file"},
            "cannot be read",
        ),
        (MAIL | {"CONSOLE_NOTIFY_SMTP_CA_FILE": "/no/such/file"}, "that is no file"),
        ({"CONSOLE_NOTIFY_WEBHOOK_URL": HOOK["CONSOLE_NOTIFY_WEBHOOK_URL"]}, "a webhook needs"),
        (HOOK | {"CONSOLE_NOTIFY_WEBHOOK_URL": "http://chat.example.nl/geheim"}, "must be an https address"),
        (HOOK | {"CONSOLE_NOTIFY_WEBHOOK_URL": "file:///etc/passwd"}, "is no https address"),
        (HOOK | {"CONSOLE_NOTIFY_WEBHOOK_URL": "https://[::1/geheim"}, "is no https address"),
        (HOOK | {"CONSOLE_NOTIFY_WEBHOOK_SECRET": "whsec_!"}, "no Base64"),
        ({"CONSOLE_NOTIFY_INTERVAL_MINUTES": "0"}, "CONSOLE_NOTIFY_INTERVAL_MINUTES"),
    ],
)
async def test_what_cannot_work_is_refused_at_the_start(
    environment: pytest.MonkeyPatch, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StartupError, match=sentence) as refused:
        await where_of(given, environment)
    assert "geheim" not in str(refused.value)
