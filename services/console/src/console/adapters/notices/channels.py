"""The channels that are set."""

import httpx

from console.adapters.notices.mail import MailChannel, MailServer
from console.adapters.notices.webhook import WebhookChannel, signing_key
from console.adapters.notices.wording import Wording
from console.notice_ports import NoticeChannel
from console.notice_settings import NoticeSettings
from sconnect.clock import Clock
from sconnect.errors import StartupError


def open_channels(
    settings: NoticeSettings, client: httpx.AsyncClient, clock: Clock, wording: Wording, *, allow_http: bool
) -> tuple[NoticeChannel, ...]:
    """Those that are set; StartupError for what cannot work. `client` knows where a webhook may go."""
    found: list[NoticeChannel] = []
    if settings.notify_smtp_host is not None:
        found.append(_mail(settings, settings.notify_smtp_host, wording))
    if settings.notify_webhook_url is not None:
        found.append(_webhook(settings, client, clock, wording, allow_http=allow_http))
    return tuple(found)


def _mail(settings: NoticeSettings, host: str, wording: Wording) -> MailChannel:
    server = MailServer(
        host=host,
        port=settings.notify_smtp_port,
        encryption=settings.notify_smtp_encryption,
        user=settings.notify_smtp_user,
        password=settings.smtp_password(),
        ca_file=settings.notify_smtp_ca_file,
    )
    if server.ca_file is not None and not server.ca_file.is_file():
        raise StartupError(f"CONSOLE_NOTIFY_SMTP_CA_FILE names {server.ca_file}, and that is no file.")
    recipients = (settings.notify_mail_to or "").split(",")
    return MailChannel(server, sender=settings.notify_mail_from or "", recipients=recipients, wording=wording)


def _webhook(
    settings: NoticeSettings, client: httpx.AsyncClient, clock: Clock, wording: Wording, *, allow_http: bool
) -> WebhookChannel:
    url, secret = settings.notify_webhook_url, settings.webhook_secret()
    if url is None or secret is None:
        raise StartupError("A webhook needs an address and a secret.")
    if not allow_http and not url.get_secret_value().startswith("https://"):
        raise StartupError("CONSOLE_NOTIFY_WEBHOOK_URL must be an https address.")
    try:
        httpx.URL(url.get_secret_value())
    except httpx.InvalidURL:
        raise StartupError("CONSOLE_NOTIFY_WEBHOOK_URL is no https address.") from None
    try:
        key = signing_key(secret)
    except ValueError as error:
        raise StartupError(f"The secret of the webhook cannot be used: {error}.") from None
    return WebhookChannel(client, url, key, wording=wording, clock=clock)
