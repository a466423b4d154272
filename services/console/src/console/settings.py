"""The console's own settings, from the environment."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from console.domain.visits import SessionLimits
from console.handlers.previews import PreviewLimits
from console.notice_settings import NoticeSettings
from sconnect.messaging.topology import PREVIEW_SECONDS_MAX
from sconnect.service import ServiceSettings


class ConsoleSettings(NoticeSettings, ServiceSettings):
    """Read under the prefix CONSOLE_; the API listens on the health address.

    The token is SCONNECT_TOKEN, or stands in CONSOLE_TOKEN_FILE, or in the file `token` under SCONNECT_HOME,
    which is made when it is missing. The `*_url` are the addresses of the other services; `public_url` is
    where people find the pages, and with https:// the cookies are for https alone. Without a
    `metrics_token_file` there is no /metrics: others than Prometheus can reach the console's address.
    """

    model_config = SettingsConfigDict(
        env_prefix="CONSOLE_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path | None = Field(default=None, validation_alias="SCONNECT_HOME")
    token: SecretStr | None = Field(default=None, validation_alias="SCONNECT_TOKEN")
    token_file: Path | None = None
    poller_url: str
    customer_resolver_url: str
    booking_writer_url: str
    prefetch_count: int = Field(default=10, ge=1, le=100)
    sweep_interval_seconds: float = Field(default=60.0, gt=0)
    unknown_copy_patience_seconds: float = Field(default=60.0, ge=0)
    discarded_kept_days: int = Field(default=30, ge=1)
    runs_kept_days: int = Field(default=30, ge=1)
    preview_answer_seconds_max: float = Field(default=60.0, ge=3, le=PREVIEW_SECONDS_MAX)
    preview_orders_max: int = Field(default=100, ge=1, le=500)
    preview_kept_minutes: int = Field(default=15, ge=3)
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/]+/?$")
    session_idle_minutes: int = Field(default=60, ge=1)
    session_hours: int = Field(default=12, ge=1)
    actions_kept_days: int = Field(default=730, ge=1)
    metrics_token_file: Path | None = None
    measure_interval_seconds: float = Field(default=15.0, gt=0)

    @property
    def discarded_kept(self) -> timedelta:
        return timedelta(days=self.discarded_kept_days)

    @property
    def runs_kept(self) -> timedelta:
        return timedelta(days=self.runs_kept_days)

    @property
    def actions_kept(self) -> timedelta:
        return timedelta(days=self.actions_kept_days)

    @property
    def session_limits(self) -> SessionLimits:
        return SessionLimits(
            idle=timedelta(minutes=self.session_idle_minutes), absolute=timedelta(hours=self.session_hours)
        )

    @property
    def over_https(self) -> bool:
        return (self.public_url or "").startswith("https://")

    @property
    def unknown_copy_patience(self) -> timedelta:
        return timedelta(seconds=self.unknown_copy_patience_seconds)

    @property
    def preview_limits(self) -> PreviewLimits:
        return PreviewLimits(
            answer_seconds_max=self.preview_answer_seconds_max,
            orders_max=self.preview_orders_max,
            kept=timedelta(minutes=self.preview_kept_minutes),
        )

    @property
    def neighbour_urls(self) -> dict[str, str]:
        return {
            "poller": self.poller_url,
            "customer-resolver": self.customer_resolver_url,
            "booking-writer": self.booking_writer_url,
        }
