"""Texts of an order read as numbers; every field that holds none is remembered and named."""

from collections.abc import Sequence
from decimal import Decimal

from booking_writer.domain.refusal import reason
from sconnect.errors import Reason, ReasonCode
from sconnect.money import ZERO, parse_amount

RATE_MAX = Decimal(100)
SHOWN_LENGTH_MAX = 40


class NumberReader:
    """Reads amounts and rates; what cannot be read counts as zero and stands in `problems`."""

    def __init__(self) -> None:
        self._problems: list[Reason] = []

    @property
    def problems(self) -> Sequence[Reason]:
        return self._problems

    def amount(self, field: str, text: str) -> Decimal:
        try:
            return parse_amount(text)
        except ValueError:
            self.note(field, text)
            return ZERO

    def rate(self, field: str, text: str) -> Decimal:
        """A percentage from 0 to 100."""
        rate = self.amount(field, text)
        if not 0 <= rate <= RATE_MAX:
            self.note(field, text)
            return ZERO
        return rate

    def note(self, field: str, text: str) -> None:
        shown = text.strip()[:SHOWN_LENGTH_MAX] or "-"
        self.add(reason(ReasonCode.BAD_NUMBER, field=field, value=shown))

    def add(self, problem: Reason) -> None:
        self._problems.append(problem)


def is_absent(text: str | None) -> bool:
    return text is None or not text.strip()
