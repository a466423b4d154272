"""Reads the buyer and the rules out of what travels between the services."""

from stdnum import iban
from stdnum.eu import vat

from customer_resolver.domain.buyers import Address, Buyer, Iban, Recipient, VatNumber
from customer_resolver.domain.decisions import (
    CollectiveDebtor,
    CollectiveFor,
    CreateCustomer,
    PersonsDecision,
    Policy,
    Rules,
    UseCustomer,
)
from customer_resolver.domain.emails import normalised_email
from customer_resolver.domain.recognition import Recognition, Threshold
from customer_resolver.domain.wording import tidy
from sconnect.contracts import Amendment, BuyerAddress, SalesOrder
from sconnect.profiles import Profile

REVERSE_CHARGED = "reverse_charged_vat"

# Where the letters of a VAT number are not those of the country (VAT Directive 2006/112/EC, article 215).
_COUNTRY_OF_VAT_LETTERS = {"EL": "GR", "XI": "GB"}
_VAT_LETTERS_OF_COUNTRY = {country: letters for letters, country in _COUNTRY_OF_VAT_LETTERS.items()}


def read_buyer(order: SalesOrder, *, code_field: str = "reference") -> Buyer:
    """The buyer of an order; whatever is unusable is empty or marked so, nothing raises.

    `code_field` is the order's field that has the customer code: `reference` or `internal_comment`.
    """
    invoice, delivery = order.buyer.invoice, order.buyer.delivery
    code = order.internal_comment if code_field == "internal_comment" else order.reference
    company = tidy(invoice.company)
    return Buyer(
        email=normalised_email(order.buyer.email),
        company=company,
        person=tidy(invoice.name),
        is_business=bool(company) or (order.business_model or "").strip().upper() == "B2B",
        address=_read_address(invoice),
        phone=tidy(invoice.phone),
        vat_number=read_vat_number(invoice.vat_number, _country_code(invoice)),
        iban=_read_iban(invoice.bank_account),
        is_reverse_charged=order.tax_strategy == REVERSE_CHARGED,
        delivery=None if delivery is None else _read_recipient(delivery),
        account_id=tidy(order.buyer.account_id) or None,
        customer_code=tidy(code) or None,
    )


def read_rules(profile: Profile) -> Rules:
    """The part of the profile that decides about customers."""
    customers = profile.customers
    debtor = customers.collective_debtor
    return Rules(
        policy=Policy(customers.policy),
        recognition=Recognition(customers.recognition),
        threshold=Threshold(customers.threshold),
        collective=None
        if debtor is None
        else CollectiveDebtor(whose=CollectiveFor(debtor.applies_to), number=debtor.number),
    )


def read_decision(amendment: Amendment | None) -> PersonsDecision | None:
    """What a person decided about the customer; None for no decision, or one about something else."""
    match amendment:
        case Amendment(kind="use_customer"):
            return UseCustomer(number=(amendment.value or "").strip())
        case Amendment(kind="create_customer"):
            return CreateCustomer(decided_at=amendment.at)
        case _:
            return None


def read_vat_number(text: str | None, country_code: str) -> VatNumber | None:
    """A VAT number with its country's letters in front; those of the address when it has none of its own."""
    number = "".join(character for character in (text or "").upper() if character.isalnum())
    if not number:
        return None
    letters = _VAT_LETTERS_OF_COUNTRY.get(country_code, country_code)
    if not number[:2].isalpha():
        number = letters + number
    letters = number[:2]
    return VatNumber(
        number=number,
        country_code=_COUNTRY_OF_VAT_LETTERS.get(letters, letters),
        valid=vat.is_valid(number),
    )


def _read_iban(text: str | None) -> Iban | None:
    number = "".join(character for character in (text or "").upper() if character.isalnum())
    return Iban(number=number, valid=iban.is_valid(number)) if number else None


def _read_recipient(delivery: BuyerAddress) -> Recipient:
    return Recipient(
        company=tidy(delivery.company),
        person=tidy(delivery.name),
        address=_read_address(delivery),
        phone=tidy(delivery.phone),
    )


def _read_address(address: BuyerAddress) -> Address:
    return Address(
        street=tidy(address.street),
        house_number=tidy(address.house_number),
        postcode=tidy(address.postcode),
        city=tidy(address.city),
        country_code=_country_code(address),
    )


def _country_code(address: BuyerAddress) -> str:
    return tidy(address.country_code).upper()
