"""Settings from the environment: what all services share, and the base of what each has of its own."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sconnect.errors import StartupError
from sconnect.service.retention import Retention

S = TypeVar("S", bound=BaseSettings)


class CommonSettings(BaseSettings):
    """Read by every service under the prefix SCONNECT_.

    `instance` names the product that a process belongs to, so that nobody takes another product's process on
    the same port for ours; who starts them sets it. An administration that takes longer than
    `slow_administration_seconds` for an order leaves a hand of each worker to the others. `otlp_endpoint` is
    the address of a collector of traces; without it there are none.
    """

    model_config = SettingsConfigDict(env_prefix="SCONNECT_", frozen=True, extra="ignore")

    amqp_url: SecretStr
    database_url: SecretStr
    secrets_key: SecretStr | None = None
    secrets_key_file: Path | None = None
    allow_local_apis: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    language: Literal["nl", "en"] = "nl"
    http_total_timeout_seconds: float = Field(default=20.0, gt=0)
    lease_seconds: float = Field(default=120.0, gt=0)
    slow_administration_seconds: float = Field(default=5.0, gt=0)
    instance: str | None = None
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s/@]+(/[^\s@]*)?$")
    graceful_stop_seconds: float = Field(default=30.0, gt=0)
    trail_kept_years: int = Field(default=7, ge=1, le=100)
    oss_trail_kept_years: int = Field(default=10, ge=1, le=100)

    @property
    def retention(self) -> Retention:
        """The longer time is never shorter than the other one."""
        oss_years = max(self.oss_trail_kept_years, self.trail_kept_years)
        return Retention(trail_years=self.trail_kept_years, oss_years=oss_years)


class ServiceSettings(BaseSettings):
    """Base of a service's own settings; the subclass states its prefix."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: SecretStr
    health_host: str = "127.0.0.1"
    health_port: int = Field(ge=0, le=65535)


def read_settings(settings: type[S]) -> S:
    """The settings from the environment; StartupError names every variable that is missing or wrong."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        problems = "; ".join(
            f"{prefix}{'_'.join(str(part) for part in problem['loc'])}".upper() + f": {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise StartupError(f"The settings are not complete. {problems}.") from None
