"""What recognition remembers of people has a bound that a service can carry."""

import importlib
import pkgutil
from functools import _lru_cache_wrapper

from customer_resolver.domain import recognition
from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX


def remembering_functions() -> dict[str, int | None]:
    """The largest number of readings of every function of the package that keeps some."""
    modules = [
        importlib.import_module(f"{recognition.__name__}.{module.name}")
        for module in pkgutil.iter_modules(recognition.__path__)
    ]
    return {
        name: found.cache_parameters()["maxsize"]
        for module in modules
        for name, found in vars(module).items()
        if isinstance(found, _lru_cache_wrapper)
    }


def test_no_reader_remembers_more_than_a_service_can_carry() -> None:
    kept = remembering_functions()
    assert len(kept) > 10
    assert {name: most for name, most in kept.items() if most is None or most > READINGS_KEPT_MAX} == {}
