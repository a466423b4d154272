"""The measured sets by name, made once and kept in the cache until what makes them changes."""

import hashlib
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.matching import foreign_sets
from bench.matching.cache import cache_folder
from bench.matching.dutch_set import write_dutch_set
from bench.matching.evaluation import MeasuredSet

_HERE = Path(__file__).parent
_DUTCH_PARTS = (
    "cards.py",
    "dutch_set.py",
    "firms.py",
    "firms_with_card.py",
    "people.py",
    "people_with_card.py",
    "places.py",
    "purchases.py",
    "spelling.py",
    "without_card.py",
    "words.py",
    "world.py",
)
_FOREIGN_PARTS = ("foreign_sets.py", "foreign_documents.py", "outside/generate_people.py")

FOREIGN: dict[str, Callable[[Path], None]] = {
    "febrl4-webshop-half": partial(foreign_sets.febrl, all_fields=False, half=True),
    "febrl4-all-fields": partial(foreign_sets.febrl, all_fields=True, half=False),
    "pseudopeople-2020": partial(foreign_sets.people, year=2020),
    "pseudopeople-2030": partial(foreign_sets.people, year=2030),
    "fodors-zagat": foreign_sets.restaurants,
    "emm-company-pairs": foreign_sets.company_pairs,
}


def foreign_set(name: str) -> MeasuredSet:
    folder = _folder(name, _FOREIGN_PARTS)
    if not (folder / "orders.jsonl").exists():
        shutil.rmtree(folder, ignore_errors=True)
        FOREIGN[name](folder)
    return MeasuredSet(folder)


def dutch_set(*, customers: int, orders: int, seed: int) -> MeasuredSet:
    folder = _folder(f"dutch-{customers}-{orders}-seed{seed}", (*_DUTCH_PARTS, "words"))
    write_dutch_set(folder, seed=seed, customers=customers, orders=orders)
    return MeasuredSet(folder)


def _folder(name: str, parts: tuple[str, ...]) -> Path:
    made_by = hashlib.sha256()
    for part in parts:
        files = sorted((_HERE / part).iterdir()) if (_HERE / part).is_dir() else [_HERE / part]
        for file in files:
            made_by.update(file.read_bytes())
    return cache_folder() / "sets" / f"{name}-{made_by.hexdigest()[:8]}"
