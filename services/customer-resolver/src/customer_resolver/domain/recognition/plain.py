"""The five plain recognitions: a customer code, an e-mail address, a postcode, and nothing cleverer."""

from collections.abc import Sequence

from customer_resolver.domain.recognition.guards import Objection
from customer_resolver.domain.recognition.ladder import pick_of
from customer_resolver.domain.recognition.levels import (
    ADDRESS_SAME,
    COMPANY_SAME,
    FIRST_NAME_OTHER,
    SURNAME_AGREES,
    Level,
)
from customer_resolver.domain.recognition.outcomes import SUGGESTIONS_MAX
from customer_resolver.domain.recognition.scoring import Scored, score
from customer_resolver.domain.recognition.trace import Compared, Trace
from customer_resolver.domain.recognition.verdicts import Choose, Link, Nobody, Verdict
from customer_resolver.domain.recognition.ways import Recognition
from customer_resolver.domain.recognition.weights import Weights

_BY_CODE = frozenset(
    {
        Recognition.CUSTOMER_CODE,
        Recognition.CUSTOMER_CODE_OR_EMAIL,
        Recognition.CUSTOMER_CODE_OR_EMAIL_AND_POSTCODE,
    }
)
_BY_EMAIL = frozenset({Recognition.EMAIL, Recognition.CUSTOMER_CODE_OR_EMAIL})
SEVERAL = "manual.several"
NO_CODE = "new.no_code"
CODE_UNKNOWN = "new.code_unknown"
NO_EMAIL = "new.no_email"
EMAIL_UNKNOWN = "new.email_unknown"
POSTCODE_ELSEWHERE = "new.postcode_elsewhere"


def look_up(trace: Trace, weights: Weights) -> Verdict:
    """The code first, where the recognition asks for it; then the mailbox, with the postcode where asked."""
    scored = score(trace, weights).ranked
    if trace.recognition in _BY_CODE:
        hits = [each for each in scored if each.compared.has(Level.CODE_EQUAL)]
        if hits:
            return _by_code(hits, weights)
    if trace.recognition is Recognition.CUSTOMER_CODE:
        return Nobody(reasons=(CODE_UNKNOWN if trace.has_code else NO_CODE,))
    same_mailbox = [each for each in scored if each.compared.same_email]
    if trace.recognition in _BY_EMAIL:
        return _single(same_mailbox, weights) or _nobody(trace, EMAIL_UNKNOWN)
    hits = [each for each in same_mailbox if each.compared.same_postcode]
    missing = POSTCODE_ELSEWHERE if same_mailbox else EMAIL_UNKNOWN
    return _single(hits, weights) or _nobody(trace, missing)


def _by_code(hits: Sequence[Scored], weights: Weights) -> Verdict:
    """A shop's own numbers may be the numbers of other relations: something else must agree as well."""
    if any(_is_corroborated(each.compared) for each in hits):
        return _single([each for each in hits if _is_corroborated(each.compared)], weights) or _choose(
            (Objection.INACTIVE,), hits, weights
        )
    return _choose((Objection.CODE_ALONE,), hits, weights)


def _is_corroborated(compared: Compared) -> bool:
    has_name = compared.has(*SURNAME_AGREES) and not compared.has(*FIRST_NAME_OTHER)
    return has_name or compared.same_email or compared.has(*COMPANY_SAME, *ADDRESS_SAME)


def _single(hits: Sequence[Scored], weights: Weights) -> Verdict | None:
    """The only card in use; several are for a person, and so is a card that is no longer in use."""
    active = [each for each in hits if each.compared.is_active]
    if len(active) == 1:
        return Link(pick=pick_of(active[0], weights))
    if active:
        return _choose((SEVERAL,), active, weights)
    return _choose((Objection.INACTIVE,), hits, weights) if hits else None


def _choose(reasons: tuple[str, ...], hits: Sequence[Scored], weights: Weights) -> Choose:
    picks = tuple(pick_of(each, weights) for each in hits[:SUGGESTIONS_MAX])
    details = {"first": str(picks[0].number), "customers": str(len(hits))}
    return Choose(reasons=tuple(str(reason) for reason in reasons), picks=picks, details=details)


def _nobody(trace: Trace, reason: str) -> Nobody:
    return Nobody(reasons=(reason if trace.has_email else NO_EMAIL,))
