"""The invented country of one seed: households and firms, and which of them have a card.

A site is made anew whenever it is asked for, always the same: a million cards need little memory.
"""

from array import array
from collections.abc import Iterator
from random import Random
from typing import Any

from bench.matching.cards import Card, cards_of, relation_id
from bench.matching.firms import Firm, make_firm
from bench.matching.people import Household, make_household
from bench.matching.places import Place, place

FIRMS = 0.255
# What a site is like, known without making it again.
IS_FIRM, SEVERAL_CARDS, HAS_SISTER = 1, 2, 4
FIRST_NUMBER = 10_000
# Sites without a card have numbers from here on; their houses are nobody else's.
_STRANGERS = 4_000_000

Site = Household | Firm


class World:
    """`seed` decides everything; `card_count` is how many cards `cards` yields."""

    def __init__(self, seed: int, card_count: int) -> None:
        self.seed = seed
        self.card_count = card_count
        self.rng = Random(f"{seed}:orders")
        self._taken: set[str] = set()
        self._salts: dict[int, int] = {}
        self._first_cards = array("L")
        self._shapes = bytearray()
        self._strangers = 0

    def cards(self) -> Iterator[dict[str, Any]]:
        """Settle the country, and yield its relations in the order of their numbers."""
        made = 0
        while made < self.card_count:
            index = len(self._first_cards)
            site = self._settle(index)
            self._first_cards.append(made)
            cards = self._cards_of(index, site)
            self._shapes.append(_shape(site, len(cards)))
            for card in cards[: self.card_count - made]:
                yield card.relation
                made += 1
        # The last site may have lost a card of its own to the count: nobody there orders.
        self._first_cards.pop()

    def any_site(self, wanted: int = 0, *, firm: bool) -> int:
        """The number of a random firm or household that has everything in `wanted` (SEVERAL_CARDS, …)."""
        mask, shape = wanted | IS_FIRM, wanted | (IS_FIRM if firm else 0)
        while True:
            index = self.rng.randrange(len(self._first_cards))
            if self._shapes[index] & mask == shape:
                return index

    def site(self, index: int) -> Site:
        rng = Random(f"{self.seed}:{index}:{self._salts.get(index, 0)}")
        if rng.random() < FIRMS:
            return make_firm(rng, index, place(index))
        return make_household(rng, index, place(index))

    def cards_of(self, index: int) -> list[Card]:
        return self._cards_of(index, self.site(index))

    def _cards_of(self, index: int, site: Site) -> list[Card]:
        cards = cards_of(Random(f"{self.seed}:{index}:cards"), site)
        for offset, card in enumerate(cards):
            number = self._first_cards[index] + offset
            card.relation |= {
                "id": relation_id(Random(f"{self.seed}:{number}:card")),
                "relatiecode": FIRST_NUMBER + number,
                "modifiedOn": f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:00:00",
            }
        return cards

    def stranger(self, kind: type[Site]) -> Any:
        """A household or a firm that has no card."""
        while True:
            index = self.new_number()
            found = self._settle(index)
            if isinstance(found, kind):
                return found

    def new_number(self) -> int:
        """The number of a site at which nobody has a card, for its house or its phone."""
        self._strangers += 1
        return _STRANGERS + self._strangers

    def new_place(self) -> Place:
        return place(self.new_number())

    def claim(self, email: str) -> bool:
        """Whether the mailbox was still free; it is taken from now on."""
        mailbox = _mailbox(email)
        if mailbox in self._taken:
            return False
        self._taken.add(mailbox)
        return True

    def _settle(self, index: int) -> Site:
        """Make the site such that its mailboxes are nobody else's."""
        while True:
            site = self.site(index)
            mailboxes = {_mailbox(email) for email in site.emails}
            if self._taken.isdisjoint(mailboxes):
                self._taken |= mailboxes
                return site
            self._salts[index] = self._salts.get(index, 0) + 1


def _shape(site: Site, cards: int) -> int:
    shape = SEVERAL_CARDS if cards > 1 else 0
    if isinstance(site, Firm):
        shape |= IS_FIRM | (HAS_SISTER if site.sister_word else 0)
    return shape


def _mailbox(email: str) -> str:
    """One text for all spellings that reach one mailbox: Gmail does not see dots."""
    local, _, domain = email.partition("@")
    return f"{local.replace('.', '')}@{domain}" if domain == "gmail.com" else email
