"""Two orders of one new buyer, two workers of the resolver, and the relations in SnelStart.

How the order's row is taken and settled is modelled in `model.booking`; here it is one step each, and what
counts is that the buyer gets one relation, whoever dies in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

from model.search import Found, Step, explore

ORDERS = (0, 1)
NUMBERS_MAX = 9  # more than the world's mischief can make them ask for

Holder = int | Literal["nobody", "gone"]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is taken for granted of the world, and the steps that protect; each can be left out."""

    number_is_taken_once: bool = True  # SnelStart refuses a second relation with a code (REL-0008)
    lease_outlives_a_post: bool = True  # none is carried out after its sender's leases have ended
    reading_sees_all: bool = True  # a relation that was made is read at once
    number_shows_all: bool = True  # and is found by its number at once
    buyer_is_claimed: bool = True
    looks_again_under_the_claim: bool = True
    sent_is_written_down: bool = True
    same_number_again: bool = True  # a repeat asks for the number that was reserved the first time
    orders: int = 2  # of the one new buyer
    # How often the world may do it to us.
    crashes: int = 1
    lost_answers: int = 1
    strangers: int = 1
    slow_workers: int = 1  # whose lease ends while they go on


class Claim(NamedTuple):
    """Of one order on the keys of its buyer; the lease of the claim outlives the lease of the order."""

    number: int
    is_sent: bool = False
    holder: Holder = "nobody"


class Worker(NamedTuple):
    does: str = "idle"
    order: int = -1


class State(NamedTuple):
    waiting: frozenset[int] = frozenset(ORDERS)
    workers: tuple[Worker, Worker] = (Worker(), Worker())
    rows: tuple[Holder, Holder] = ("nobody", "nobody")
    claims: tuple[Claim | None, Claim | None] = (None, None)
    keys_of: int | None = None
    last_number: int = 0
    made: tuple[int, ...] = ()
    on_the_way: tuple[tuple[int, int], ...] = ()
    strangers_at: frozenset[int] = frozenset()
    mirror: frozenset[int] = frozenset()
    resolved: tuple[int | None, int | None] = (None, None)
    crashes: int = 0
    lost: int = 0
    strangers: int = 0
    slow: int = 0


def search(rules: Rules) -> Found[State]:
    return explore(
        State(waiting=frozenset(ORDERS[: rules.orders])),
        partial(next_steps, rules),
        wrong_at=wrong_at,
        wrong_end=partial(wrong_end, rules),
        same_as=same_as,
    )


def same_as(state: State) -> State:
    """Which of two workers is the first makes no difference, nor which of the two orders is."""
    return min(_swapped(state), key=_rank)


def _swapped(state: State) -> tuple[State, State]:
    first, second = state.workers
    claims = tuple(claim and claim._replace(holder=_other(claim.holder)) for claim in state.claims)
    rows = tuple(map(_other, state.rows))
    return state, state._replace(workers=(second, first), claims=claims, rows=rows)  # type: ignore[arg-type]


def _other(holder: Holder) -> Holder:
    return 1 - holder if isinstance(holder, int) else holder


def _rank(state: State) -> tuple[Worker, Worker, str]:
    return *state.workers, str((state.claims, state.rows))


def wrong_at(state: State) -> str | None:
    return "the buyer has two relations" if len(state.made) > 1 else None


def wrong_end(rules: Rules, state: State) -> str | None:
    if set(state.resolved[: rules.orders]) != set(state.made):
        return "an order has no customer, or not the buyer's"
    return None


def next_steps(rules: Rules, state: State) -> Iterator[Step[State]]:
    for worker, (does, order) in enumerate(state.workers):
        say = f"worker {worker + 1}"
        if does == "idle":
            yield from _take(state, worker)
        elif does == "send":
            yield from _send(rules, state, worker, order)
        elif does == "claim":
            yield from _claim(rules, state, worker, order)
        else:
            yield from _work(rules, state, worker, order, say)
    yield from _world(rules, state)


def _replaced(pair: tuple, place: int, value: object) -> tuple:  # type: ignore[type-arg]
    return tuple(value if index == place else each for index, each in enumerate(pair))


def _does(state: State, worker: int, what: str, order: int, **changes: object) -> State:
    workers = _replaced(state.workers, worker, Worker(what, order))
    return state._replace(workers=workers, **changes)  # type: ignore[arg-type]


def _lets_go(state: State, worker: int, order: int, *, keeps_lease: bool, **changes: object) -> State:
    """The order waits and comes back."""
    rows = state.rows
    if rows[order] == worker:
        rows = _replaced(rows, order, "gone" if keeps_lease else "nobody")
    waiting = state.waiting | {order}
    return _does(state, worker, "idle", -1, rows=rows, waiting=waiting, **changes)


def _take(state: State, worker: int) -> Iterator[Step[State]]:
    for order in sorted(state.waiting):
        if state.rows[order] != "nobody":
            continue
        taken = state._replace(waiting=state.waiting - {order}, rows=_replaced(state.rows, order, worker))
        if state.resolved[order] is not None:
            yield Step(f"order {order + 1} has its customer", _idle_without(taken, worker, order))
        else:
            yield Step(f"worker {worker + 1} takes order {order + 1}", _does(taken, worker, "decide", order))


def _idle_without(state: State, worker: int, order: int) -> State:
    rows = state.rows
    if rows[order] == worker:
        rows = _replaced(rows, order, "nobody")
    return _does(state, worker, "idle", -1, rows=rows)


def _work(rules: Rules, state: State, worker: int, order: int, say: str) -> Iterator[Step[State]]:
    does, claim = state.workers[worker].does, state.claims[order]
    match does:
        case "decide" if state.mirror:
            yield Step(f"{say} knows the buyer", _does(state, worker, "resolve", order))
        case "decide":
            yield Step(f"{say} does not know the buyer", _does(state, worker, "claim", order))
        case "refresh":
            yield from _refresh(rules, state, worker, order, say)
        case "write down":
            if claim is None or claim.holder != worker:
                yield Step(f"{say} lost the claim", _lets_go(state, worker, order, keeps_lease=False))
            else:
                sent = claim._replace(is_sent=rules.sent_is_written_down)
                claims = _replaced(state.claims, order, sent)
                yield Step(f"{say} writes down the card", _does(state, worker, "send", order, claims=claims))
        case "taken" if claim is not None:
            yield from _taken(rules, state, worker, order, say)
        case "settle":
            yield Step(f"{say} settles the claim", _settled(state, worker, order))
        case "resolve":
            yield from _resolve(state, worker, order, say)
        case _:
            # Its claim was cleared away by the other order: it begins again.
            yield Step(f"{say} begins again", _lets_go(state, worker, order, keeps_lease=False))


def _resolve(state: State, worker: int, order: int, say: str) -> Iterator[Step[State]]:
    known = min(state.mirror)
    resolved = _replaced(state.resolved, order, known) if state.resolved[order] is None else state.resolved
    if state.rows[order] == worker:
        done = _idle_without(state._replace(resolved=resolved), worker, order)
        yield Step(f"{say} stores the customer of order {order + 1}", done)
    else:
        yield Step(f"{say} lost its lease", _lets_go(state, worker, order, keeps_lease=False))


def _claim(rules: Rules, state: State, worker: int, order: int) -> Iterator[Step[State]]:
    say, other = f"worker {worker + 1}", state.keys_of
    if rules.buyer_is_claimed and other is not None and other != order:
        theirs = state.claims[other]
        if theirs is not None and theirs.holder != "nobody":
            away = _lets_go(state, worker, order, keeps_lease=False)
            yield Step(f"{say} waits for the buyer's other order", away)
        else:
            yield from _clear_away(rules, state, worker, order, say)
        return
    claim = state.claims[order]
    if claim is None or not rules.same_number_again:
        state = state._replace(last_number=_next_number(state))
        claim = Claim(state.last_number)
    claims = _replaced(state.claims, order, claim._replace(holder=worker))
    next_does = "refresh" if rules.looks_again_under_the_claim else "write down"
    yield Step(
        f"{say} claims the buyer", _does(state, worker, next_does, order, claims=claims, keys_of=order)
    )


def _next_number(state: State) -> int:
    assert state.last_number < NUMBERS_MAX
    return state.last_number + 1


def _clear_away(rules: Rules, state: State, worker: int, order: int, say: str) -> Iterator[Step[State]]:
    """The claim of the other order is held by nobody any more: is its card there?"""
    other = 1 - order
    theirs = state.claims[other]
    there = theirs is not None and theirs.is_sent and theirs.number in state.made
    claims = _replaced(state.claims, other, None)
    if there:
        assert theirs is not None
        found = state._replace(claims=claims, keys_of=None, mirror=state.mirror | {theirs.number})
        yield Step(f"{say} finds the card of the other order", _does(found, worker, "decide", order))
    if not there or not rules.number_shows_all:
        gone = state._replace(claims=claims, keys_of=None)
        yield Step(f"{say} finds no card of the other order", _does(gone, worker, "claim", order))


def _refresh(rules: Rules, state: State, worker: int, order: int, say: str) -> Iterator[Step[State]]:
    if state.made:
        claims, keys_of = state.claims, state.keys_of
        claim = claims[order]
        if claim is not None and claim.holder == worker:
            kept = claim._replace(holder="nobody") if claim.is_sent else None
            claims, keys_of = _replaced(claims, order, kept), keys_of if claim.is_sent else None
        known = state._replace(claims=claims, keys_of=keys_of, mirror=frozenset(state.made))
        yield Step(f"{say} sees the card", _does(known, worker, "resolve", order))
    # What was made from here is in the mirror already, whatever SnelStart shows.
    if not state.made or not (rules.reading_sees_all or state.mirror):
        yield Step(f"{say} sees no card", _does(state, worker, "write down", order))


def _taken(rules: Rules, state: State, worker: int, order: int, say: str) -> Iterator[Step[State]]:
    """The number that was asked for belongs to a card: read whose it is."""
    claim = state.claims[order]
    assert claim is not None
    if claim.number in state.made:
        yield Step(f"{say} sees that the card is ours", _does(state, worker, "settle", order))
        if rules.number_shows_all:
            return
    number = _next_number(state)
    anew = Claim(number, is_sent=False, holder=worker)
    claims = _replaced(state.claims, order, anew)
    yield Step(
        f"{say} takes another number",
        _does(state, worker, "write down", order, claims=claims, last_number=number),
    )


def _settled(state: State, worker: int, order: int) -> State:
    claim = state.claims[order]
    number = claim.number if claim is not None and claim.number in state.made else min(state.made)
    keys_of = None if state.keys_of == order else state.keys_of
    claims = _replaced(state.claims, order, None)
    mirror = state.mirror | {number}
    return _does(state, worker, "resolve", order, claims=claims, keys_of=keys_of, mirror=mirror)


def _send(rules: Rules, state: State, worker: int, order: int) -> Iterator[Step[State]]:
    say, claim = f"worker {worker + 1}", state.claims[order]
    number = claim.number if claim is not None else state.last_number
    if rules.number_is_taken_once and (number in state.made or number in state.strangers_at):
        yield Step(f"{say}: the number is taken", _does(state, worker, "taken", order))
        return
    made = state._replace(made=(*state.made, number))
    yield Step(f"{say} makes the card", _does(made, worker, "settle", order))
    if state.lost < rules.lost_answers:
        lost = state._replace(lost=state.lost + 1)
        unknown = partial(_lets_go, worker=worker, order=order, keeps_lease=True)
        claims = state.claims
        if claim is not None and claim.holder == worker:
            claims = _replaced(claims, order, claim._replace(holder="gone"))
        lost = lost._replace(claims=claims)
        later = lost._replace(on_the_way=(*lost.on_the_way, (order, number)))
        yield Step(f"{say} makes the card, the answer is lost", unknown(lost._replace(made=made.made)), True)
        yield Step(f"{say} hears nothing, no card was made", unknown(lost), is_fault=True)
        yield Step(f"{say} hears nothing, it is made later", unknown(later), is_fault=True)


def _world(rules: Rules, state: State) -> Iterator[Step[State]]:
    for late in state.on_the_way:
        rest = tuple(each for each in state.on_the_way if each != late)
        taken = late[1] in state.made or late[1] in state.strangers_at
        made = state.made if taken and rules.number_is_taken_once else (*state.made, late[1])
        yield Step("SnelStart makes a late card", state._replace(on_the_way=rest, made=made))
    if state.strangers < rules.strangers:
        theirs = state._replace(
            strangers=state.strangers + 1, strangers_at=state.strangers_at | {_next_number(state)}
        )
        yield Step("somebody makes another customer by hand", theirs, is_fault=True)
    yield from _leases(rules, state)
    if state.crashes < rules.crashes:
        yield from _crashes(state._replace(crashes=state.crashes + 1))


def _posts(state: State, order: int) -> bool:
    is_sending = any(each == ("send", order) for each in state.workers)
    return is_sending or any(late[0] == order for late in state.on_the_way)


def _leases(rules: Rules, state: State) -> Iterator[Step[State]]:
    for order in ORDERS:
        if rules.lease_outlives_a_post and _posts(state, order):
            continue
        row, claim = state.rows[order], state.claims[order]
        if row != "nobody":
            ended = state._replace(rows=_replaced(state.rows, order, "nobody"))
            yield from _ends(rules, ended, row, f"the lease of order {order + 1} ends")
        elif claim is not None and claim.holder != "nobody":
            # Longer than the order's own, so that the order which lost its worker comes back first.
            freed = _replaced(state.claims, order, claim._replace(holder="nobody"))
            ended = state._replace(claims=freed)
            yield from _ends(rules, ended, claim.holder, f"the claim of order {order + 1} ends")


def _ends(rules: Rules, ended: State, holder: Holder, name: str) -> Iterator[Step[State]]:
    if holder == "gone":
        yield Step(name, ended)
    elif ended.slow < rules.slow_workers:
        yield Step(f"{name}, its worker goes on", ended._replace(slow=ended.slow + 1), is_fault=True)


def _crashes(state: State) -> Iterator[Step[State]]:
    for worker, (does, order) in enumerate(state.workers):
        if does == "idle":
            continue
        rows, claims, claim = state.rows, state.claims, state.claims[order]
        if rows[order] == worker:
            rows = _replaced(rows, order, "gone")
        if claim is not None and claim.holder == worker:
            claims = _replaced(claims, order, claim._replace(holder="gone"))
        waiting = state.waiting | {order}
        dead = _does(state, worker, "idle", -1, rows=rows, claims=claims, waiting=waiting)
        say = f"worker {worker + 1} dies"
        yield Step(say, dead, is_fault=True)
        if does == "send" and claim is not None:
            late = (*state.on_the_way, (order, claim.number))
            yield Step(
                f"worker {worker + 1} dies, its card is on the way", dead._replace(on_the_way=late), True
            )
