"""The remembered links of a profile, and the wish to forget one."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from console.domain.links import LinkPlace, RememberedLink
from console.domain.refusals import NotKnown
from console.handlers.parts import ROWS_PER_PART, in_parts
from console.ports import LinkBook, ProfileShelf
from sconnect.clock import Clock
from sconnect.contracts import ForgetLinkRequested
from sconnect.contracts.build import new_message
from sconnect.messaging import EventPublisher

LINKS_PER_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkPage:
    """`more` is what to ask for the next page with; None on the last one."""

    links: Sequence[RememberedLink]
    more: LinkPlace | None


class LinkDesk:
    """The customer-resolver remembers and forgets; here is what it told.

    Asking twice to forget is no more than asking once. A request that dies before it is published was never
    made, and the link is still in the list.
    """

    def __init__(
        self, *, profiles: ProfileShelf, links: LinkBook, publisher: EventPublisher, clock: Clock
    ) -> None:
        self._profiles = profiles
        self._links = links
        self._publisher = publisher
        self._clock = clock

    async def links(self, profile: str) -> AsyncIterator[Sequence[RememberedLink]]:
        """All of them, the latest first, part by part. NotKnown: no such profile."""
        await self._require(profile)

        async def read(after: LinkPlace | None) -> Sequence[RememberedLink]:
            return await self._links.links_part(profile, after=after, at_most=ROWS_PER_PART)

        return await in_parts(read, _place_of)

    async def page(self, profile: str, *, after: LinkPlace | None) -> LinkPage:
        """A part of them. NotKnown: no such profile."""
        await self._require(profile)
        found = await self._links.links_part(profile, after=after, at_most=LINKS_PER_PAGE + 1)
        shown = found[:LINKS_PER_PAGE]
        return LinkPage(links=shown, more=_place_of(shown[-1]) if len(found) > len(shown) else None)

    async def _require(self, profile: str) -> None:
        if await self._profiles.get(profile) is None:
            raise NotKnown("profile_unknown", name=profile)

    async def forget(self, link_id: str, *, by: str) -> RememberedLink:
        """Ask the resolver to forget it; it leaves the list when that was done. NotKnown: no such link."""
        link = await self._links.link(link_id)
        if link is None:
            raise NotKnown("link_unknown", id=link_id)
        now = self._clock.now()
        await self._publisher.publish(
            new_message(
                ForgetLinkRequested,
                profile=link.profile,
                occurred_at=now,
                correlation_id=link_id,
                id_parts=(link_id, now.isoformat()),
                link_id=link_id,
                requested_by=by,
            )
        )
        return link


def _place_of(link: RememberedLink) -> LinkPlace:
    return LinkPlace(at=link.decided_at, link_id=link.id)
