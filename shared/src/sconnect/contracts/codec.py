"""Bytes to contracts and back; the type in the body decides, never the queue it came from."""

import json
from types import MappingProxyType

from pydantic import ValidationError

from sconnect.contracts import events, links, previews, privacy
from sconnect.contracts.base import Message
from sconnect.errors import Reason, ReasonCode, UnknownMessageVersion, UnreadableMessage

BODY_BYTES_MAX = 4 * 1024 * 1024

_CONTRACTS: MappingProxyType[str, type[Message]] = MappingProxyType(
    {
        contract.TYPE: contract
        for contract in (
            events.ImportRequested,
            events.OrderReplayRequested,
            events.SalesOrderReceived,
            events.SalesOrderCustomerResolved,
            events.SalesBookingWritten,
            events.OrderWaiting,
            events.OrderSkipped,
            events.OrderChanged,
            events.OrderDeadLettered,
            events.DeadLetterDiscarded,
            events.ImportRunFinished,
            events.ProfilePaused,
            events.ProfileResumed,
            events.ProfileChanged,
            events.ProfileLedgersChecked,
            links.CustomerLinkRemembered,
            links.CustomerLinkForgotten,
            links.ForgetLinkRequested,
            privacy.ErasePersonRequested,
            privacy.PersonErased,
            previews.PreviewRequested,
            previews.PreviewOrdersFound,
            previews.PreviewOrderRead,
            previews.PreviewCustomerFound,
            previews.SalesBookingPreviewed,
        )
    }
)


def known_types() -> MappingProxyType[str, type[Message]]:
    """Wire type to contract, for every message this release can read."""
    return _CONTRACTS


def encode(message: Message) -> bytes:
    return message.model_dump_json().encode()


def decode(body: bytes) -> Message:
    """The contract in a body; UnreadableMessage or UnknownMessageVersion name the first thing that is wrong.

    The errors carry field names only, never values: a body holds personal data.
    """
    if len(body) > BODY_BYTES_MAX:
        raise _unreadable("too_large", size=str(len(body)), size_max=str(BODY_BYTES_MAX))
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable("not_json") from error
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise _unreadable("no_type")
    contract = _CONTRACTS.get(content["type"])
    if contract is None:
        reason = Reason(code=ReasonCode.UNKNOWN_VERSION, details={"type": content["type"][:80]})
        raise UnknownMessageVersion(reason)
    try:
        return contract.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _unreadable("bad_field", type=contract.TYPE, field=field) from error


def _unreadable(variant: str, **details: str) -> UnreadableMessage:
    return UnreadableMessage(Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant=variant, details=details))
