"""The words on the lines of a booking, as its Dutch bookkeeper reads them in SnelStart."""

from types import MappingProxyType

from booking_writer.domain.booking import BookingLine
from sconnect.ledgers import LineKind

KIND_WORDS = MappingProxyType(
    {
        LineKind.REVENUE: "Omzet",
        LineKind.SHIPPING: "Verzendkosten",
        LineKind.PAYMENT_COSTS: "Betalingskosten",
        LineKind.DISCOUNT: "Korting",
        LineKind.GIFT_CARD: "Cadeaubon",
        LineKind.DEPOSIT: "Statiegeld",
        LineKind.ROUNDING: "Afronding",
        LineKind.FOREIGN_VAT: "Buitenlandse btw",
    }
)


def line_description(line: BookingLine) -> str:
    """For example "Verzendkosten 21%"."""
    if line.rate is None:
        return KIND_WORDS[line.kind]
    rate = f"{line.rate.normalize():f}".replace(".", ",")
    return f"{KIND_WORDS[line.kind]} {rate}%"
