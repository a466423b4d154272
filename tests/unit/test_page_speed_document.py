"""The page that tells how fast the pages are says what was measured, and what is too slow."""

from datetime import UTC, datetime

from bench.page_document import Took, document

AT = datetime(2026, 11, 26, 3, tzinfo=UTC)


def test_every_measurement_has_a_row_and_what_is_too_slow_stands_out() -> None:
    quick, slow = Took([10.0] * 20, [8.0] * 20), Took([20.0] * 10 + [400.0] * 10, [15.0] * 20)

    told = document(
        {"SQLite": {"overview": quick, "users": slow}, "PostgreSQL": {"overview": quick}},
        at=AT,
        circumstances="2 processors",
    )

    assert "Measured on 2026-11-26, 2 processors." in told
    sqlite, postgresql = told.split("## SQLite")[1].split("## PostgreSQL")
    assert "| overview | 10 | 10 | 8 |" in sqlite
    assert "| users | 210 | **400** | 15 |" in sqlite
    assert "At 300 ms or more at the 95th percentile: users." in sqlite
    assert "Everything below 300 ms at the 95th percentile." in postgresql
