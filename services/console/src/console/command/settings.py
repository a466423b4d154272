"""How the command finds the running product."""

import json
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.command.failures import CommandFailed

ADDRESS_FILE = "console.json"
TOKEN_FILE = "token"  # noqa: S105 - the name of a file


class CommandSettings(BaseSettings):
    """Where the console is, and what opens it: SCONNECT_URL with SCONNECT_TOKEN[_FILE], else SCONNECT_HOME.

    In the console's own container CONSOLE_TOKEN_FILE does for the command too.
    """

    model_config = SettingsConfigDict(
        env_prefix="SCONNECT_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Path(".sconnect")
    url: str | None = None
    token: SecretStr | None = None
    token_file: Path | None = Field(
        default=None, validation_alias=AliasChoices("SCONNECT_TOKEN_FILE", "CONSOLE_TOKEN_FILE")
    )
    language: Literal["nl", "en"] = "nl"

    def console_url(self) -> str:
        """CommandFailed when the product never said where it listens."""
        if self.url is not None:
            return self.url.rstrip("/")
        try:
            content = json.loads((self.home / ADDRESS_FILE).read_text(encoding="utf-8"))
            return str(content["url"])
        except (OSError, ValueError, KeyError, TypeError):
            raise CommandFailed.of("not_started", self.language, home=str(self.home.absolute())) from None

    def console_token(self) -> SecretStr:
        """CommandFailed when there is none, or when it is somebody else's."""
        if self.token is not None:
            return self.token
        file = self.token_file or self.home / TOKEN_FILE
        try:
            return SecretStr(file.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            raise CommandFailed.of("token_missing", self.language) from None
        except (OSError, ValueError):
            raise CommandFailed.of("token_unreadable", self.language, file=str(file)) from None
