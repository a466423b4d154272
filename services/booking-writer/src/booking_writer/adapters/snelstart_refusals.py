"""What SnelStart's refusal of a booking means for the order (developer portal, foutcodes)."""

from types import MappingProxyType

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.refusal import reason
from booking_writer.ports import InvoiceNumberTaken
from sconnect.errors import ReasonCode, RejectedError, SConnectError
from sconnect.snelstart import SnelstartRefused, VendorProblem

NUMBER_TAKEN = "BOE-0021"

REASONS = MappingProxyType(
    {
        "BOE-0042": ReasonCode.PERIOD_BLOCKED,
        "BOE-0051": ReasonCode.PERIOD_BLOCKED,
        "BOE-0033": ReasonCode.PERIOD_BLOCKED,
        "BOE-0070": ReasonCode.PERIOD_BLOCKED,
        "BOE-0037": ReasonCode.LEDGER_UNFIT,
        "BOE-0008": ReasonCode.LEDGER_UNFIT,
        "BOE-0061": ReasonCode.LEDGER_UNFIT,
        "BOE-0082": ReasonCode.LEDGER_UNFIT,
        "BOE-0022": ReasonCode.LEDGER_UNFIT,
        "BOE-0019": ReasonCode.LEDGER_UNFIT,
        "BOE-0026": ReasonCode.LEDGER_UNFIT,
        "BOE-0080": ReasonCode.CUSTOMER_LACKS_VAT_NUMBER,
        "BOE-0054": ReasonCode.CUSTOMER_REFUSED,
        "BOE-0060": ReasonCode.CUSTOMER_REFUSED,
    }
)


def translate_refusal(refusal: SnelstartRefused, booking: ComposedBooking) -> SConnectError:
    """InvoiceNumberTaken, or a RejectedError for the first problem that we know a remedy for."""
    if NUMBER_TAKEN in refusal.codes:
        return InvoiceNumberTaken(booking.invoice_number)
    known = next((problem for problem in refusal.problems if problem.code in REASONS), None)
    return refusal if known is None else _rejected(known, booking)


def _rejected(problem: VendorProblem, booking: ComposedBooking) -> RejectedError:
    code = REASONS[problem.code or ""]
    said = {"code": problem.code, "message": problem.message}
    match code:
        case ReasonCode.PERIOD_BLOCKED:
            return RejectedError(reason(code, date=booking.invoice_date, **said))
        case ReasonCode.LEDGER_UNFIT:
            numbers = ", ".join(
                str(number) for number in sorted({line.ledger_number for line in booking.lines})
            )
            return RejectedError(reason(code, "refused", ledger=problem.field or numbers, **said))
        case ReasonCode.CUSTOMER_REFUSED:
            return RejectedError(reason(code, "for_booking", customer_number=booking.customer_number, **said))
        case _:
            return RejectedError(reason(code, customer_number=booking.customer_number, **said))
