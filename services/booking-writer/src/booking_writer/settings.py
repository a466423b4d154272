"""The service's settings from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sconnect.service import ServiceSettings


class BookingWriterSettings(ServiceSettings):
    """Read under the prefix BOOKING_WRITER_.

    `lease_margin_seconds` is what must be left of a lease, beside the longest POST, before one is begun.
    """

    model_config = SettingsConfigDict(env_prefix="BOOKING_WRITER_", frozen=True, extra="ignore")

    prefetch_count: int = Field(default=4, ge=1, le=50)
    lease_margin_seconds: float = Field(default=10.0, gt=0)
