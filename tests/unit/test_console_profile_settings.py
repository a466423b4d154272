"""Settings changed in part, and told field by field."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.profile_settings import FieldChange, differences, patched, without_unstated

LEAVES = st.none() | st.booleans() | st.integers(0, 3)
SECTIONS = st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3)
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), LEAVES | SECTIONS, max_size=3)
# Slow machines make slow examples.
calmly = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


# The examples of RFC 7396, appendix A, as far as both sides are objects.
@pytest.mark.parametrize(
    ("document", "changes", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_changes_are_merged_as_the_rfc_says(
    document: dict[str, Any], changes: dict[str, Any], result: dict[str, Any]
) -> None:
    assert patched(document, changes) == result


@calmly
@given(DOCUMENTS, DOCUMENTS)
def test_a_change_made_twice_changes_nothing_more_and_leaves_its_arguments(
    document: dict[str, Any], changes: dict[str, Any]
) -> None:
    before = repr((document, changes))
    once = patched(document, changes)
    assert patched(once, changes) == once
    assert repr((document, changes)) == before


@calmly
@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself(document: dict[str, Any]) -> None:
    assert differences(document, document) == ()


def test_differences_are_told_by_path_as_a_file_writes_them() -> None:
    before = {"enabled": True, "shop": {"order_statuses": [2, 3]}, "gone": "x", "same": 1}
    after = {"enabled": False, "shop": {"order_statuses": "all"}, "same": 1, "rules": [{"sku": "A"}]}
    assert differences(before, after) == (
        FieldChange(field="enabled", before="true", after="false"),
        FieldChange(field="shop.order_statuses", before="2, 3", after="all"),
        FieldChange(field="rules.0.sku", before="", after="A"),
        FieldChange(field="gone", before="x", after=""),
    )


def test_what_states_nothing_is_left_out() -> None:
    assert without_unstated({"a": None, "b": {"c": {}, "d": []}, "e": False, "f": 0}) == {"e": False, "f": 0}
