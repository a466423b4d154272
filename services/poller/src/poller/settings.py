"""The service's settings from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sconnect.service import ServiceSettings


class PollerSettings(ServiceSettings):
    """Read under the prefix POLLER_.

    `lease_seconds` is how long the profiles of a poller that died stay untouched; MyOnlineStore advises about
    one request a second and publishes no figure.
    """

    model_config = SettingsConfigDict(env_prefix="POLLER_", frozen=True, extra="ignore")

    shop_requests_per_second_max: float = Field(default=2.0, gt=0, le=50)
    shop_attempts_max: int = Field(default=3, ge=1, le=10)
    shop_wait_seconds_max: float = Field(default=60.0, ge=0)
    profiles_at_once_max: int = Field(default=4, ge=1, le=50)
    round_seconds: float = Field(default=1.0, gt=0)
    lease_seconds: float = Field(default=15.0, ge=3)
    prefetch_count: int = Field(default=4, ge=1, le=50)
