"""Broken shop documents on their whole way, from the shop's JSON to the booking: each is booked to the cent,
or waits with a whole sentence; nothing is ever raised and nothing half booked."""

import copy
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_outcomes import INVARIANTS, IS_LONG_RUN, in_cents, outcome, total_of
from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.refusal import DETAIL_LENGTH_MAX
from booking_writer.handlers.translation import fingerprints
from poller.adapters.shop_orders import read_order
from sconnect.contracts import SalesOrder
from sconnect.errors import Reason
from sconnect.texts import LANGUAGES, reason_text
from sconnect.webshop import parse
from shop_documents import case_of
from simulators.webshop.samples import numbered_samples

pytestmark = [pytest.mark.long] if IS_LONG_RUN else []

Place = tuple[str | int, ...]

DOCUMENTS = [sample.order for sample in numbered_samples(date(2026, 3, 10))]
LONG_TEXT = "x" * 10_000
# fmt: off
TEXTS = (
    "", " ", "-", "0", "0.00", "-0.00", "-5", "21.0000001", "100.01", "1e9", "1E-7", "NaN", "-Infinity",
    "sNaN",
    "1,50", "1.000,00", "€ 5", "0x1F", "\u0663", "\x00", "\ud83d",
    "9" * 13, "1" + "0" * 400, "0." + "1" * 400,
    "999999999999.999999999999", "1000000000.00", LONG_TEXT, "EUR", "GBP", "NL", "BE", "discount",
    "gift_card",
    "levy", "zero_percent", "reverse_charged_vat", "exclude", "2026-02-30", "0001-01-01", "9999-12-31",
)
NUMBERS = (
    0, -1, 3, 10**9, 10**40, 0.1 + 0.2, 21.0000001, 1e-7, -1e300, float("nan"), float("inf"), float("-inf"),
    True, False,
)
# fmt: on
SCALARS = st.one_of(
    st.none(),
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.text(max_size=8),
    st.decimals(-1_000, 1_000, places=2).map(str),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from(("amount", "rate", "0", "total", "tax", "x")), SCALARS, max_size=3),
)


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Where a document has something: every field and element, at every depth."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*above, name)
        yield from places(inner, (*above, name))


PLACES = [tuple(places(document)) for document in DOCUMENTS]


def changed(document: Any, place: Place, value: Any) -> Any:
    """The document with something else in one place, if it still has that place."""
    found = document
    for name in place[:-1]:
        found = found[name] if has(found, name) else None
    if has(found, place[-1]):
        found[place[-1]] = value
    return document


def has(value: Any, name: str | int) -> bool:
    if isinstance(value, dict):
        return name in value
    return isinstance(value, list) and isinstance(name, int) and name < len(value)


@st.composite
def broken_documents(draw: st.DrawFn) -> Any:
    """A sample order with something else in up to four places, perhaps with all its lines many times."""
    which = draw(st.integers(0, len(DOCUMENTS) - 1))
    document = copy.deepcopy(DOCUMENTS[which])
    for _ in range(draw(st.integers(1, 4))):
        document = changed(document, draw(st.sampled_from(PLACES[which])), draw(VALUES))
    lines = document.get("orderlines")
    if isinstance(lines, list) and not draw(st.integers(0, 9)):
        document["orderlines"] = lines * draw(st.sampled_from((0, 2, 400)))
    return document


def became(document: Any) -> ComposedBooking | SkippedOrder | Reason | None:
    """What the whole way makes of a document; None when the poller tells that it can be no order."""
    found = read_order(parse(json.dumps(document).encode())).found
    if not isinstance(found, SalesOrder):
        return None
    order = SalesOrder.model_validate_json(found.model_dump_json())
    case = case_of(order)
    assert fingerprints(case.order)
    return outcome(case)


def assert_whole(result: ComposedBooking | SkippedOrder | Reason | None, document: Any) -> None:
    if isinstance(result, ComposedBooking):
        amounts = [line.amount for line in result.lines] + [row.amount for row in result.vat_rows]
        assert total_of(amounts) == result.total
        assert abs(result.total) == abs(in_cents(Decimal(str(document["price"]["total"]))))
        assert all(amount == in_cents(amount) for amount in amounts)
    elif result is not None:
        reason = result.reason if isinstance(result, SkippedOrder) else result
        for language in LANGUAGES:
            sentence = reason_text(reason.code, reason.variant, dict.fromkeys(reason.details, "x"), language)
            assert "?" not in sentence
            assert sentence != reason.text_key
        assert all(len(text) <= DETAIL_LENGTH_MAX for text in reason.details.values())


@INVARIANTS
@given(document=broken_documents())
def test_a_broken_document_is_booked_to_the_cent_or_waits(document: Any) -> None:
    assert_whole(became(document), document)


def with_line(**price: Any) -> Any:
    document = copy.deepcopy(DOCUMENTS[0])
    document["orderlines"][0]["price"] = [price]
    return document


def every_kind_of_place() -> Iterator[tuple[Any, Place]]:
    """Each field that any sample has, once."""
    seen: set[Place] = set()
    for document, found in zip(DOCUMENTS, PLACES, strict=True):
        for place in found:
            kind = tuple(name if isinstance(name, str) else min(name, 1) for name in place)
            if kind not in seen:
                seen.add(kind)
                yield document, place


@pytest.mark.parametrize("value", [*TEXTS, *NUMBERS, None, [], {}, [[]], {"a": {"b": []}}])
def test_every_field_takes_anything(value: Any) -> None:
    for document, place in every_kind_of_place():
        broken = changed(copy.deepcopy(document), place, value)
        assert_whole(became(broken), broken)


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ({"amount": "56.20", "amount_including_tax": "68.00", "rate": "21.0000001"}, "UNKNOWN_VAT_RATE"),
        ({"amount": "1e2", "amount_including_tax": "68.00", "rate": "21"}, "BAD_NUMBER"),
        ({"amount": float("inf"), "amount_including_tax": "68.00", "rate": "21"}, "BAD_NUMBER"),
        ({"amount": "0." + "1" * 40, "amount_including_tax": "68.00", "rate": "21"}, "BAD_NUMBER"),
        ({"amount": "56.20", "amount_including_tax": "68.00", "rate": None}, "RATE_MISSING"),
        ({"amount": None, "amount_including_tax": None, "rate": "21"}, "BAD_NUMBER"),
        ({"amount": "", "amount_including_tax": "", "rate": ""}, "BAD_NUMBER"),
        ({"amount": "56.20", "amount_including_tax": "1000000000.00", "rate": "21"}, "VAT_MISMATCH"),
    ],
)
def test_what_waits_and_why(price: dict[str, Any], reason: str) -> None:
    result = became(with_line(**price))

    assert isinstance(result, Reason)
    assert result.code == reason


def test_a_very_long_description_and_number_of_pieces_change_nothing() -> None:
    plain = became(DOCUMENTS[0])
    document = copy.deepcopy(DOCUMENTS[0])
    document["orderlines"][0]["quantity"] = "-3"
    document["orderlines"][0]["description"] = LONG_TEXT

    assert isinstance(plain, ComposedBooking)
    assert became(document) == plain
