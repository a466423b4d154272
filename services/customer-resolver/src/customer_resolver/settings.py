"""The service's settings from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sconnect.service import ServiceSettings


class CustomerResolverSettings(ServiceSettings):
    """Read under the prefix CUSTOMER_RESOLVER_.

    `mirror_full_read_hour` is in Dutch time. `claim_lease_margin_seconds` is how much longer a buyer is held
    than an order (SCONNECT_LEASE_SECONDS), so that the order that lost its worker comes back first.
    `mirror_kept_days` is how long relations are kept that no profile reads any more.
    `links_told_interval_seconds` is how often the console hears what is remembered of buyers.
    """

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_RESOLVER_", frozen=True, extra="ignore")

    prefetch_count: int = Field(default=4, ge=1, le=50)
    mirror_max_age_seconds: float = Field(default=300.0, ge=0)
    mirror_full_read_hour: int = Field(default=3, ge=0, le=23)
    mirror_first_read_wait_seconds: float = Field(default=30.0, gt=0)
    mirror_check_interval_seconds: float = Field(default=60.0, gt=0)
    claim_lease_margin_seconds: float = Field(default=30.0, gt=0)
    links_told_interval_seconds: float = Field(default=2.0, gt=0)
    mirror_kept_days: int = Field(default=30, ge=1)
