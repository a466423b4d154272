"""What keeps a likely candidate from being linked without a person: the score alone is not safe enough."""

from collections.abc import Collection, Iterator
from enum import StrEnum

from customer_resolver.domain.recognition.levels import (
    ADDRESS_SAME,
    COMPANY_SAME,
    EMAIL_SAME,
    FIRST_NAME_KNOWN_EQUAL,
    FIRST_NAME_MAY_BE,
    FIRST_NAME_OTHER,
    SURNAME_AGREES,
    Level,
    Part,
)
from customer_resolver.domain.recognition.trace import Compared
from customer_resolver.domain.recognition.ways import Threshold
from customer_resolver.domain.recognition.weights import CardKind

EVIDENCE_GROUPS_MIN = 2


class Objection(StrEnum):
    """Why a person must look; each has its sentence in sconnect.texts under `explanation`."""

    VAT_NUMBER_DIFFERS = "manual.vat_number_differs"
    HOUSEMATE = "manual.housemate"
    FIRST_NAME_DIFFERS = "manual.first_name_differs"
    SURNAME_DIFFERS = "manual.surname_differs"
    OTHER_FORM = "manual.other_form"
    COMPANY_DIFFERS = "manual.company_differs"
    COMPANY_NOT_ON_CARD = "manual.company_not_on_card"
    COMPANY_NOT_ON_ORDER = "manual.company_not_on_order"
    SHARED_EMAIL = "manual.shared_email"
    INITIALS_ONLY = "manual.initials_only"
    NAME_UNKNOWN = "manual.name_unknown"
    BELONGS_TO_OTHER = "manual.belongs_to_other"
    CODE_ALONE = "manual.code_alone"
    ONE_GROUP = "manual.one_group"
    INACTIVE = "manual.inactive"
    BELOW_THRESHOLD = "manual.below_threshold"
    TIE = "manual.tie"
    DUPLICATE = "manual.duplicate"


def objections(winner: Compared, others: Collection[Compared], threshold: Threshold) -> Iterator[Objection]:
    """Every guard that holds the winner back, the most telling first."""
    if winner.has(Level.VAT_NUMBER_DIFFERS):
        yield Objection.VAT_NUMBER_DIFFERS
    if winner.kind is CardKind.PERSON:
        yield from _of_person(winner, threshold)
    else:
        yield from _of_business(winner, others)
    if any(_belongs_to(other, winner) for other in others):
        yield Objection.BELONGS_TO_OTHER
    groups = evidence_groups(winner)
    if winner.has(Level.CODE_EQUAL) and groups == 1:
        yield Objection.CODE_ALONE
    elif groups < EVIDENCE_GROUPS_MIN:
        yield Objection.ONE_GROUP
    if not winner.is_active:
        yield Objection.INACTIVE


def evidence_groups(compared: Compared) -> int:
    """How many independent things agree; a VAT number or an IBAN counts for two."""
    has_hard_id = compared.has(Level.VAT_NUMBER_EQUAL, Level.IBAN_EQUAL)
    return (
        _name_agrees(compared)
        + _mailbox_agrees(compared)
        + _address_agrees(compared)
        + compared.has(Level.PHONE_EQUAL)
        + compared.has(Level.CODE_EQUAL)
        + 2 * has_hard_id
    )


def _of_person(winner: Compared, threshold: Threshold) -> Iterator[Objection]:
    if winner.names_other_company:
        yield Objection.COMPANY_NOT_ON_CARD
    if winner.has(*FIRST_NAME_OTHER):
        is_at_home = winner.has(*ADDRESS_SAME) and winner.has(*SURNAME_AGREES)
        yield Objection.HOUSEMATE if is_at_home else Objection.FIRST_NAME_DIFFERS
    if winner.has(Level.SURNAME_DIFFERS):
        yield Objection.SURNAME_DIFFERS
    if not winner.has(*SURNAME_AGREES, Level.SURNAME_DIFFERS):
        yield Objection.NAME_UNKNOWN
    if winner.has(*FIRST_NAME_KNOWN_EQUAL):
        return
    if _has_personal_identifier(winner) and not winner.has(Level.SURNAME_PART, Level.PHONE_DIFFERS):
        return
    if winner.has(*FIRST_NAME_OTHER):
        return
    if winner.has(*EMAIL_SAME):
        yield Objection.SHARED_EMAIL
    elif threshold is Threshold.STRICT and not winner.is_household:
        yield Objection.INITIALS_ONLY


def _of_business(winner: Compared, others: Collection[Compared]) -> Iterator[Objection]:
    if winner.has(Level.COMPANY_OTHER_FORM):
        yield Objection.OTHER_FORM
    if winner.has(Level.COMPANY_DIFFERS) or (
        winner.has(Level.COMPANY_PART) and not _is_known_by_all_else(winner, others)
    ):
        yield Objection.COMPANY_DIFFERS
    if winner.has(Level.COMPANY_EQUAL) and winner.is_name_cut and _has_namesake(others):
        yield Objection.OTHER_FORM
    if winner.lacks_company and not _is_only_one_there(winner):
        yield Objection.COMPANY_NOT_ON_ORDER


def _is_known_by_all_else(winner: Compared, others: Collection[Compared]) -> bool:
    """Part of the name will do for the only card at a door with this telephone number or mailbox."""
    at_door = winner.has(Level.ADDRESS_EQUAL) and winner.has(Level.PHONE_EQUAL, *EMAIL_SAME)
    return at_door and not any(other.site and other.site == winner.site for other in others)


def _has_namesake(others: Collection[Compared]) -> bool:
    """Of names that were cut short, what told two sister companies apart may be gone."""
    return any(other.has(Level.COMPANY_EQUAL) and other.is_name_cut for other in others)


def _is_only_one_there(winner: Compared) -> bool:
    """E-mail and address agree, no other relation has either, and nobody else is the contact."""
    same = [level for level in winner.levels if level in EMAIL_SAME or level in ADDRESS_SAME]
    is_alone = not any(winner.is_shared(level) for level in same)
    return len(same) == 2 and is_alone and not winner.has(Level.CONTACT_DIFFERS)  # noqa: PLR2004


def _belongs_to(other: Compared, winner: Compared) -> bool:
    """Whether something personal of the buyer is another candidate's and not the winner's."""
    personal = [Level.VAT_NUMBER_EQUAL, Level.IBAN_EQUAL, Level.CODE_EQUAL]
    if not other.is_role_mailbox:
        personal.extend(EMAIL_SAME)
    parts_of_winner = {level.part for level in winner.levels if level in personal}
    theirs = {level.part for level in other.levels if level in personal}
    if Part.CODE in theirs and evidence_groups(other) == 1:
        theirs.discard(Part.CODE)
    return bool(theirs - parts_of_winner)


def _has_personal_identifier(winner: Compared) -> bool:
    """Something that only this very person has, beside the name."""
    has_own_mailbox = any(level in EMAIL_SAME and not winner.is_shared(level) for level in winner.levels)
    has_own_mobile = winner.has_same_mobile and not winner.is_shared(Level.PHONE_EQUAL)
    return (
        (has_own_mailbox and not winner.is_role_mailbox)
        or has_own_mobile
        or winner.has(Level.CODE_EQUAL, Level.VAT_NUMBER_EQUAL, Level.IBAN_EQUAL)
    )


def _name_agrees(compared: Compared) -> bool:
    if compared.kind is CardKind.BUSINESS:
        return compared.has(*COMPANY_SAME) or (compared.lacks_company and compared.has(Level.CONTACT_EQUAL))
    is_named = compared.has(*FIRST_NAME_KNOWN_EQUAL, *FIRST_NAME_MAY_BE) or not compared.has(
        *FIRST_NAME_OTHER
    )
    return compared.has(*SURNAME_AGREES) and is_named


def _address_agrees(compared: Compared) -> bool:
    """Beside a whole name two of its three parts will do: an estate for the street, a wrong postcode."""
    has_whole_name = compared.has(Level.FIRST_NAME_EQUAL) and compared.has(
        Level.SURNAME_EQUAL, Level.SURNAME_CLOSE
    )
    return compared.has(*ADDRESS_SAME) or (compared.has(Level.ADDRESS_PARTLY) and has_whole_name)


def _mailbox_agrees(compared: Compared) -> bool:
    if compared.has(*EMAIL_SAME):
        return True
    is_own_domain = compared.has(Level.EMAIL_DOMAIN) and not compared.is_shared(Level.EMAIL_DOMAIN)
    return compared.kind is CardKind.BUSINESS and is_own_domain
