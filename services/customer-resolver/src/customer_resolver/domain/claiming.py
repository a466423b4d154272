"""What two orders of one new buyer have in common, so that the second waits for the card of the first."""

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.memory import memory_keys
from customer_resolver.domain.recognition.identities import identity_of_buyer
from customer_resolver.domain.recognition.keys import KeyKind, keyed

# Recognition links nobody on less than one of these. What whole neighbourhoods or companies share is left
# out: their orders would wait for each other for nothing.
IDENTIFYING = frozenset(
    {
        KeyKind.EMAIL,
        KeyKind.PHONE,
        KeyKind.PLACE,
        KeyKind.PLACE_IN_STREET,
        KeyKind.POSTCODE_SURNAME,
        KeyKind.NUMBER_SURNAME,
        KeyKind.COMPANY,
        KeyKind.VAT_ID,
        KeyKind.IBAN,
        KeyKind.CODE,
    }
)


def claim_keys(buyer: Buyer, administration_id: str) -> frozenset[int]:
    """Signed integers of 64 bits; empty for a buyer of whom nothing is known."""
    compared = keyed(identity_of_buyer(buyer), administration_id)
    identifying = {key for (kind, _), key in compared.items() if kind in IDENTIFYING}
    return frozenset({*identifying, *memory_keys(buyer, administration_id)})
