"""Writes docs/sample-bookings.md: what becomes of every kind of sample order, line by line.

Run it after a change of the rules: `python tests/sample_bookings.py`.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.wording import line_description
from sconnect.texts import reason_text
from shop_documents import Journey, travel
from simulators.webshop.samples import numbered_samples, sample_kinds

PAGE = Path(__file__).parents[1] / "docs" / "sample-bookings.md"
TODAY = date(2026, 3, 10)

HEAD = """# What becomes of the sample orders

One order of every kind that the webshop simulator makes, booked with the ledgers of
`docs/profile.example.yaml`, and ledger 8140 and its like for 0 %. Amounts in euro; a line excludes VAT.
Made by `tests/sample_bookings.py`; a test keeps it true.
"""


def page() -> str:
    samples = numbered_samples(TODAY)
    kinds = sample_kinds()
    sections = [
        _section(sample.kind, kinds[sample.kind].shows, journey)
        for sample, journey in zip(samples, travel(sample.order for sample in samples), strict=True)
    ]
    return "\n".join([HEAD, *sections])


def _section(kind: str, shows: str, journey: Journey) -> str:
    return "\n".join([f"## {kind.replace('_', ' ')}", "", shows, "", *outcome_of(journey), ""])


def outcome_of(journey: Journey) -> Iterator[str]:
    """The booking as a table, or the sentence that says why there is none."""
    if journey.booking is not None:
        yield from _table(journey.booking)
    elif journey.reason is not None:
        reason = journey.reason
        sentence = reason_text(reason.code, reason.variant, reason.details, "en")
        yield f"Not booked, `{reason.text_key}`: {sentence}"


def _table(booking: ComposedBooking) -> Iterator[str]:
    yield "| ledger | line | VAT kind | amount |"
    yield "|---|---|---|---:|"
    for line in booking.lines:
        yield f"| {line.ledger_number} | {line_description(line)} | {line.band} | {line.amount} |"
    for row in booking.vat_rows:
        yield f"| | VAT row | {row.category} | {row.amount} |"
    yield f"| | **total** | | **{booking.total}** |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
