"""The service's settings from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sconnect.service import ServiceSettings
from sconnect.vat_numbers import VIES_URL


class BookingWriterSettings(ServiceSettings):
    """Read under the prefix BOOKING_WRITER_.

    `lease_margin_seconds` is what must be left of a lease, beside the longest POST, before one is begun.
    `vies_kept_hours` is how long a VAT number that VIES knows is not asked for again.
    """

    model_config = SettingsConfigDict(env_prefix="BOOKING_WRITER_", frozen=True, extra="ignore")

    prefetch_count: int = Field(default=4, ge=1, le=50)
    lease_margin_seconds: float = Field(default=10.0, gt=0)
    vies_url: str = VIES_URL
    vies_kept_hours: float = Field(default=24.0, ge=0)
