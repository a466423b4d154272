"""Literals of SnelStart's filters."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sconnect.snelstart import odata


@pytest.mark.parametrize(
    ("value", "literal"), [("1001", "'1001'"), ("O'Brien", "'O''Brien'"), ("' or 1 eq 1", "''' or 1 eq 1'")]
)
def test_a_quote_cannot_end_a_text(value: str, literal: str) -> None:
    assert odata.text(value) == literal


def test_a_guid_is_nothing_else() -> None:
    assert odata.guid("5A0E2B5E6A8E4C539B490D6F3B8D4A10") == "guid'5a0e2b5e-6a8e-4c53-9b49-0d6f3b8d4a10'"
    with pytest.raises(ValueError, match="badly formed"):
        odata.guid("1' or 1 eq 1")


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 3, 2, 12, 31, 7, 250_000, tzinfo=UTC),
        datetime(2026, 3, 2, 13, 31, 7, tzinfo=ZoneInfo("Europe/Amsterdam")),
        datetime(2026, 3, 2, 12, 31, 7),  # noqa: DTZ001 - SnelStart's own stamps have no zone
    ],
)
def test_a_moment_is_written_in_utc_without_its_zone(value: datetime) -> None:
    assert odata.moment(value) == "datetime'2026-03-02T12:31:07'"
