"""The bookkeeper of the soak: looks at every dead letter days later, and decides as a person would."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from bench.in_memory.broker import MemoryBroker
from bench.in_memory.orders import Plan, plan_of, right_price
from fakes_poller import FakeShop
from sconnect.clock import Clock
from sconnect.contracts import (
    Amendment,
    CustomerLinkRemembered,
    ForgetLinkRequested,
    Message,
    OrderDeadLettered,
    OrderReplayRequested,
)
from sconnect.contracts.build import new_message

LOOKS_AFTER = timedelta(days=10)
WHO = "boekhouder"
EXPECTED = {
    Plan.CORRECTED: {"TOTAL_MISMATCH"},
    Plan.DISCARDED: {"TOTAL_MISMATCH"},
    # By its e-mail address alone, or by all that the order tells.
    Plan.AMBIGUOUS: {"AMBIGUOUS_CUSTOMER", "NO_CERTAIN_MATCH"},
}


class Office:
    """`discarded` has the orders that were given up, as (profile, number)."""

    def __init__(self, broker: MemoryBroker, shops: Mapping[str, FakeShop], clock: Clock) -> None:
        self._broker = broker
        self._shops = shops
        self._clock = clock
        self._open: dict[str, OrderDeadLettered] = {}
        self._told_at: dict[str, datetime] = {}
        self._links: dict[str, CustomerLinkRemembered] = {}
        self.discarded: set[tuple[str, int]] = set()
        self.replayed: Counter[str] = Counter()
        self.unforeseen: list[str] = []

    def hear(self, event: Message) -> None:
        if isinstance(event, OrderDeadLettered):
            self._open[event.dead_letter_id] = event
            self._told_at.setdefault(event.dead_letter_id, self._clock.now())
            self._require_foreseen(event)
        elif isinstance(event, CustomerLinkRemembered):
            self._links[event.link_id] = event

    @property
    def open(self) -> Collection[OrderDeadLettered]:
        return self._open.values()

    async def work(self) -> None:
        """Everything that has lain long enough; and what was decided is not remembered for ever."""
        for link_id in list(self._links):
            await self._forget(self._links.pop(link_id))
        for letter_id, letter in list(self._open.items()):
            if self._clock.now() - self._told_at[letter_id] >= LOOKS_AFTER:
                await self._decide(letter)
                del self._open[letter_id], self._told_at[letter_id]

    async def _decide(self, letter: OrderDeadLettered) -> None:
        assert letter.order is not None
        assert letter.queue is not None
        number = int(letter.order.number)
        amendment = None
        match plan_of(number):
            case Plan.DISCARDED:
                self.discarded.add((letter.profile, number))
                self._take_out(letter)
                return
            case Plan.CORRECTED:
                self._shops[letter.profile].change(number, price=right_price(number))
            case _ if letter.suggestions:
                amendment = Amendment(
                    kind="use_customer",
                    value=letter.suggestions[0]["customer_number"],
                    decided_by=WHO,
                    at=self._clock.now(),
                    replay=letter.replay + 1,
                )
        await self._replay(letter, amendment)
        self._take_out(letter)

    async def _replay(self, letter: OrderDeadLettered, amendment: Amendment | None) -> None:
        assert letter.order is not None
        self.replayed[letter.reason.code] += 1
        command = new_message(
            OrderReplayRequested,
            profile=letter.profile,
            occurred_at=self._clock.now(),
            correlation_id=letter.correlation_id,
            id_parts=(letter.order.uuid,),
            replay=letter.replay + 1,
            amendment=amendment,
            order=letter.order,
            requested_by=WHO,
        )
        self._broker.put(command)

    async def _forget(self, link: CustomerLinkRemembered) -> None:
        command = new_message(
            ForgetLinkRequested,
            profile=link.profile,
            occurred_at=self._clock.now(),
            correlation_id=link.link_id,
            id_parts=(link.link_id,),
            link_id=link.link_id,
            requested_by=WHO,
        )
        self._broker.put(command)

    def _take_out(self, letter: OrderDeadLettered) -> None:
        assert letter.queue is not None
        copies = self._broker.dead_letters[letter.queue]
        for message_id, copy in list(copies.items()):
            if copy.headers["x-dead-letter-id"] == letter.dead_letter_id:
                del copies[message_id]

    def _require_foreseen(self, letter: OrderDeadLettered) -> None:
        assert letter.order is not None
        if letter.reason.code not in EXPECTED.get(plan_of(int(letter.order.number)), ()):
            reason = (letter.reason.code, letter.reason.variant, dict(letter.reason.details))
            self.unforeseen.append(f"{letter.profile} {letter.order.number}: {reason}")
