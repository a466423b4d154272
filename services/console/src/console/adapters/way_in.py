"""Where the command finds the console, and the token by which it signs in."""

import json
import os
import secrets
from pathlib import Path

import structlog
from pydantic import SecretStr

from console.settings import ConsoleSettings
from sconnect.errors import StartupError

ADDRESS_FILE = "console.json"
TOKEN_FILE = "token"  # noqa: S105 - the name of a file
TOKEN_BYTES = 32
ALL_ADDRESSES = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, to be replaced

log = structlog.get_logger(__name__)


def console_token(settings: ConsoleSettings) -> SecretStr:
    """The token that every request must carry; StartupError when there is none and no place to make one."""
    if settings.token is not None:
        return settings.token
    file = settings.token_file or (settings.home and settings.home / TOKEN_FILE)
    if file is None:
        raise StartupError(
            "There is no token for the console: set SCONNECT_TOKEN, CONSOLE_TOKEN_FILE or SCONNECT_HOME."
        )
    try:
        _make_unless_there(file)
        token = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise StartupError(f"The console's token in {file} cannot be read or made.") from error
    if not token:
        raise StartupError(f"The console's token in {file} is empty.")
    return SecretStr(token)


def metrics_token(settings: ConsoleSettings) -> SecretStr | None:
    """What Prometheus must show; None when metrics are not asked for, StartupError for an unusable file."""
    if settings.metrics_token_file is None:
        return None
    try:
        token = settings.metrics_token_file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise StartupError(f"The token in {settings.metrics_token_file} cannot be read.") from error
    if not token:
        raise StartupError(f"The token in {settings.metrics_token_file} is empty.")
    return SecretStr(token)


def write_address(settings: ConsoleSettings) -> None:
    """Tell the command under SCONNECT_HOME where the console listens."""
    if settings.home is None:
        return
    host = "127.0.0.1" if settings.health_host in ALL_ADDRESSES else settings.health_host
    bracketed = f"[{host}]" if ":" in host else host
    unfinished = settings.home / f"{ADDRESS_FILE}.part"
    try:
        unfinished.write_text(json.dumps({"url": f"http://{bracketed}:{settings.health_port}"}) + "\n")
        unfinished.replace(settings.home / ADDRESS_FILE)
    except OSError as error:
        # A home that is mounted read-only, as in a container: there SCONNECT_URL tells the address.
        log.warning("address_not_written", cause=type(error).__name__)


def _make_unless_there(file: Path) -> None:
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as written:
        written.write(secrets.token_urlsafe(TOKEN_BYTES) + "\n")
    unfinished.replace(file)
