"""Makes messages whose identity follows from what they are about, so that a repeat is the same message."""

from datetime import datetime
from typing import Any, TypeVar

from sconnect.contracts.base import Amendment, Envelope, Message, Mode, OrderKey
from sconnect.contracts.orders import SalesOrder
from sconnect.ids import deterministic_id

M = TypeVar("M", bound=Message)


def order_key(order: SalesOrder) -> OrderKey:
    return OrderKey(uuid=order.uuid, number=order.number, revision=order.revision)


def order_key_of(message: Message) -> OrderKey | None:
    """The order a message is about; None for messages about a profile or a run."""
    order = getattr(message, "order", None)
    if isinstance(order, SalesOrder):
        return order_key(order)
    return order if isinstance(order, OrderKey) else None


def correlation_id_of(profile: str, order_uuid: str) -> str:
    """One id for everything that ever happens to one order of one profile."""
    return deterministic_id("correlation", profile, order_uuid)


def new_message(
    contract: type[M],
    *,
    profile: str,
    occurred_at: datetime,
    correlation_id: str,
    id_parts: tuple[object, ...],
    mode: Mode = Mode.LIVE,
    replay: int = 0,
    amendment: Amendment | None = None,
    **fields: Any,
) -> M:
    """A message of this contract; its id is made from the profile, the type, mode, replay and `id_parts`."""
    return contract(
        id=deterministic_id(profile, contract.TYPE, mode, replay, *id_parts),
        type=contract.TYPE,
        occurred_at=occurred_at,
        correlation_id=correlation_id,
        profile=profile,
        mode=mode,
        replay=replay,
        amendment=amendment,
        **fields,
    )


def order_event(
    contract: type[M],
    source: Envelope,
    order: SalesOrder | OrderKey,
    *,
    occurred_at: datetime,
    discriminator: tuple[object, ...] = (),
    **fields: Any,
) -> M:
    """A message about the same order, profile and replay as its source; `discriminator` tells repeats apart.

    The field `order` of the contract gets the whole order or its key, whichever the contract asks for.
    """
    wants_whole_order = contract.model_fields["order"].annotation is SalesOrder
    about = order if wants_whole_order or isinstance(order, OrderKey) else order_key(order)
    return new_message(
        contract,
        profile=source.profile,
        occurred_at=occurred_at,
        correlation_id=source.correlation_id,
        id_parts=(order.uuid, order.revision, *discriminator),
        mode=source.mode,
        replay=source.replay,
        amendment=source.amendment,
        order=about,
        **fields,
    )
