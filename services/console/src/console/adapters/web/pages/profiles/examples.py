"""What each recognition and policy would look at in an order of this very shop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.adapters.web.pages.words import Words
from console.adapters.web.sentences import explanation_words
from console.domain.search import OrderFilter
from console.handlers.orders import OrderDesk
from sconnect.contracts import SalesOrder, SalesOrderCustomerResolved, SalesOrderReceived
from sconnect.profiles import Profile


@dataclass(frozen=True, kw_only=True, slots=True)
class Examples:
    """`number` is the order they are about, `outcome` what became of it; sentences by setting and value."""

    number: str | None = None
    outcome: str | None = None
    sentences: Mapping[str, str] = field(default_factory=dict)


# Each with the parts of the order that it needs.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "customers.recognition.customer_code": ("code",),
    "customers.recognition.email": ("email",),
    "customers.recognition.customer_code_or_email": ("email",),
    "customers.recognition.email_and_postcode": ("email", "postcode"),
    "customers.recognition.customer_code_or_email_and_postcode": ("email", "postcode"),
    "customers.recognition.smart": ("who",),
    "customers.policy.add": ("who",),
    "customers.policy.add_and_update": ("who",),
    "customers.policy.manual": ("who",),
}


async def examples_of(desk: OrderDesk, profile: Profile, words: Words) -> Examples:
    """From the latest order that the console knows of this shop; none before the first import."""
    latest = await desk.page(OrderFilter(profile=profile.name), after=None)
    if not latest.rows:
        return Examples()
    row = latest.rows[0]
    trail = await desk.trail(profile.name, row.standing.order_number)
    received = [each for each in trail.messages if isinstance(each, SalesOrderReceived)]
    resolved = [each for each in trail.messages if isinstance(each, SalesOrderCustomerResolved)]
    if not received:
        return Examples()
    order = received[-1].order
    details = _details(order, profile)
    sentences = {
        name: words.text(f"profile.example.{name}", **details)
        for name, needs in _NEEDS.items()
        if all(details[need] for need in needs)
    }
    outcome = None
    if resolved:
        customer = resolved[-1].customer
        why = explanation_words(customer.explanation, words.language)
        outcome = words.text("profile.example.outcome", customer=customer.number, why=why)
    return Examples(number=order.number, outcome=outcome, sentences=sentences)


def _details(order: SalesOrder, profile: Profile) -> dict[str, str]:
    invoice, delivery = order.buyer.invoice, order.buyer.delivery or order.buyer.invoice
    by_reference = profile.customers.customer_code_field == "reference"
    return {
        "number": order.number,
        "who": invoice.company or invoice.name or order.buyer.email or "",
        "email": order.buyer.email or "",
        "postcode": delivery.postcode or "",
        "code": (order.reference if by_reference else order.internal_comment) or "",
    }
