"""How far a buyer and a relation agree, part by part; the words of every explanation."""

from enum import StrEnum


class Part(StrEnum):
    """What is compared. A candidate has at most one level per part."""

    SURNAME = "surname"
    FIRST_NAME = "first_name"
    COMPANY = "company"
    CONTACT = "contact"
    EMAIL = "email"
    ADDRESS = "address"
    PHONE = "phone"
    VAT_NUMBER = "vat_number"
    IBAN = "iban"
    CODE = "code"


class Level(StrEnum):
    """A part and how far it agrees; each has its words in sconnect.texts under `explanation`."""

    SURNAME_EQUAL = "surname.equal"
    SURNAME_CLOSE = "surname.close"
    SURNAME_PART = "surname.part"
    SURNAME_SWAPPED = "surname.swapped"
    SURNAME_FAMILY = "surname.family"
    SURNAME_DIFFERS = "surname.differs"
    FIRST_NAME_EQUAL = "first_name.equal"
    FIRST_NAME_FROM_EMAIL = "first_name.from_email"
    FIRST_NAME_CALL_NAME = "first_name.call_name"
    FIRST_NAME_CLOSE = "first_name.close"
    FIRST_NAME_OTHER_INITIALS = "first_name.other_initials"
    FIRST_NAME_DIFFERS = "first_name.differs"
    FIRST_NAME_UNLIKE = "first_name.unlike"
    FIRST_NAME_INITIAL = "first_name.initial"
    FIRST_NAME_OTHER_INITIAL = "first_name.other_initial"
    COMPANY_EQUAL = "company.equal"
    COMPANY_CLOSE = "company.close"
    COMPANY_PART = "company.part"
    COMPANY_OTHER_FORM = "company.other_form"
    COMPANY_DIFFERS = "company.differs"
    COMPANY_MISSING = "company.missing"
    CONTACT_EQUAL = "contact.equal"
    CONTACT_SURNAME = "contact.surname"
    CONTACT_DIFFERS = "contact.differs"
    EMAIL_EQUAL = "email.equal"
    EMAIL_CORRECTED = "email.corrected"
    EMAIL_LOCAL_PART = "email.local_part"
    EMAIL_DOMAIN = "email.domain"
    EMAIL_DIFFERS = "email.differs"
    ADDRESS_EQUAL = "address.equal"
    ADDRESS_WITHOUT_ADDITION = "address.without_addition"
    ADDRESS_NEAR = "address.near"
    ADDRESS_STREET = "address.street"
    ADDRESS_OTHER_ADDITION = "address.other_addition"
    ADDRESS_PARTLY = "address.partly"
    ADDRESS_POSTCODE = "address.postcode"
    ADDRESS_DIFFERS = "address.differs"
    PHONE_EQUAL = "phone.equal"
    PHONE_DIFFERS = "phone.differs"
    VAT_NUMBER_EQUAL = "vat_number.equal"
    VAT_NUMBER_DIFFERS = "vat_number.differs"
    IBAN_EQUAL = "iban.equal"
    IBAN_DIFFERS = "iban.differs"
    CODE_EQUAL = "code.equal"

    @property
    def part(self) -> Part:
        return _PART_OF[self]

    @property
    def agrees(self) -> bool:
        return self not in DIFFERENCES


_PART_OF = {level: Part(level.value.partition(".")[0]) for level in Level}

FIRST_NAME_OTHER = frozenset(
    {Level.FIRST_NAME_DIFFERS, Level.FIRST_NAME_UNLIKE, Level.FIRST_NAME_OTHER_INITIAL}
)
DIFFERENCES = frozenset(
    {
        Level.SURNAME_DIFFERS,
        *FIRST_NAME_OTHER,
        Level.COMPANY_OTHER_FORM,
        Level.COMPANY_DIFFERS,
        Level.COMPANY_MISSING,
        Level.CONTACT_DIFFERS,
        Level.EMAIL_DIFFERS,
        Level.ADDRESS_OTHER_ADDITION,
        Level.ADDRESS_DIFFERS,
        Level.PHONE_DIFFERS,
        Level.VAT_NUMBER_DIFFERS,
        Level.IBAN_DIFFERS,
    }
)
SURNAME_AGREES = frozenset(
    {
        Level.SURNAME_EQUAL,
        Level.SURNAME_CLOSE,
        Level.SURNAME_PART,
        Level.SURNAME_SWAPPED,
        Level.SURNAME_FAMILY,
    }
)
FIRST_NAME_KNOWN_EQUAL = frozenset(
    {Level.FIRST_NAME_EQUAL, Level.FIRST_NAME_FROM_EMAIL, Level.FIRST_NAME_CLOSE}
)
FIRST_NAME_MAY_BE = frozenset(
    {Level.FIRST_NAME_CALL_NAME, Level.FIRST_NAME_INITIAL, Level.FIRST_NAME_OTHER_INITIALS}
)
# With one of these it is somebody else, however much else agrees.
CONFLICTS = frozenset(
    {
        Level.SURNAME_DIFFERS,
        *FIRST_NAME_OTHER,
        Level.COMPANY_OTHER_FORM,
        Level.COMPANY_DIFFERS,
        Level.VAT_NUMBER_DIFFERS,
    }
)
EMAIL_SAME = frozenset({Level.EMAIL_EQUAL, Level.EMAIL_CORRECTED})
ADDRESS_SAME = frozenset(
    {
        Level.ADDRESS_EQUAL,
        Level.ADDRESS_WITHOUT_ADDITION,
        Level.ADDRESS_NEAR,
        Level.ADDRESS_STREET,
    }
)
COMPANY_SAME = frozenset({Level.COMPANY_EQUAL, Level.COMPANY_CLOSE})
