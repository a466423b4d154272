"""Visits every state that a model can come to, and tells the shortest way to one that must not be."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)

STATES_MAX = 3_000_000


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """`is_fault`: the world may do this to us, but nothing that we promise may wait for it."""

    name: str
    after: S
    is_fault: bool = False


@dataclass(frozen=True, kw_only=True)
class Found(Generic[S]):
    """`way` leads to the first state in which `wrong` holds; both empty when there is none."""

    states: int
    steps: int
    ends: int
    wrong: str | None = None
    way: tuple[str, ...] = ()


@dataclass
class _Seen(Generic[S]):
    cause: dict[S, tuple[S, str] | None]
    before: dict[S, list[S]] = field(default_factory=dict)
    ends: set[S] = field(default_factory=set)
    steps: int = 0


def explore(
    start: S,
    next_steps: Callable[[S], Iterable[Step[S]]],
    *,
    wrong_at: Callable[[S], str | None],
    wrong_end: Callable[[S], str | None],
    same_as: Callable[[S], S] = lambda state: state,
) -> Found[S]:
    """Breadth first; `same_as` picks one of the states that differ only in which worker is which.

    `wrong_at` is asked of every state, `wrong_end` of those in which nothing goes on.

    Also wrong is a state from which, with no further fault, no end can be reached.
    """
    seen = _Seen(cause={start: None})
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        steps = [(step, same_as(step.after)) for step in next_steps(state)]
        complaint = wrong_at(state)
        if complaint is None and all(step.is_fault for step, _ in steps):
            seen.ends.add(state)
            complaint = wrong_end(state)
        if complaint is not None:
            return _found(seen, complaint, state)
        for step, after in steps:
            seen.steps += 1
            if not step.is_fault:
                seen.before.setdefault(after, []).append(state)
            if after not in seen.cause:
                seen.cause[after] = (state, step.name)
                waiting.append(after)
                if len(seen.cause) > STATES_MAX:
                    raise OverflowError("the model has more states than can be visited")
    stuck = seen.cause.keys() - _leads_to_an_end(seen)
    if stuck:
        return _found(seen, "nothing that goes on leads to an end", next(iter(stuck)))
    return _found(seen)


def _leads_to_an_end(seen: _Seen[S]) -> set[S]:
    reached, waiting = set(seen.ends), deque(seen.ends)
    while waiting:
        for state in seen.before.get(waiting.popleft(), ()):
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    return reached


def _found(seen: _Seen[S], wrong: str | None = None, state: S | None = None) -> Found[S]:
    way: list[str] = []
    while state is not None and (cause := seen.cause[state]) is not None:
        state, name = cause
        way.append(name)
    return Found(
        states=len(seen.cause), steps=seen.steps, ends=len(seen.ends), wrong=wrong, way=tuple(reversed(way))
    )
