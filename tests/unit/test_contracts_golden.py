"""The wire is a promise: schemas may only grow, and the examples of every release parse for ever."""

import json
from pathlib import Path

import pytest

from sconnect.contracts import decode, known_types
from sconnect.messaging.documents import contract_documents

CONTRACTS = Path(__file__).parents[2] / "docs" / "contracts"
EXAMPLES = sorted((CONTRACTS / "examples").glob("*.json"))


@pytest.mark.parametrize("name", sorted(contract_documents()))
def test_the_golden_document_is_current(name: str) -> None:
    golden = json.loads((CONTRACTS / name).read_text(encoding="utf-8"))
    assert contract_documents()[name] == golden, "run `make contracts` and review the difference"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_of_an_earlier_release_still_parses(example: Path) -> None:
    message = decode(example.read_bytes())
    assert message.type == example.stem.split("@")[0]


def test_every_contract_has_an_example() -> None:
    assert {example.stem.split("@")[0] for example in EXAMPLES} == set(known_types())
