"""Uses a decision about a buyer again for the buyer's next order."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.memory import contradicts, memory_keys
from customer_resolver.domain.relations import Relation
from customer_resolver.domain.same import is_renamed
from customer_resolver.handlers.administrations import Administration
from customer_resolver.ports import CustomerMirror, Forgotten, LinkMemory, RememberedLink

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalled:
    """What is remembered of a buyer; `relation` None when no link may be used."""

    relation: Relation | None = None
    decided_at: datetime | None = None
    turned_down: frozenset[str] = frozenset()


class Remembering:
    """Recalls links whose customer is still there and still the same, and drops the others."""

    def __init__(self, *, memory: LinkMemory, mirror: CustomerMirror) -> None:
        self._memory = memory
        self._mirror = mirror

    async def recall(self, administration: Administration, buyer: Buyer, *, may_forget: bool) -> Recalled:
        """`may_forget` False leaves links that are of no use any more as they are."""
        links = await self._memory.recall(administration.id, memory_keys(buyer, administration.id))
        turned_down = frozenset[str]().union(*(link.turned_down for link in links))
        for link in links:
            relation = await self._mirror.find_by_id(administration.id, link.relation_id)
            why = _of_no_use(link, relation)
            if why is not None and may_forget:
                await self._memory.forget(link.id, why)
                log.info("link_forgotten", link=link.id, why=why.value)
            if why is None and relation is not None and not contradicts(link.buyer, buyer, relation):
                return Recalled(
                    relation=relation,
                    decided_at=link.decided_at,
                    turned_down=turned_down - {relation.relation_id},
                )
        return Recalled(turned_down=turned_down)

    async def learn(self, link: RememberedLink) -> None:
        """Nothing is kept for a buyer of whom nothing is certain enough to know them again by."""
        keys = memory_keys(link.buyer, link.administration_id)
        if keys:
            await self._memory.remember(replace(link, buyer=_kept_part(link.buyer)), keys)


def _of_no_use(link: RememberedLink, relation: Relation | None) -> Forgotten | None:
    if relation is None or not relation.bookable:
        return Forgotten.CUSTOMER_INACTIVE
    return Forgotten.CUSTOMER_RENAMED if is_renamed(link.customer_name, relation.name) else None


def _kept_part(buyer: Buyer) -> Buyer:
    """What the keys are made of, and nothing else of the person."""
    address = buyer.address
    return Buyer(
        email=buyer.email,
        company=buyer.company,
        person=buyer.person,
        is_business=buyer.is_business,
        account_id=buyer.account_id,
        address=Address(
            street=address.street,
            postcode=address.postcode,
            house_number=address.house_number,
            country_code=address.country_code,
        ),
    )
