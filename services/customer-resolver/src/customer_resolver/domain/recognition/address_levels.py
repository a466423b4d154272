"""How far two addresses agree; the city never counts, for registers disagree about it."""

from itertools import product

from rapidfuzz.distance import OSA, JaroWinkler

from customer_resolver.domain.recognition.addresses import NormalAddress
from customer_resolver.domain.recognition.levels import Level

_STREET_SIMILARITY_MIN = 0.92
_STREET_ERRORS_MAX = 2
_POSTCODE_ERRORS_MAX = 2
_STREET_START_CHARACTERS = 5

_BEST_FIRST = (
    Level.ADDRESS_EQUAL,
    Level.ADDRESS_WITHOUT_ADDITION,
    Level.ADDRESS_NEAR,
    Level.ADDRESS_STREET,
    Level.ADDRESS_OTHER_ADDITION,
    Level.ADDRESS_PARTLY,
    Level.ADDRESS_POSTCODE,
    Level.ADDRESS_DIFFERS,
)


def compare_addresses(
    ours: tuple[NormalAddress, ...], theirs: tuple[NormalAddress, ...]
) -> tuple[Level, str] | None:
    """The best pair counts: its level, and the place of ours in it. None when either side has no address."""
    pairs = [
        (level, our.place)
        for our, their in product(ours, theirs)
        if (level := _compare_pair(our, their)) is not None
    ]
    return min(pairs, key=lambda pair: _BEST_FIRST.index(pair[0])) if pairs else None


def _compare_pair(ours: NormalAddress, theirs: NormalAddress) -> Level | None:
    if not _can_be_compared(ours, theirs):
        return None
    if _are_elsewhere(ours, theirs):
        return Level.ADDRESS_DIFFERS
    if _same_door_number(ours, theirs):
        return _compare_same_number(ours, theirs)
    is_same_code = ours.postcode and ours.postcode == theirs.postcode
    if ours.postcode == theirs.postcode and _lacks_number(ours, theirs):
        return Level.ADDRESS_STREET
    return Level.ADDRESS_POSTCODE if is_same_code and _same_street(ours, theirs) else Level.ADDRESS_DIFFERS


def _can_be_compared(ours: NormalAddress, theirs: NormalAddress) -> bool:
    return bool((ours.postcode and theirs.postcode) or (ours.street and theirs.street))


def _are_elsewhere(ours: NormalAddress, theirs: NormalAddress) -> bool:
    if ours.country and theirs.country and ours.country != theirs.country:
        return True
    return ours.is_po_box != theirs.is_po_box


def _lacks_number(ours: NormalAddress, theirs: NormalAddress) -> bool:
    """One street, and on one side at least no number in it."""
    is_street = bool(ours.street) and ours.street == theirs.street
    return is_street and not (ours.number and theirs.number)


def _same_door_number(ours: NormalAddress, theirs: NormalAddress) -> bool:
    """ "60-2" and "602" are one door."""
    return ours.number > 0 and (ours.number == theirs.number or ours.door == theirs.door)


def _compare_same_number(ours: NormalAddress, theirs: NormalAddress) -> Level:
    if ours.postcode == theirs.postcode and ours.postcode:
        # A Dutch postcode is part of one street; elsewhere it is a town.
        is_here = ours.country == theirs.country == "NL" or _same_street(ours, theirs)
        return _compare_additions(ours, theirs) if is_here else Level.ADDRESS_PARTLY
    if not _same_street(ours, theirs) or not ours.street:
        return Level.ADDRESS_DIFFERS
    if not ours.postcode and not theirs.postcode:
        same = _compare_additions(ours, theirs)
        is_exact = ours.street == theirs.street or same is not Level.ADDRESS_EQUAL
        return same if is_exact else Level.ADDRESS_NEAR
    if not ours.postcode or not theirs.postcode:
        return Level.ADDRESS_NEAR
    is_near = OSA.distance(ours.postcode, theirs.postcode) <= _POSTCODE_ERRORS_MAX or ours.area == theirs.area
    return Level.ADDRESS_NEAR if is_near else Level.ADDRESS_PARTLY


def _compare_additions(ours: NormalAddress, theirs: NormalAddress) -> Level:
    if ours.door == theirs.door:
        return Level.ADDRESS_EQUAL
    if not ours.addition or not theirs.addition:
        return Level.ADDRESS_WITHOUT_ADDITION
    return Level.ADDRESS_OTHER_ADDITION


def _same_street(ours: NormalAddress, theirs: NormalAddress) -> bool:
    """Also when it is not known on one side."""
    if not ours.street or not theirs.street or ours.street == theirs.street:
        return True
    shorter, longer = sorted((ours.street, theirs.street), key=len)
    if len(shorter) >= _STREET_START_CHARACTERS and longer.startswith(shorter):
        return True
    if (
        OSA.distance(shorter, longer, score_cutoff=_STREET_ERRORS_MAX)
        <= _STREET_ERRORS_MAX
        < len(shorter) - 1
    ):
        return True
    return JaroWinkler.similarity(shorter, longer) >= _STREET_SIMILARITY_MIN
