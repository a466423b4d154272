"""How much every table, queue and cache of the product holds: looked for, so that a new one is seen too."""

import gc
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from functools import _lru_cache_wrapper
from types import ModuleType
from typing import Any

PRODUCT = ("poller", "customer_resolver", "booking_writer", "sconnect")
FAKES = (
    "fakes_poller",
    "fakes_customer_memory",
    "fakes_customer_resolver",
    "fakes_booking_writer",
    "fakes_stage",
)
SOAK = "bench.in_memory.services"
# The vendors' own memory, which is theirs to keep.
VENDORS = ("FakeShop", "FakeDirectory", "FakeBookkeeping")
# A container with more members is a table; one with fewer may hold parts that have tables of their own.
PARTS_MAX = 16


def sizes(roots: Mapping[str, object]) -> dict[str, int]:
    """The number of members of each container that belongs to these objects, by where it is.

    Parts of the same kind side by side (`[*]`) are counted together. What only the soak keeps is left out.
    """
    found: dict[str, int] = {}
    met: set[int] = set()
    for name, root in roots.items():
        for place, size in _inside(name, root, met):
            found[place] = found.get(place, 0) + size
    return found


def caches() -> dict[str, int]:
    """What the product's functions remember, and the containers that its modules hold."""
    found = {
        f"cache {each.__module__}.{each.__qualname__}": each.cache_info().currsize
        for each in gc.get_objects()
        if isinstance(each, _lru_cache_wrapper) and _is_of(str(each.__module__), PRODUCT)
    }
    for name, module in sorted(sys.modules.items()):
        if _is_of(name, PRODUCT) and isinstance(module, ModuleType):
            for attribute, value in vars(module).items():
                if isinstance(value, dict | list | set | deque) and not attribute.startswith("__"):
                    found[f"module {name}.{attribute}"] = len(value)
    return found


def _inside(place: str, thing: object, met: set[int]) -> Iterator[tuple[str, int]]:
    if id(thing) in met:
        return
    if isinstance(thing, dict | list | set | frozenset | deque | tuple):
        met.add(id(thing))
        if not isinstance(thing, tuple | frozenset):
            yield place, len(thing)
        if len(thing) <= PARTS_MAX:
            for part in thing.values() if isinstance(thing, dict) else thing:
                yield from _inside(f"{place}[*]", part, met)
    elif _is_of(type(thing).__module__, (*PRODUCT, *FAKES, SOAK)) and not _is_a_vendor(thing):
        met.add(id(thing))
        for name, value in _attributes(thing):
            yield from _inside(f"{place}.{name}", value, met)
    elif (bound := getattr(thing, "__self__", None)) is not None and callable(thing):
        yield from _inside(place, bound, met)


def _attributes(thing: object) -> Iterator[tuple[str, Any]]:
    named = dict(getattr(thing, "__dict__", {}))
    for kind in type(thing).__mro__:
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if hasattr(thing, slot):
                named[slot] = getattr(thing, slot)
    yield from named.items()


def _is_a_vendor(thing: object) -> bool:
    return any(kind.__name__ in VENDORS for kind in type(thing).__mro__)


def _is_of(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
