"""The resolver's part of a preview: which customer an order would get, and why."""

from collections.abc import AsyncIterator

from customer_resolver.handlers.questions import Answer, Foreseen, ForeseenCard
from customer_resolver.handlers.resolving import ResolveCustomer
from sconnect.clock import Clock
from sconnect.contracts import (
    CustomerOrigin,
    Message,
    PreviewCustomerFound,
    PreviewedCard,
    PreviewedCustomer,
    PreviewOrderRead,
)
from sconnect.contracts.build import new_message
from sconnect.profiles import StoredProfile
from sconnect.stage.previews import wrong_queue


class PreviewCustomer:
    """A PreviewWork. Of all tables it changes the mirror's alone, which it may bring up to date."""

    def __init__(self, resolve: ResolveCustomer, clock: Clock) -> None:
        self._resolve = resolve
        self._clock = clock

    async def __call__(self, message: Message, profile: StoredProfile) -> AsyncIterator[Message]:
        if not isinstance(message, PreviewOrderRead):
            raise wrong_queue(message)
        foreseen = await self._resolve.foresee(profile, message.order)
        yield new_message(
            PreviewCustomerFound,
            profile=message.profile,
            occurred_at=self._clock.now(),
            correlation_id=message.correlation_id,
            id_parts=(message.ticket.preview_id, message.order.uuid),
            mode=message.mode,
            ticket=message.ticket,
            order=message.order,
            held_back=message.held_back,
            customer=_customer(foreseen),
        )


def _customer(foreseen: Foreseen) -> PreviewedCustomer:
    explanation = ",".join(foreseen.levels)
    match foreseen:
        case Answer(relation=relation, origin=origin):
            return PreviewedCustomer(
                origin=origin,
                explanation=explanation,
                name=relation.name,
                relation_id=relation.relation_id,
                number=relation.number,
                vat_number=relation.vat_number,
                country_code=relation.country_code,
            )
        case ForeseenCard(card=card):
            new_card = _card(foreseen)
            return PreviewedCustomer(
                origin=CustomerOrigin.CREATED,
                explanation=explanation,
                name=card.name,
                vat_number=new_card.vat_number,
                country_code=new_card.country_code,
                new_card=new_card,
            )


def _card(foreseen: ForeseenCard) -> PreviewedCard:
    card, address = foreseen.card, foreseen.card.address
    bare = PreviewedCard(
        name=card.name, email=card.email, phone=card.phone, vat_number=card.vat_number, iban=card.iban
    )
    if address is None:
        return bare
    return bare.model_copy(
        update={
            "contact": address.contact or None,
            "street": address.street,
            "postcode": address.postcode,
            "city": address.city,
            "country_code": address.country_code,
        }
    )
