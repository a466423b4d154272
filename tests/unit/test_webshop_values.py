"""The tolerant readers for what a PHP back end sends."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnect.webshop import as_integer, as_list, as_object, as_text, as_words, parse


def test_numbers_stay_the_text_they_came_as():
    parsed = parse(
        b'{"a": 0.830000, "b": 68, "c": "68.00", "d": 1E2, "e": 12345678901234567890.10, "f": NaN}'
    )
    expected = {"a": "0.830000", "b": "68", "c": "68.00", "d": "1E2", "e": "12345678901234567890.10"}
    assert parsed == expected | {"f": "NaN"}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused_with_one_kind_of_error(body: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - JSON, UTF-8 and depth each have their own words
        parse(body)


@pytest.mark.parametrize("value", [[], None, "", "text", True, [{"a": "1"}]])
def test_what_is_no_object_is_an_empty_one(value: Any):
    assert as_object(value) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"a": "1"}], [{"a": "1"}]),
        ({"a": "1"}, [{"a": "1"}]),
        ({"0": "x", "2": "y"}, ["x", "y"]),
        ({}, []),
        ([], []),
        (None, []),
        ("", []),
    ],
)
def test_a_list_may_come_as_its_bare_element_or_with_numbered_keys(value: Any, expected: list[Any]):
    assert as_list(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" 68.00", " 68.00"),
        ("", None),
        ("  ", None),
        ([], None),
        ({}, None),
        (None, None),
        (True, None),
        ("a\x00b", "ab"),
        ("\ud83d", "\ufffd"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_a_text_is_kept_as_it_came_but_for_what_cannot_be_stored(value: Any, expected: str | None):
    assert as_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Thee &amp; koffie", "Thee & koffie"),
        ("Thee &amp;amp; koffie", "Thee &amp; koffie"),
        (" Sanne ", "Sanne"),
        ("&nbsp;", None),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
    ],
)
def test_entities_in_words_are_resolved_once(value: str, expected: str | None):
    assert as_words(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("-3", -3),
        ("3.0", 3),
        ("3.00", 3),
        ("3.5", None),
        ("", None),
        ("drie", None),
        ("３", None),
        ("--3", None),
        ("1e3", None),
        ("9" * 19, None),
        ("9" * 5_000, None),
        ([], None),
        (None, None),
        (True, None),
    ],
)
def test_an_integer_may_come_as_text(value: Any, expected: int | None):
    assert as_integer(value) == expected


@given(st.text())
def test_every_text_can_be_stored(text: str):
    for read in (as_text, as_words):
        kept = read(text)
        assert kept is None or ("\x00" not in kept and kept.encode())
