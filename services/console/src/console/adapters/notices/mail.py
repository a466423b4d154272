"""Digests as e-mail, over SMTP."""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

import aiosmtplib
from pydantic import SecretStr

from console.adapters.notices.wording import Wording
from console.domain.notices import Digest
from console.notice_ports import NotDelivered

Encryption = Literal["starttls", "tls", "none"]

# Connecting, signing in and sending together; less than the notifier's lease.
TOTAL_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where mail is handed in. `ca_file`: certificates to trust beside those of the machine."""

    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None


class MailChannel:
    """NoticeChannel of console.notice_ports; one message to all recipients: one sending settles it."""

    name = "mail"

    def __init__(
        self, server: MailServer, *, sender: str, recipients: Sequence[str], wording: Wording
    ) -> None:
        self._server = server
        self._sender = sender
        self._recipients = tuple(recipients)
        self._wording = wording

    @property
    def where(self) -> Mapping[str, str]:
        return {
            "server": f"{self._server.host}:{self._server.port}",
            "encryption": self._server.encryption,
            "sender": self._sender,
            "recipients": ", ".join(self._recipients),
        }

    async def deliver(self, digest: Digest) -> NotDelivered | None:
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_SECONDS):
                refused = await self._send(self._message(digest))
        except TimeoutError:
            raise NotDelivered("mail.timeout", self._place()) from None
        except (OSError, aiosmtplib.SMTPException) as error:
            # Not chained: the server's own words may hold addresses.
            raise self._not_delivered(error) from None
        if refused:
            return NotDelivered("mail.some_refused", {"count": str(len(refused))})
        return None

    async def _send(self, message: EmailMessage) -> Mapping[str, object]:
        """By recipient, who was refused though others were not."""
        server = self._server
        encrypted = server.encryption != "none"
        refused, _ = await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            use_tls=server.encryption == "tls",
            start_tls=server.encryption == "starttls",
            username=server.user,
            password=server.password.get_secret_value() if server.password else None,
            # Reading the certificates takes long enough to hold up everybody else.
            tls_context=await asyncio.to_thread(_trust, server.ca_file) if encrypted else None,
            local_hostname=socket.gethostname(),
            timeout=TOTAL_TIMEOUT_SECONDS,
        )
        return refused

    def _message(self, digest: Digest) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = self._wording.title(digest)
        message["Date"] = format_datetime(digest.at)
        # The same digest sent twice is one message for whoever looks at its id.
        message["Message-ID"] = f"<{digest.id}@{self._sender.rpartition('@')[2].rstrip('>')}>"
        message["Content-Language"] = self._wording.language
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._wording.text(digest))
        return message

    def _not_delivered(self, error: Exception) -> NotDelivered:
        code: int | str = ""
        match error:
            case ssl.SSLError() | aiosmtplib.SMTPException(__cause__=ssl.SSLError()):
                key = "mail.tls"
            case aiosmtplib.SMTPAuthenticationError():
                key = "mail.sign_in_refused"
            case aiosmtplib.SMTPRecipientsRefused(recipients=recipients):
                key, code = (
                    "mail.recipients_refused",
                    ", ".join(sorted({str(each.code) for each in recipients})),
                )
            case aiosmtplib.SMTPServerDisconnected():
                key = "mail.connection_lost"
            case aiosmtplib.SMTPResponseException(code=code):
                key = "mail.refused"
            case OSError():
                key = "mail.no_connection"
            case _:
                key = "mail.unusable"
        return NotDelivered(key, self._place() | {"code": str(code)})

    def _place(self) -> dict[str, str]:
        return {"host": self._server.host, "port": str(self._server.port)}


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context
