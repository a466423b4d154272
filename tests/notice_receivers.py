"""Real receivers of notices on this machine: a mail server and a webhook."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI, Request, Response

from console_world import serving

USER, PASSWORD = "bericht", "een goed wachtwoord"


@dataclass
class Mailbox:
    """What arrived, and what is refused; `data_answer` is what a message is answered with."""

    port: int = 0
    data_answer: str = "250 OK"
    refused_recipients: set[str] = field(default_factory=set)
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused_recipients:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.data_answer.startswith("250"):
            content = envelope.original_content or b""
            self.arrived.append(message_from_bytes(content, policy=policy.default))
            self.recipients.append(list(envelope.rcpt_tos))
        return self.data_answer


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None, *, at_once: bool = False) -> AsyncIterator[Mailbox]:
    """A mail server that listens; with `tls` it wants it and a sign-in, by STARTTLS or `at_once`."""
    mail = Mailbox()

    def protocol() -> SMTP:
        return SMTP(
            mail,
            hostname="mail.example.nl",
            tls_context=None if at_once else tls,
            require_starttls=tls is not None and not at_once,
            # It knows no TLS but STARTTLS, and would warn that passwords travel openly.
            auth_required=tls is not None and not at_once,
            auth_require_tls=not at_once,
            authenticator=_authenticate,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", 0, ssl=tls if at_once else None
    )
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that vouches for itself, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.nl")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    return file, context


@dataclass
class Webhook:
    """Where a webhook arrives, and what it answers with."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    arrived: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@asynccontextmanager
async def webhook() -> AsyncIterator[Webhook]:
    hook, app = Webhook(), FastAPI()

    @app.post("/hook")
    async def take(request: Request) -> Response:
        hook.arrived.append((dict(request.headers), await request.body()))
        return Response(status_code=hook.status, headers=hook.headers)

    async with serving(app) as url:
        hook.url = f"{url}/hook"
        yield hook
