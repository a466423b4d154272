"""How people outside the console are told, from the environment."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.domain.notices import NoticePlan
from sconnect.errors import StartupError

WEEK_MINUTES = 7 * 24 * 60
ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.-]+")
WEBHOOK_ADDRESS = re.compile(r"https?://[^/\s@]+(/\S*)?")


def _one_address(text: str) -> str:
    if not ADDRESS.fullmatch(text) or set(text) & set(",<>"):
        raise ValueError("not an e-mail address")
    return text


def _addresses(text: str) -> str:
    return ",".join(_one_address(part.strip()) for part in text.split(","))


class NoticeSettings(BaseSettings):
    """Part of the console's settings. E-mail is sent with `notify_smtp_host`, a webhook with its URL.

    A password or secret stands in its variable or in the file that `…_file` names.
    """

    model_config = SettingsConfigDict(
        env_prefix="CONSOLE_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    notify_interval_minutes: int = Field(default=60, ge=1, le=WEEK_MINUTES)
    notify_gathering_seconds: int = Field(default=60, ge=0, le=3600)
    notify_smtp_host: str | None = Field(default=None, pattern=r"^\S+$")
    notify_smtp_port: int = Field(default=587, ge=1, le=65535)
    notify_smtp_encryption: Literal["starttls", "tls", "none"] = "starttls"
    notify_smtp_user: str | None = None
    notify_smtp_password: SecretStr | None = None
    notify_smtp_password_file: Path | None = None
    notify_smtp_ca_file: Path | None = None
    notify_mail_from: Annotated[str, AfterValidator(_one_address)] | None = None
    notify_mail_to: Annotated[str, AfterValidator(_addresses)] | None = None
    notify_webhook_url: SecretStr | None = None
    notify_webhook_secret: SecretStr | None = None
    notify_webhook_secret_file: Path | None = None

    @model_validator(mode="after")
    def _each_way_is_complete(self) -> "NoticeSettings":
        if self.notify_smtp_host is not None and not (self.notify_mail_from and self.notify_mail_to):
            raise ValueError("e-mail needs CONSOLE_NOTIFY_MAIL_FROM and CONSOLE_NOTIFY_MAIL_TO")
        has_password = self.notify_smtp_password is not None or self.notify_smtp_password_file is not None
        if has_password != (self.notify_smtp_user is not None):
            raise ValueError("CONSOLE_NOTIFY_SMTP_USER and its password go together")
        if has_password and self.notify_smtp_encryption == "none":
            raise ValueError("a password is never sent without encryption (CONSOLE_NOTIFY_SMTP_ENCRYPTION)")
        has_secret = self.notify_webhook_secret is not None or self.notify_webhook_secret_file is not None
        if self.notify_webhook_url is not None and not has_secret:
            raise ValueError(
                "a webhook needs CONSOLE_NOTIFY_WEBHOOK_SECRET or CONSOLE_NOTIFY_WEBHOOK_SECRET_FILE"
            )
        if self.notify_webhook_url is not None and not WEBHOOK_ADDRESS.fullmatch(
            self.notify_webhook_url.get_secret_value()
        ):
            raise ValueError("CONSOLE_NOTIFY_WEBHOOK_URL is no https address")
        return self

    @property
    def notice_plan(self) -> NoticePlan:
        return NoticePlan(
            interval=timedelta(minutes=self.notify_interval_minutes),
            gathering=timedelta(seconds=self.notify_gathering_seconds),
        )

    def smtp_password(self) -> SecretStr | None:
        return _secret(self.notify_smtp_password, self.notify_smtp_password_file)

    def webhook_secret(self) -> SecretStr | None:
        return _secret(self.notify_webhook_secret, self.notify_webhook_secret_file)


def _secret(given: SecretStr | None, file: Path | None) -> SecretStr | None:
    """StartupError when the file cannot be read or is empty."""
    if given is not None or file is None:
        return given
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise StartupError(f"The file {file} with a secret for notifications cannot be read.") from None
    if not text:
        raise StartupError(f"The file {file} with a secret for notifications is empty.")
    return SecretStr(text)
