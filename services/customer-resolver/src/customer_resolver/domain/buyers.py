"""The person or company in the shop, as far as recognising and making a customer needs them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Any part may be an empty text; `country_code` has two letters."""

    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    country_code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class VatNumber:
    """`number` starts with the country's letters; `valid` by form and check digit."""

    number: str
    country_code: str
    valid: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Iban:
    """`valid` by form and check digits."""

    number: str
    valid: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """To whom the goods go, when the order says so; any part may be empty."""

    company: str = ""
    person: str = ""
    address: Address = Address()
    phone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Buyer:
    """`email` is normalised, None when there is none that can be used.

    `is_reverse_charged`: the order carries no VAT because the buyer's own country levies it.
    `account_id` is the buyer's account in the shop, `customer_code` the text that the shop gives as the
    customer's number in the books; None when the order has none.
    """

    email: str | None
    company: str = ""
    person: str = ""
    is_business: bool = False
    address: Address = Address()
    phone: str = ""
    vat_number: VatNumber | None = None
    iban: Iban | None = None
    is_reverse_charged: bool = False
    delivery: Recipient | None = None
    account_id: str | None = None
    customer_code: str | None = None

    @property
    def vat_number_fits_address(self) -> bool:
        """SnelStart refuses a number that is not valid, or of another country than the address."""
        number = self.vat_number
        return number is not None and number.valid and number.country_code == self.address.country_code
