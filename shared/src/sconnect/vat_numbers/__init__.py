"""VAT numbers of EU businesses: their form and check digit, and whether VIES knows them."""

from sconnect.vat_numbers.numbers import EuVatNumber, read_eu_vat_number
from sconnect.vat_numbers.vies import VIES_URL, Vies

__all__ = ["VIES_URL", "EuVatNumber", "Vies", "read_eu_vat_number"]
