"""What can be set about one administration, as the control door takes it in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from simulators.snelstart.chart import FOREIGN_VAT_LEDGER
from simulators.snelstart.rate_limits import PRODUCTION_LIMITS, TEST_LIMITS, LimitAnswer, Limits

# The scopes of a live token; there is none for VAT returns.
ALL_SCOPES: Final = (
    *(
        f"{resource}:{right}"
        for resource in (
            "artikelen",
            "bankieren",
            "boekhouden",
            "documenten",
            "kas",
            "memoriaal",
            "orders",
            "relaties",
            "settings",
        )
        for right in ("read", "write")
    ),
    "rapportage",
)


class NotFoundBody(StrEnum):
    EMPTY = "empty"
    MESSAGE = "message"
    CODES = "codes"


class LengthErrors(StrEnum):
    """Which of two documented rules wins for a text that is too long."""

    MODEL_STATE = "model_state"
    CODES = "codes"


class NumberScope(StrEnum):
    """Within what an invoice number is unique."""

    ADMINISTRATION = "administration"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How strict the simulator is where nobody knows how strict SnelStart is.

    The VAT of a kind may differ from base times rate by so many cents per line, and by the minimum
    in any case: a booking's line may stand for many order lines that were rounded one by one.
    """

    vat_tolerance_cents_per_line: int = 1
    vat_tolerance_cents_minimum: int = 5
    reject_zero_lines: bool = True
    reject_partial_address: bool = False
    invoice_number_scope: NumberScope = NumberScope.ADMINISTRATION
    invoice_number_case_sensitive: bool = False
    filter_case_sensitive: bool = False
    length_errors: LengthErrors = LengthErrors.MODEL_STATE
    not_found_body: NotFoundBody = NotFoundBody.EMPTY
    rate_limit_answer: LimitAnswer = LimitAnswer.RETRY_AFTER
    document_created_status: int = 201
    modified_on_zone: str = "Europe/Amsterdam"

    def __post_init__(self) -> None:
        ZoneInfo(self.modified_on_zone)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One administration; `blocked_until` and its likes are the last day that they hold for.

    `fiscal_year` None is the clock's year. `connection_key` None is a withdrawn key.
    `latency_seconds` passes inside the limits, so that calls can be running at once.
    """

    subscription_key: str
    connection_key: str | None
    company_name: str | None = None
    limits: Limits = PRODUCTION_LIMITS
    scopes: tuple[str, ...] = ALL_SCOPES
    options: Options = field(default_factory=Options)
    foreign_vat: bool = False
    foreign_vat_ledger: int = FOREIGN_VAT_LEDGER
    small_business_scheme: bool = False
    blocked_until: date | None = None
    accountant_checked_until: date | None = None
    vat_returned_until: date | None = None
    fiscal_year: int | None = None
    latency_seconds: float = 0


def settings_from(content: Mapping[str, Any]) -> Settings:
    """Read new settings; raises TypeError or ValueError."""
    return Settings(**_read(content, Options()))


def changed(settings: Settings, content: Mapping[str, Any]) -> Settings:
    """Return the settings with the given ones changed, options one by one."""
    return replace(settings, **_read(content, settings.options))


def _read(content: Mapping[str, Any], options: Options) -> dict[str, Any]:
    read = dict(content)
    if "limits" in read:
        read["limits"] = _limits(read["limits"])
    if "options" in read:
        read["options"] = _options(read["options"], options)
    if "latency_seconds" in read:
        read["latency_seconds"] = float(read["latency_seconds"])
    if "scopes" in read:
        read["scopes"] = tuple(read["scopes"])
    for name in ("blocked_until", "accountant_checked_until", "vat_returned_until"):
        if read.get(name) is not None:
            read[name] = date.fromisoformat(read[name])
    return read


def _limits(content: Any) -> Limits:
    if content == "production":
        return PRODUCTION_LIMITS
    return TEST_LIMITS if content == "test" else Limits(**content)


def _options(content: Mapping[str, Any], options: Options) -> Options:
    words = {each.name: each.type for each in fields(Options) if isinstance(each.type, type)}
    read = {
        name: words[name](value) if issubclass(words.get(name, object), StrEnum) else value
        for name, value in content.items()
    }
    return replace(options, **read)
