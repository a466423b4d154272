"""Bytes to contracts: what is read, what is refused, and how the refusal names the cause."""

import json
from datetime import UTC, date, datetime

import pytest

from sconnect.contracts import (
    Buyer,
    Mode,
    OrderKey,
    OrderWaiting,
    SalesOrder,
    SalesOrderReceived,
    WireReason,
    codec,
)
from sconnect.contracts.build import correlation_id_of, new_message, order_event
from sconnect.errors import ReasonCode, UnknownMessageVersion, UnreadableMessage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def received(*, replay: int = 0, mode: Mode = Mode.LIVE) -> SalesOrderReceived:
    order = SalesOrder(uuid="u-1", number="1001", placed_on=date(2026, 3, 2), total="68.00", buyer=Buyer())
    return new_message(
        SalesOrderReceived,
        profile="toys",
        occurred_at=NOON,
        correlation_id=correlation_id_of("toys", "u-1"),
        id_parts=("u-1", 1),
        replay=replay,
        mode=mode,
        order=order,
    )


def test_what_is_encoded_is_decoded_again() -> None:
    message = received()
    assert codec.decode(codec.encode(message)) == message


def test_unknown_fields_are_ignored_at_every_depth() -> None:
    content = json.loads(codec.encode(received()))
    content["new"] = 1
    content["order"]["new"] = {"deep": True}
    assert codec.decode(json.dumps(content).encode()) == received()


@pytest.mark.parametrize(
    ("body", "variant"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"{", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"[]", "no_type"),
        (b'{"type": 5}', "no_type"),
        (b'{"type": "sales-order.received.v1"}', "bad_field"),
        (b" " * (codec.BODY_BYTES_MAX + 1), "too_large"),
    ],
)
def test_a_body_that_cannot_be_read_names_the_cause(body: bytes, variant: str) -> None:
    with pytest.raises(UnreadableMessage) as refusal:
        codec.decode(body)
    assert refusal.value.reason.variant == variant


def test_a_bad_field_is_named_without_its_value() -> None:
    content = json.loads(codec.encode(received()))
    content["order"]["placed_on"] = "secret@example.nl"
    with pytest.raises(UnreadableMessage) as refusal:
        codec.decode(json.dumps(content).encode())
    assert refusal.value.reason.details["field"] == "order.placed_on"
    assert "secret" not in str(refusal.value)


def test_a_version_of_the_future_is_told_apart_from_nonsense() -> None:
    content = json.loads(codec.encode(received())) | {"type": "sales-order.received.v9"}
    with pytest.raises(UnknownMessageVersion) as refusal:
        codec.decode(json.dumps(content).encode())
    assert refusal.value.reason.code is ReasonCode.UNKNOWN_VERSION


def test_the_same_fact_has_the_same_id_and_another_replay_another() -> None:
    assert received().id == received().id
    assert received().id != received(replay=1).id
    assert received().id != received(mode=Mode.PREVIEW).id


def test_an_event_about_an_order_keeps_its_identity_and_sheds_its_contents() -> None:
    source = received(replay=2)
    event = order_event(
        OrderWaiting,
        source,
        source.order,
        occurred_at=NOON,
        stage="customer-resolver",
        reason=WireReason(code="UPSTREAM_UNAVAILABLE"),
    )
    assert event.order == OrderKey(uuid="u-1", number="1001", revision=1)
    assert (event.correlation_id, event.replay) == (source.correlation_id, 2)
