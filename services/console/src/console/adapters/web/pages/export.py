"""Orders as a file for a spreadsheet."""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence

from console.adapters.web.pages.words import Words
from console.adapters.web.sentences import standing_sentence
from console.domain.standing import OrderRow

BYTE_ORDER_MARK = "\ufeff"
# A Dutch spreadsheet expects semicolons, for its numbers have commas.
_SEPARATORS = {"nl": ";", "en": ","}
# A cell that begins so is computed by a spreadsheet, whoever wrote it.
FORMULA = re.compile(r"^[=+\-@\t\r\n|%]")
COLUMNS = ("profile", "number", "ordered_on", "name", "status", "reason", "invoice", "customer", "total")


async def csv_lines(parts: AsyncIterator[Sequence[OrderRow]], words: Words) -> AsyncIterator[str]:
    """The heading, then a line per order, in pieces."""
    yield BYTE_ORDER_MARK + csv_rows([[words.text(f"orders.{column}") for column in COLUMNS]], words)
    async for rows in parts:
        yield csv_rows([_cells(row, words) for row in rows], words)


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it and never computes it."""
    return f"'{text}" if FORMULA.match(text) else text


def _cells(row: OrderRow, words: Words) -> list[str]:
    standing = row.standing
    typed_by_others = (
        row.profile,
        standing.order_number,
        standing.ordered_on.isoformat(),
        standing.buyer_name or "",
        words.text(f"status.{standing.status.value}"),
        standing_sentence(standing, words.language) or "",
        standing.booking.invoice_number if standing.booking else "",
        str(standing.customer_number or ""),
    )
    # Our own number, minus sign and all: to be computed with.
    total = "" if standing.total is None else standing.total.replace(".", words.decimal_mark)
    return [*(harmless(cell) for cell in typed_by_others), total]


def csv_rows(rows: list[list[str]], words: Words) -> str:
    """Cells as they are: what others typed must be made `harmless` before."""
    written = io.StringIO()
    csv.writer(written, delimiter=_SEPARATORS[words.language], lineterminator="\r\n").writerows(rows)
    return written.getvalue()
