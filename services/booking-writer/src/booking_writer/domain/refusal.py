"""Saying no to a booking: everything that is wrong with it at one step, told at once."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NoReturn

from sconnect.errors import Reason, ReasonCode, RejectedError

# What a broken shop sends in place of a country or a currency may be of any length.
DETAIL_LENGTH_MAX = 80


def reason(code: ReasonCode, variant: str | None = None, /, **details: object) -> Reason:
    texts = {name: str(value)[:DETAIL_LENGTH_MAX] for name, value in details.items()}
    return Reason(code=code, variant=variant, details=texts)


def percent(rate: Decimal) -> str:
    """A rate as people write it: 9, not 9.00."""
    return f"{rate.normalize():f}"


def refuse(code: ReasonCode, variant: str | None = None, /, **details: object) -> NoReturn:
    raise RejectedError(reason(code, variant, **details))


def refuse_number_of_ours(invoice_number: str, order_number: str, profile: str) -> NoReturn:
    """The invoice number was used for another order of ours in the same administration."""
    refuse(
        ReasonCode.CONFLICTS_WITH_EXISTING,
        "used_by_us",
        invoice_number=invoice_number,
        order_number=order_number,
        profile=profile,
    )


def refuse_number_of_others(invoice_number: str) -> NoReturn:
    """The invoice number is in the books already, and not by us."""
    refuse(ReasonCode.CONFLICTS_WITH_EXISTING, "number_taken", invoice_number=invoice_number)


def refuse_if_any(problems: Iterable[Reason]) -> None:
    """RejectedError with the first problem; `also` in its details names the codes of the others."""
    found = list(problems)
    if not found:
        return
    first, *others = found
    also = ", ".join(dict.fromkeys(problem.text_key for problem in others))
    details = dict(first.details) | ({"also": also} if also else {})
    raise RejectedError(Reason(code=first.code, variant=first.variant, details=details))
