"""Patterns with placeholders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnect.profiles import fill, literal_prefix
from sconnect.profiles.patterns import literal_length, placeholders, prefixes_may_meet

# Braces are written twice to stand for themselves.
LITERALS = st.text(st.characters(codec="utf-8"), max_size=8).map(
    lambda text: text.replace("{", "{{").replace("}", "}}")
)
PATTERNS = st.tuples(LITERALS, LITERALS).map("{order_number}".join)
NUMBERS = st.from_regex(r"[0-9]{1,6}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "names", "prefix", "length"),
    [
        ("{order_number}", ("order_number",), "", 0),
        ("WEB-{order_number}-A", ("order_number",), "WEB-", 6),
        ("{{x}}{a}{b}", ("a", "b"), "{x}", 3),
        ("no placeholder", (), "no placeholder", 14),
    ],
)
def test_the_parts_of_a_pattern(pattern: str, names: tuple[str, ...], prefix: str, length: int) -> None:
    assert placeholders(pattern) == names
    assert literal_prefix(pattern) == prefix
    assert literal_length(pattern) == length


def test_a_value_is_put_in_as_it_is() -> None:
    assert fill("{{{a}}} {b}", {"a": "{b}", "b": "x"}) == "{{b}} x"
    with pytest.raises(KeyError):
        fill("{a}", {})


@given(PATTERNS, NUMBERS)
def test_a_filled_pattern_is_as_long_as_its_parts_and_starts_with_its_prefix(
    pattern: str, number: str
) -> None:
    filled = fill(pattern, {"order_number": number})
    assert len(filled) == literal_length(pattern) + len(number)
    assert filled.startswith(literal_prefix(pattern))


@given(PATTERNS, PATTERNS, NUMBERS, NUMBERS)
def test_patterns_that_may_not_meet_never_give_the_same_number(
    first: str, second: str, one: str, other: str
) -> None:
    same = fill(first, {"order_number": one}) == fill(second, {"order_number": other})
    assert prefixes_may_meet(first, second) or not same
    assert prefixes_may_meet(first, first)
