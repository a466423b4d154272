"""A pytest plugin for mutation runs: only tests of the mutated code, the quickest first.

mutmut hands the tests of a mutant over in no order of its own, and stops at the first that fails.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

TESTS_OF_THE_CODE = ("test_money", "test_ledgers", "test_booking_writer")
# They repeat what the others prove, through an adapter or with documents that are not in the repository.
NOT_THESE = ("test_booking_writer_against_snelstart.py", "test_booking_writer_reference_orders.py")
# As long as all other tests together; what it finds, they find.
TOO_SLOW = ("test_whatever_comes_in_is_booked_skipped_or_refused_with_a_whole_sentence",)

settings.register_profile(
    "quick",
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def pytest_configure() -> None:
    settings.load_profile("quick")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    name = collection_path.name
    if not name.startswith("test_") or (name.startswith(TESTS_OF_THE_CODE) and name not in NOT_THESE):
        return None
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if item.name not in TOO_SLOW]
    items.sort(key=lambda item: getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
