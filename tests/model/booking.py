"""One order on its whole way: poller, resolver, two workers of the writer, and SnelStart.

Each step is one transaction, one confirmed publish, one ack or one call: what a crash can come between.
Whether a message may be worked on is decided by the product's own `sconnect.stage.claims.judge`. Orders do
not touch each other here (two of one buyer: `model.customer`), so one order says it for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal, NamedTuple

from model.search import Found, Step, explore
from sconnect.stage.claims import RowState, RowView, Standing, judge

WRITERS = 2
WORKING, WAITING, DONE, DEAD_LETTERED = (
    state.value for state in (RowState.WORKING, RowState.WAITING, RowState.DONE, RowState.DEAD_LETTERED)
)
COPIES_MAX = 2

Holder = int | Literal["nobody", "gone"]
"""Who has the lease: a worker, nobody, or one that is gone while the lease goes on."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is taken for granted of the world, and the steps that protect; each can be left out."""

    number_is_taken_once: bool = True  # SnelStart refuses a second booking with a number (BOE-0021)
    lease_outlives_a_post: bool = True  # none is carried out after its sender's lease has ended
    search_sees_all: bool = True  # a booking that was carried out is found by its number
    row_before_post: bool = True
    look_before_posting_again: bool = True
    one_worker_at_a_time: bool = True
    lease_checked_before_post: bool = True
    ack_after_the_work: bool = True
    mark_after_publish: bool = True
    finish_is_fenced: bool = True
    aside_is_fenced: bool = True
    limit_waits_for_the_worker: bool = True  # a copy that was delivered too often, while one holds the order
    workers_are_in_time: bool = False  # no lease ends while its worker is alive
    # How often the world may do it to us.
    crashes: int = 2
    copies: int = 1
    lost_answers: int = 2
    strangers: int = 1
    limits: int = 0  # copies that were delivered too often before
    refused_at_first: bool = False  # SnelStart does not take this order, until somebody puts that right


class Row(NamedTuple):
    """A stage's row; `told` is that its follow-ups or its dead letter were sent, and that this was noted.

    `state` is the text of a RowState: texts are compared and hashed much faster.
    """

    state: str = "new"
    holder: Holder = "nobody"
    told: bool = False


class State(NamedTuple):
    poller: str = "unseen"
    for_resolver: int = 0
    resolver: str = "idle"
    resolver_row: Row = Row()
    for_writer: int = 0
    writers: tuple[str, ...] = ("idle",) * WRITERS
    row: Row = Row()
    booking: str = "none"
    in_books: int = 0
    on_the_way: int = 0
    number_of_stranger: bool = False
    is_refused: bool = False
    told_booked: bool = False
    dead_letter: bool = False
    crashes: int = 0
    copies: int = 0
    lost: int = 0
    strangers: int = 0
    limits: int = 0


def search(rules: Rules) -> Found[State]:
    return explore(
        State(is_refused=rules.refused_at_first),
        partial(next_steps, rules),
        wrong_at=wrong_at,
        wrong_end=wrong_end,
        same_as=same_as,
    )


def same_as(state: State) -> State:
    """Which of two writers is the first makes no difference."""
    first, second = state.writers
    if first <= second:
        return state
    holder = state.row.holder
    row = state.row._replace(holder=1 - holder) if isinstance(holder, int) else state.row
    return state._replace(writers=(second, first), row=row)


def wrong_at(state: State) -> str | None:
    if state.in_books > 1:
        return "the order is booked twice"
    if state.told_booked and not state.in_books:
        return "the order is called booked and is not"
    return None


def wrong_end(state: State) -> str | None:
    if not (state.told_booked or state.dead_letter):
        return "the order is lost"
    if state.told_booked and state.dead_letter:
        return "the order is booked, and a dead letter as well"
    if state.dead_letter and state.in_books:
        return "the order is in the books, and told to be a dead letter"
    return None


def next_steps(rules: Rules, state: State) -> Iterator[Step[State]]:
    yield from _poller(rules, state)
    yield from _resolver(rules, state)
    for worker in range(WRITERS):
        yield from _writer(rules, state, worker)
    yield from _world(rules, state)


def _poller(rules: Rules, state: State) -> Iterator[Step[State]]:
    match state.poller:
        case "unseen":
            yield Step("poller stores the order", state._replace(poller="stored"))
        case "stored" if rules.mark_after_publish:
            yield Step("poller publishes", _to_resolver(state)._replace(poller="published"))
        case "stored":
            yield Step("poller marks", state._replace(poller="marked"))
        case "marked":
            yield Step("poller publishes", _to_resolver(state)._replace(poller="done"))
        case "published":
            yield Step("poller marks", state._replace(poller="done"))


def _to_resolver(state: State) -> State:
    return state._replace(for_resolver=min(state.for_resolver + 1, COPIES_MAX))


def _to_writer(state: State) -> State:
    return state._replace(for_writer=min(state.for_writer + 1, COPIES_MAX))


@cache
def _standing(state: str, holder: Holder) -> Standing:
    view = RowView(revision=1, replay=0, state=RowState(state), lease_left_ms=0 if holder == "nobody" else 1)
    return judge(view, revision=1, replay=0)


def _resolver(rules: Rules, state: State) -> Iterator[Step[State]]:
    row, does = state.resolver_row, state.resolver
    match does:
        case "idle" if state.for_resolver:
            standing = _standing(row.state, row.holder)
            taken = state._replace(for_resolver=state.for_resolver - 1)
            if standing is Standing.TAKE:
                working = row._replace(state=WORKING, holder=0)
                yield Step("resolver takes the order", taken._replace(resolver="work", resolver_row=working))
            elif standing is Standing.FINISHED:
                yield Step("resolver has it done", taken._replace(resolver="ack" if row.told else "publish"))
        case "work":
            done = Row(DONE, "nobody", told=False)
            yield Step("resolver stores the customer", state._replace(resolver="publish", resolver_row=done))
        case "publish":
            yield Step("resolver publishes", _to_writer(state)._replace(resolver="note"))
        case "note":
            told = row._replace(told=True)
            yield Step("resolver notes that it did", state._replace(resolver="ack", resolver_row=told))
        case "ack":
            yield Step("resolver acks", state._replace(resolver="idle"))


def _writer(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    does = state.writers[worker]
    say = f"writer {worker + 1}"
    if does == "idle":
        yield from _deliver(rules, state, worker)
    elif does in ("check first", "check again"):
        yield from _check(rules, state, worker)
    elif does in ("send first", "send again"):
        yield from _send(rules, state, worker)
    elif does in ("look", "begin"):
        yield from (_look if does == "look" else _begin)(rules, state, worker)
    elif does in ("record", "finish", "aside"):
        yield from _end(rules, state, worker, say)
    else:
        yield from _settle(rules, state, worker, say)


def _does(state: State, worker: int, what: str, **changes: object) -> State:
    writers = (*state.writers[:worker], what, *state.writers[worker + 1 :])
    return state._replace(writers=writers, **changes)  # type: ignore[arg-type]


def _lets_go(state: State, worker: int, *, keeps_lease: bool, **changes: object) -> State:
    """The message goes to a wait queue and from there back."""
    row = state.row
    if row.holder == worker:
        row = Row(WAITING, "gone" if keeps_lease else "nobody", told=False)
    return _does(_to_writer(state), worker, "idle", row=row, **changes)


def _deliver(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    if not state.for_writer:
        return
    row, say = state.row, f"writer {worker + 1}"
    standing = _standing(row.state, row.holder)
    if standing is Standing.HELD and not rules.one_worker_at_a_time:
        standing = Standing.TAKE
    taken = state._replace(for_writer=state.for_writer - 1)
    if state.limits < rules.limits and standing in (Standing.TAKE, Standing.HELD):
        yield from _deliver_too_often(rules, taken._replace(limits=state.limits + 1), worker)
    if standing is Standing.TAKE:
        begun = {"none": "begin", "posting": "look", "booked": "finish"}[state.booking]
        if begun == "look" and not rules.look_before_posting_again:
            begun = "check again"
        working = Row(WORKING, worker, told=False)
        yield Step(f"{say} takes the order", _does(taken, worker, begun, row=working))
    elif standing is Standing.FINISHED:
        yield Step(f"{say} has it done", _does(taken, worker, "ack" if row.told else "tell booked"))
    elif standing is Standing.SET_ASIDE:
        yield Step(f"{say} has it aside", _does(taken, worker, "ack" if row.told else "tell aside"))


def _deliver_too_often(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    say = f"writer {worker + 1}"
    if state.row.holder != "nobody" and rules.limit_waits_for_the_worker:
        away = _lets_go(state._replace(limits=state.limits - 1), worker, keeps_lease=False)
        yield Step(f"{say} has it too often, and waits for the order's worker", away)
    else:
        aside = Row(DEAD_LETTERED, "nobody", told=False)
        yield Step(f"{say} has it too often", _does(state, worker, "tell aside", row=aside), is_fault=True)


def _begin(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    say = f"writer {worker + 1}"
    if not rules.row_before_post:
        yield Step(f"{say} composes", _does(state, worker, "check first"))
    elif state.booking == "none":
        yield Step(f"{say} writes down the number", _does(state, worker, "check first", booking="posting"))
    else:
        yield Step(f"{say} finds a colleague's row", _lets_go(state, worker, keeps_lease=False))


def _check(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    """A worker knows by its own clock how much of its lease is left."""
    does, say = state.writers[worker].replace("check", "send"), f"writer {worker + 1}"
    if state.row.holder == worker or not rules.lease_checked_before_post:
        yield Step(f"{say} has time enough", _does(state, worker, does))
    else:
        yield Step(f"{say} has too little time", _lets_go(state, worker, keeps_lease=False))


def _send(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    say, is_first = f"writer {worker + 1}", state.writers[worker] == "send first"
    forgotten = "none" if state.booking == "posting" else state.booking
    number_taken = state.number_of_stranger or state.in_books > 0
    if state.is_refused:
        yield Step(f"{say}: SnelStart refuses", _does(state, worker, "aside", booking=forgotten))
        return
    if number_taken and rules.number_is_taken_once:
        if is_first:
            taken = _does(state, worker, "aside", booking=forgotten)
            yield Step(f"{say}: the number is taken, by whom?", taken)
        else:
            yield Step(f"{say}: the number is taken", _does(state, worker, "look after"))
    else:
        yield Step(f"{say} books", _does(state, worker, "record", in_books=state.in_books + 1))
        if state.lost < rules.lost_answers:
            lost = state._replace(lost=state.lost + 1)
            booked = lost._replace(in_books=state.in_books + 1)
            later = lost._replace(on_the_way=state.on_the_way + 1)
            unknown = partial(_lets_go, worker=worker, keeps_lease=True)
            yield Step(f"{say} books, the answer is lost", unknown(booked), is_fault=True)
            yield Step(f"{say} hears nothing, nothing was booked", unknown(lost), is_fault=True)
            yield Step(f"{say} hears nothing, it is booked later", unknown(later), is_fault=True)
    if state.lost < rules.lost_answers:
        away = _lets_go(state, worker, keeps_lease=False, booking=forgotten, lost=state.lost + 1)
        if is_first:
            yield Step(f"{say} cannot reach SnelStart", away, is_fault=True)


def _look(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    say = f"writer {worker + 1}"
    if state.in_books:
        yield Step(f"{say} finds the booking", _does(state, worker, "record"))
    if state.in_books and not rules.search_sees_all:
        yield Step(f"{say} does not find the booking yet", _does(state, worker, "check again"))
    if not state.in_books and state.number_of_stranger:
        yield Step(f"{say} finds another's booking", _does(state, worker, "aside"))
    if not state.in_books and not state.number_of_stranger:
        yield Step(f"{say} finds nothing", _does(state, worker, "check again"))


def _end(rules: Rules, state: State, worker: int, say: str) -> Iterator[Step[State]]:
    """What came of the work goes into the row, while that is still this worker's."""
    is_ours = state.row.holder == worker
    done, aside = (Row(end, "nobody", told=False) for end in (DONE, DEAD_LETTERED))
    match state.writers[worker]:
        case "record":
            yield Step(f"{say} stores the booking", _does(state, worker, "finish", booking="booked"))
        case "finish" if is_ours or not rules.finish_is_fenced:
            yield Step(f"{say} is done", _does(state, worker, "tell booked", row=done))
        case "aside" if is_ours or not rules.aside_is_fenced:
            yield Step(f"{say} sets it aside", _does(state, worker, "tell aside", row=aside))
        case _:
            yield Step(f"{say} lost its lease", _lets_go(state, worker, keeps_lease=False))


def _settle(rules: Rules, state: State, worker: int, say: str) -> Iterator[Step[State]]:
    match state.writers[worker]:
        case "look after":
            if state.in_books:
                yield Step(f"{say} finds the booking", _does(state, worker, "record"))
            elif state.number_of_stranger:
                yield Step(f"{say} finds another's booking", _does(state, worker, "aside"))
        case "tell booked":
            yield Step(f"{say} tells that it is booked", _does(state, worker, "note", told_booked=True))
        case "tell aside":
            yield Step(f"{say} sends the dead letter", _does(state, worker, "note", dead_letter=True))
        case "note":
            noted = state.row._replace(told=True)
            yield Step(f"{say} notes that it told", _does(state, worker, "ack", row=noted))
        case "ack":
            yield Step(f"{say} acks", _does(state, worker, "idle"))


def _world(rules: Rules, state: State) -> Iterator[Step[State]]:
    yield from _leases(rules, state)
    if state.on_the_way:
        late = state._replace(on_the_way=state.on_the_way - 1)
        if not (rules.number_is_taken_once and (state.in_books or state.number_of_stranger)):
            late = late._replace(in_books=state.in_books + 1)
        yield Step("SnelStart carries out a late booking", late)
    if state.copies < rules.copies:
        again = state._replace(copies=state.copies + 1)
        if state.poller != "unseen":
            yield Step("the resolver's message comes again", _to_resolver(again), is_fault=True)
        if state.resolver_row.told or state.for_writer or any(does != "idle" for does in state.writers):
            yield Step("the writer's message comes again", _to_writer(again), is_fault=True)
    if state.is_refused:
        yield Step("what SnelStart refused is put right", state._replace(is_refused=False), is_fault=True)
    if state.strangers < rules.strangers and not state.in_books and not state.number_of_stranger:
        theirs = state._replace(strangers=state.strangers + 1, number_of_stranger=True)
        yield Step("somebody books another sale by hand under this number", theirs, is_fault=True)
    if state.crashes < rules.crashes:
        yield from _crashes(rules, state._replace(crashes=state.crashes + 1))


def _leases(rules: Rules, state: State) -> Iterator[Step[State]]:
    holder = state.row.holder
    if state.resolver_row.holder == "gone":
        row = state.resolver_row._replace(holder="nobody")
        yield Step("the resolver's lease ends", state._replace(resolver_row=row))
    if holder == "nobody":
        return
    posts = state.on_the_way or (holder != "gone" and state.writers[holder].startswith("send"))
    if (posts and rules.lease_outlives_a_post) or (holder != "gone" and rules.workers_are_in_time):
        return
    # Also of a worker that goes on: it may be slow, or frozen.
    ended = state._replace(row=state.row._replace(holder="nobody"))
    yield Step("the writer's lease ends", ended, is_fault=holder != "gone")


def _crashes(rules: Rules, state: State) -> Iterator[Step[State]]:
    if state.poller in ("published", "marked"):
        # What it has in hand is forgotten; what is stored stays.
        stored = "stored" if state.poller == "published" else "done"
        yield Step("poller dies", state._replace(poller=stored), is_fault=True)
    if state.resolver != "idle":
        row = state.resolver_row
        row = row._replace(holder="gone") if row.holder == 0 else row
        dead = _to_resolver(state)._replace(resolver="idle", resolver_row=row)
        yield Step("resolver dies", dead, is_fault=True)
    for worker, does in enumerate(state.writers):
        if does != "idle":
            yield from _writer_dies(rules, state, worker)


def _writer_dies(rules: Rules, state: State, worker: int) -> Iterator[Step[State]]:
    say, does = f"writer {worker + 1}", state.writers[worker]
    row = state.row._replace(holder="gone") if state.row.holder == worker else state.row
    again = _to_writer(state) if rules.ack_after_the_work else state
    dead = _does(again, worker, "idle", row=row)
    yield Step(f"{say} dies", dead, is_fault=True)
    taken = rules.number_is_taken_once and (state.in_books or state.number_of_stranger)
    if does.startswith("send") and not taken and not state.is_refused:
        made = dead._replace(in_books=dead.in_books + 1)
        yield Step(f"{say} dies, its booking is made", made, is_fault=True)
        later = dead._replace(on_the_way=dead.on_the_way + 1)
        yield Step(f"{say} dies, its booking is made later", later, is_fault=True)
