"""The six ways to recognise a customer and how careful to be, in the words of the profile."""

from enum import StrEnum


class Recognition(StrEnum):
    """How a buyer is looked for; the words are those of the profile."""

    CUSTOMER_CODE = "customer_code"
    EMAIL = "email"
    CUSTOMER_CODE_OR_EMAIL = "customer_code_or_email"
    EMAIL_AND_POSTCODE = "email_and_postcode"
    CUSTOMER_CODE_OR_EMAIL_AND_POSTCODE = "customer_code_or_email_and_postcode"
    SMART = "smart"


class Threshold(StrEnum):
    """NORMAL also links a buyer of whom only initials are known."""

    STRICT = "strict"
    NORMAL = "normal"
