"""What a preview says to people about an order that would wait."""

import pytest

from console.adapters.web.preview_documents import PreviewedOrderDocument
from fakes_console import NOON, PROFILE, OrderStory
from sconnect.contracts import SalesBookingPreviewed, WireReason
from sconnect.contracts.build import new_message


def foreseen(**details: str) -> SalesBookingPreviewed:
    return new_message(
        SalesBookingPreviewed,
        profile=PROFILE,
        occurred_at=NOON,
        correlation_id="preview-1",
        id_parts=("preview-1",),
        preview_id="preview-1",
        order=OrderStory().key(),
        stage="booking-writer",
        outcome="dead_lettered",
        reason=WireReason(code="INVALID_VAT_NUMBER", variant="vies", details=details),
    )


@pytest.mark.parametrize(
    ("details", "customer"), [({}, "customer (new)"), ({"customer_number": "10412"}, "customer 10412")]
)
def test_a_card_that_is_not_made_yet_is_called_new(details: dict[str, str], customer: str) -> None:
    sentence = PreviewedOrderDocument.of(foreseen(**details), "en").reason
    assert sentence is not None
    assert customer in sentence
    assert "?" not in sentence
