"""The settings that couple one shop to one administration, as a profile file writes them."""

from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from sconnect.profiles import constraints

_INTERVAL_SECONDS = MappingProxyType(
    {
        "1m": 60,
        "5m": 300,
        "10m": 600,
        "15m": 900,
        "30m": 1_800,
        "1h": 3_600,
        "2h": 7_200,
        "4h": 14_400,
        "12h": 43_200,
        "24h": 86_400,
    }
)

Text = Annotated[str, Field(min_length=1, max_length=500)]
# Which addresses are allowed is the reader's business: it depends on where the connector runs.
Address = Annotated[Text, AfterValidator(lambda address: address.rstrip("/"))]
SecretText = Annotated[SecretStr, Field(max_length=2_000)]
ORDER_NUMBER_MAX = 999_999_999_999_999
LedgerNumber = Annotated[int, Field(ge=1, le=99_999_999)]
LineKind = Literal["revenue", "shipping", "payment_costs", "discount"]
OssRateCode = Literal["SR", "RRH", "RRL", "SRR", "PR"]
Country = Annotated[str, AfterValidator(constraints.check_country)]
LedgerField = Annotated[Text, AfterValidator(constraints.check_ledger_field)]


def _checked_secret(value: SecretStr) -> SecretStr:
    constraints.check_secret(value.get_secret_value())
    return value


Secret = Annotated[SecretText, AfterValidator(_checked_secret)]


class Section(BaseModel):
    """A frozen part of a profile; unknown fields are refused, and errors never repeat what was given."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class ShopSettings(Section):
    """The Mijnwebwinkel side. `order_statuses` holds the shop's status ids that may be booked, or "all"."""

    api_url: Address = "https://api.myonlinestore.com"
    token: Secret
    partner_token: Secret | None = None
    start_order_number: int = Field(ge=0, le=ORDER_NUMBER_MAX)
    order_statuses: Annotated[
        Literal["all"] | tuple[int, ...], BeforeValidator(constraints.check_order_statuses)
    ]
    home_country: Country = "NL"
    small_business_scheme: bool = False


class BookkeepingSettings(Section):
    """The SnelStart side; the connection key selects the administration."""

    token_url: Address = "https://auth.snelstart.nl/b2b/token"  # noqa: S105
    api_url: Address = "https://b2bapi.snelstart.nl/v2"
    subscription_key: Secret
    connection_key: Secret
    rate_limits: Literal["production", "test"] = "production"


class PlanningSettings(Section):
    task: Literal["import-financial"] = "import-financial"
    interval: Literal["1m", "5m", "10m", "15m", "30m", "1h", "2h", "4h", "12h", "24h", "manual"] = "15m"

    @property
    def interval_seconds(self) -> int | None:
        """None when the profile is imported by hand only."""
        return _INTERVAL_SECONDS.get(self.interval)


class CollectiveDebtor(Section):
    """The one customer that stands for many buyers; `applies_to` is written `for` in the file."""

    applies_to: Literal["no_email", "consumers", "always"] = Field(alias="for")
    number: int = Field(ge=1, le=2_147_483_647)


def _none_for_never(value: object) -> object:
    never = value == "never" or (isinstance(value, dict) and value.get("for") == "never")
    return None if never else value


class CustomerSettings(Section):
    recognition: Literal[
        "customer_code",
        "email",
        "customer_code_or_email",
        "email_and_postcode",
        "customer_code_or_email_and_postcode",
        "smart",
    ] = "email"
    threshold: Literal["strict", "normal"] = "strict"
    policy: Literal["add", "add_and_update", "manual"] = "add"
    customer_code_field: Literal["reference", "internal_comment"] = "reference"
    collective_debtor: Annotated[CollectiveDebtor | None, BeforeValidator(_none_for_never)] = None


class TreatmentLedgers(Section):
    """Ledger numbers of one kind of line, by how its VAT is treated; None where none was chosen."""

    nl_high: LedgerNumber | None = None
    nl_low: LedgerNumber | None = None
    nl_other: LedgerNumber | None = None
    nl_zero: LedgerNumber | None = None
    nl_exempt: LedgerNumber | None = None
    kor: LedgerNumber | None = None
    eu_business: LedgerNumber | None = None
    export: LedgerNumber | None = None
    oss: dict[OssRateCode, LedgerNumber] = Field(default_factory=dict)


class LedgerRefinement(TreatmentLedgers):
    """Other ledgers for the lines of one kind that meet every condition given here.

    `sku` may hold `*` for any characters; `payment_method` is the shop's gateway and method, as mollie/ideal.
    """

    kind: LineKind
    sku: Text | None = None
    payment_method: Text | None = None
    country: Country | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.sku is None and self.payment_method is None and self.country is None:
            raise constraints.problem("refinement_without_condition")
        if not self.model_dump(exclude={"kind", "sku", "payment_method", "country"}, exclude_defaults=True):
            raise constraints.problem("refinement_without_ledger")
        return self


class Ledgers(Section):
    revenue: TreatmentLedgers = TreatmentLedgers()
    shipping: TreatmentLedgers = TreatmentLedgers()
    payment_costs: TreatmentLedgers = TreatmentLedgers()
    discount: TreatmentLedgers = TreatmentLedgers()
    refinements: tuple[LedgerRefinement, ...] = ()
    gift_cards: LedgerNumber | None = None
    deposits: LedgerNumber | None = None
    rounding: LedgerNumber | None = None


class BookingSettings(Section):
    """How a booking looks. `ledgers` is None only while the profile is switched off.

    `unconfirmed_ledgers` names the places under `ledgers` (`revenue.nl_high`) that were proposed and that no
    person has looked at yet.
    """

    mark_unread: bool = True
    invoice_number: Annotated[Text, AfterValidator(constraints.check_invoice_number)] = "{order_number}"
    invoice_date: Literal["order", "status"] = "order"
    description: Annotated[Text, AfterValidator(constraints.check_description)] = (
        "Mijnwebwinkel order {order_number}"
    )
    payment_term_days: int | None = Field(default=None, ge=0, le=999)
    cost_centre: int | None = Field(default=None, ge=1, le=2_147_483_647)
    zero_total: Literal["skip", "book"] = "skip"
    rounding_tolerance: Decimal = Field(default=Decimal("0.05"), ge=0, le=1, decimal_places=2)
    gift_card_skus: tuple[Text, ...] = ()
    gift_card_description_pattern: (
        Annotated[Text, AfterValidator(constraints.check_regular_expression)] | None
    ) = None
    deposit_skus: tuple[Text, ...] = ()
    check_vies: bool = False
    ledgers: Ledgers | None = None
    unconfirmed_ledgers: tuple[LedgerField, ...] = ()


class Profile(Section):
    """One shop coupled to one administration; only `read_profile` makes one from what a person wrote."""

    name: Annotated[str, Field(max_length=64), AfterValidator(constraints.check_profile_name)]
    enabled: bool = True
    shop: ShopSettings
    bookkeeping: BookkeepingSettings
    planning: PlanningSettings = PlanningSettings()
    customers: CustomerSettings = CustomerSettings()
    bookings: BookingSettings = BookingSettings()
