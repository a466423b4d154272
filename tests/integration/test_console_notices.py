"""Digests over a real mail server and a real webhook: sent once, tried again, and shown to administrators."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.notices import MailChannel, MailServer, WebhookChannel, Wording
from console.adapters.notices.mail import Encryption
from console.adapters.sql import SqlNotices, SqlReadModel, Transactions
from console.adapters.sql.tables import leases
from console.command.main import run
from console.domain.notices import Digest, NoticePlan
from console.domain.people import Role
from console.handlers.notices import Notifier
from console.notice_ports import NotDelivered, NoticeChannel
from console_visitor import text_of, visiting
from console_world import TOKEN, running_console
from fakes_console import NOON, OrderStory, paused
from notice_receivers import PASSWORD, USER, Mailbox, certificate, mail_server, webhook
from sconnect.clock import ManualClock
from sconnect.http import HttpLimits, create_http_client
from sconnect.persistence import Leases
from sconnect.persistence.migrations import migrate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
STORY, OTHER = OrderStory(number="1001"), OrderStory(number="1002")
KEY = b"een sleutel van de proef"
WORDING = Wording("nl", "https://boekhouding.example.nl")


def mail_channel(
    port: int, *, encryption: Encryption = "none", ca_file: Path | None = None, password: str | None = None
) -> MailChannel:
    server = MailServer(
        host="127.0.0.1",
        port=port,
        encryption=encryption,
        user=USER if password else None,
        password=SecretStr(password) if password else None,
        ca_file=ca_file,
    )
    recipients = ("anna@example.nl", "bram@example.nl")
    return MailChannel(server, sender="sconnect@example.nl", recipients=recipients, wording=WORDING)


class Desk:
    """A notifier over channels of the test, on a database and a clock of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        transactions = Transactions(engine)
        self.engine = engine
        self.read_model, self.book = SqlReadModel(transactions), SqlNotices(transactions)
        self.clock = ManualClock(NOON + 5 * MINUTE)

    def notifier(self, *channels: NoticeChannel) -> Notifier:
        """As a process that just started has it."""
        plan = NoticePlan(interval=HOUR, gathering=MINUTE)
        lease = Leases(self.engine, leases)
        return Notifier(channels=channels, book=self.book, lease=lease, clock=self.clock, plan=plan)


@pytest_asyncio.fixture
async def desk(database_url: str, database_engine: AsyncEngine) -> Desk:
    await asyncio.to_thread(migrate, database_url, "console")
    return Desk(database_engine)


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with mail_server() as mail:
        yield mail


async def test_one_digest_per_interval_and_none_without_news(desk: Desk, mailbox: Mailbox) -> None:
    notifier = desk.notifier(mail_channel(mailbox.port))
    await notifier.round()
    assert mailbox.arrived == []

    await desk.read_model.record(STORY.dead_lettered())
    await desk.read_model.record(paused("poller", at=1))
    await notifier.round()
    await notifier.round()
    (message,) = mailbox.arrived
    assert mailbox.recipients == [["anna@example.nl", "bram@example.nl"]]
    told = "sconnect: 1 bestelling wacht op een mens, 1 profiel staat stil of loopt vast"
    assert message["Subject"].strip() == told
    content = message.get_content()
    assert "- 1001: " in content
    assert "https://boekhouding.example.nl/needs-you" in content
    assert "Voorbeeld" not in content

    desk.clock.advance(30 * MINUTE)
    await desk.read_model.record(OTHER.dead_lettered())
    await notifier.round()
    assert len(mailbox.arrived) == 1
    desk.clock.advance(30 * MINUTE)
    await notifier.round()
    assert len(mailbox.arrived) == 2
    assert "- 1002: " in mailbox.arrived[1].get_content()
    assert "- 1001: " not in mailbox.arrived[1].get_content()
    assert "In totaal wachten er nu 2 bestellingen op een mens." in mailbox.arrived[1].get_content()

    desk.clock.advance(24 * HOUR)
    await notifier.round()
    assert len(mailbox.arrived) == 2


async def test_a_mail_server_that_is_away_is_tried_again_ever_later(desk: Desk) -> None:
    async with mail_server() as mail:
        port = mail.port
    notifier = desk.notifier(mail_channel(port))
    await desk.read_model.record(STORY.dead_lettered())

    waits = []
    for _ in range(4):
        await notifier.round()
        memory = await desk.book.memory("mail")
        assert memory.next_attempt_at is not None
        waits.append((memory.next_attempt_at - desk.clock.now()) // MINUTE)
        assert (memory.attempts, memory.trouble_key) == (len(waits), "mail.no_connection")
        await notifier.round()
        assert (await desk.book.memory("mail")).attempts == len(waits)
        desk.clock.advance(memory.next_attempt_at - desk.clock.now())
    assert waits == [1, 2, 4, 8]
    assert (await desk.book.untold("mail")).count == 1


async def test_what_was_refused_arrives_when_the_server_takes_it(desk: Desk, mailbox: Mailbox) -> None:
    mailbox.data_answer = "451 try later"
    await desk.read_model.record(STORY.dead_lettered())
    await desk.notifier(mail_channel(mailbox.port)).round()
    assert (await desk.book.memory("mail")).trouble_details == {
        "host": "127.0.0.1",
        "port": str(mailbox.port),
        "code": "451",
    }

    mailbox.data_answer = "250 OK"
    desk.clock.advance(MINUTE)
    await desk.notifier(mail_channel(mailbox.port)).round()

    assert len(mailbox.arrived) == 1
    memory = await desk.book.memory("mail")
    assert (memory.attempts, memory.trouble_key, memory.last_count) == (0, None, 1)


async def test_one_recipient_who_is_refused_is_told_and_the_others_are_not_mailed_twice(
    desk: Desk, mailbox: Mailbox
) -> None:
    mailbox.refused_recipients.add("bram@example.nl")
    await desk.read_model.record(STORY.dead_lettered())
    notifier = desk.notifier(mail_channel(mailbox.port))
    await notifier.round()
    desk.clock.advance(2 * HOUR)
    await notifier.round()

    assert mailbox.recipients == [["anna@example.nl"]]
    assert (await desk.book.memory("mail")).trouble_key == "mail.some_refused"


class ProcessDied(BaseException):
    """As when the power goes."""


class LastMessage(MailChannel):
    """Delivers one message, and then there is no process any more that could write that down."""

    async def deliver(self, digest: Digest) -> NotDelivered | None:
        await super().deliver(digest)
        raise ProcessDied


async def test_a_death_after_sending_sends_that_one_digest_again_and_no_more(
    desk: Desk, mailbox: Mailbox
) -> None:
    await desk.read_model.record(STORY.dead_lettered())
    server = MailServer(host="127.0.0.1", port=mailbox.port, encryption="none")
    last = LastMessage(server, sender="sconnect@example.nl", recipients=["anna@example.nl"], wording=WORDING)
    with pytest.raises(ProcessDied):
        await desk.notifier(last).round()
    assert len(mailbox.arrived) == 1

    restarted = desk.notifier(mail_channel(mailbox.port))
    await restarted.round()
    assert len(mailbox.arrived) == 1
    for _ in range(3):
        desk.clock.advance(HOUR)
        await restarted.round()

    first, second = mailbox.arrived
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"


async def test_while_another_console_tells_this_one_does_not(desk: Desk, mailbox: Mailbox) -> None:
    await desk.read_model.record(STORY.dead_lettered())
    await Leases(desk.engine, leases).take("notices", 60)
    await desk.notifier(mail_channel(mailbox.port)).round()
    assert mailbox.arrived == []


async def test_a_webhook_is_signed_and_fails_apart_from_the_mail(desk: Desk, mailbox: Mailbox) -> None:
    await desk.read_model.record(STORY.dead_lettered())
    async with AsyncExitStack() as stack:
        hook = await stack.enter_async_context(webhook())
        client = await stack.enter_async_context(create_http_client(HttpLimits(), allow_local_apis=True))
        channel = WebhookChannel(client, SecretStr(hook.url), KEY, wording=WORDING, clock=desk.clock)
        notifier = desk.notifier(mail_channel(mailbox.port), channel)
        hook.status, hook.headers = 429, {"Retry-After": "600"}
        await notifier.round()
        memory = await desk.book.memory("webhook")
        assert memory.trouble_key == "webhook.rate_limited"
        assert memory.next_attempt_at == desk.clock.now() + 10 * MINUTE

        hook.status, hook.headers = 204, {}
        desk.clock.advance(10 * MINUTE)
        await notifier.round()

    assert len(mailbox.arrived) == 1
    _, (headers, body) = hook.arrived
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert int(headers["webhook-timestamp"]) == int(desk.clock.now().timestamp())
    document = json.loads(body)
    assert (document["type"], document["id"]) == ("sconnect.digest.v1", headers["webhook-id"])
    (group,) = document["new"]
    assert (group["reason_code"], group["count"]) == ("AMBIGUOUS_CUSTOMER", 1)
    assert [order["number"] for order in group["orders"]] == ["1001"]


@pytest.mark.parametrize(
    ("status", "key"), [(400, "webhook.refused"), (301, "webhook.refused"), (503, "webhook.status")]
)
async def test_what_a_webhook_refuses_is_not_told(status: int, key: str) -> None:
    async with webhook() as hook, create_http_client(HttpLimits(), allow_local_apis=True) as client:
        hook.status = status
        channel = WebhookChannel(client, SecretStr(hook.url), KEY, wording=WORDING, clock=ManualClock(NOON))
        with pytest.raises(NotDelivered) as failed:
            await channel.deliver(Digest.test("webhook", NOON, letters_open=0))
    assert failed.value.key == key
    assert failed.value.details["status"] == str(status)


async def test_a_webhook_never_reaches_into_the_private_network() -> None:
    async with webhook() as hook, create_http_client(HttpLimits()) as client:
        channel = WebhookChannel(client, SecretStr(hook.url), KEY, wording=WORDING, clock=ManualClock(NOON))
        with pytest.raises(NotDelivered) as failed:
            await channel.deliver(Digest.test("webhook", NOON, letters_open=0))
    assert failed.value.key == "webhook.private_address"
    assert hook.arrived == []


@pytest.mark.parametrize(
    ("encryption", "trusted", "password", "trouble"),
    [
        ("starttls", True, PASSWORD, None),
        ("tls", True, PASSWORD, None),
        ("starttls", False, PASSWORD, "mail.tls"),
        ("tls", False, PASSWORD, "mail.tls"),
        ("starttls", True, "een ander wachtwoord", "mail.sign_in_refused"),
    ],
)
async def test_mail_goes_encrypted_to_a_server_that_is_trusted(
    tmp_path: Path, encryption: Encryption, trusted: bool, password: str, trouble: str | None
) -> None:
    file, context = certificate(tmp_path)
    async with mail_server(context, at_once=encryption == "tls") as mail:
        channel = mail_channel(
            mail.port, encryption=encryption, ca_file=file if trusted else None, password=password
        )
        digest = Digest.test("mail", NOON, letters_open=0)
        if trouble is None:
            assert await channel.deliver(digest) is None
        else:
            with pytest.raises(NotDelivered) as failed:
                await channel.deliver(digest)
            assert failed.value.key == trouble
    assert len(mail.arrived) == (trouble is None)


async def test_mail_is_never_sent_open_when_encryption_was_asked_for(mailbox: Mailbox) -> None:
    with pytest.raises(NotDelivered) as failed:
        await mail_channel(mailbox.port, encryption="starttls").deliver(
            Digest.test("mail", NOON, letters_open=0)
        )
    assert failed.value.key == "mail.unusable"
    assert mailbox.arrived == []


async def test_administrators_see_how_it_goes_and_try_it(sqlite_url: str, mailbox: Mailbox) -> None:
    async with running_console(sqlite_url, channels=(mail_channel(mailbox.port),)) as world:
        async with visiting(world, Role.ADMINISTRATOR) as visitor:
            page = text_of(await visitor.get("/notifications"))
            assert f"127.0.0.1:{mailbox.port}" in page
            assert "nog nooit" in page
            tried = await visitor.post("/notifications/test")
            assert "E-mail: het proefbericht is aangenomen." in text_of(tried)
            mailbox.data_answer = "554 no"
            tried = await visitor.post("/notifications/test")
            assert "neemt het bericht niet aan (code 554)" in text_of(tried)
        answer = await world.client.get("/api/notifications")
        tested = await world.client.post("/api/notifications/test", headers={"Accept-Language": "en"})

    assert [message["Subject"] for message in mailbox.arrived] == ["sconnect: proefbericht"]
    (channel,) = answer.json()["channels"]
    assert (channel["untold"], channel["last_sent_at"], channel["trouble"]) == (0, None, None)
    assert tested.json() == [
        {
            "channel": "mail",
            "trouble": f"The mail server 127.0.0.1:{mailbox.port} does not take the message (code 554).",
        }
    ]


async def test_without_channels_the_page_says_what_to_set(sqlite_url: str) -> None:
    async with running_console(sqlite_url) as world, visiting(world, Role.ADMINISTRATOR) as visitor:
        assert "CONSOLE_NOTIFY_SMTP_HOST" in text_of(await visitor.get("/notifications"))


async def test_the_command_shows_how_it_is_set_and_sends_a_test_message(
    sqlite_url: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def sconnect(*typed: str) -> tuple[int, str]:
        code = await asyncio.to_thread(run, ["notifications", *typed, "--lang", "en"])
        return code, capsys.readouterr().out

    monkeypatch.setenv("SCONNECT_TOKEN", TOKEN)
    async with running_console(sqlite_url, channels=(mail_channel(mailbox.port),)) as world:
        monkeypatch.setenv("SCONNECT_URL", world.url)
        code, out = await sconnect("test")
        assert (code, "e-mail: the test message was taken.\n" in out) == (0, True)
        mailbox.data_answer = "554 no"
        code, out = await sconnect("test")
        assert (code, "does not take the message (code 554)" in out) == (1, True)
        code, out = await sconnect("show")
        assert (code, f"127.0.0.1:{mailbox.port}" in out) == (0, True)
    async with running_console(f"{sqlite_url}-2") as silent:
        monkeypatch.setenv("SCONNECT_URL", silent.url)
        code, out = await sconnect("test")
        assert (code, "nobody is told" in out) == (1, True)
