"""Reading, rounding and sharing out amounts."""

from decimal import Decimal
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnect.money import CENT, allocate, parse_amount, r2

EXACT = st.decimals(min_value=-100_000, max_value=100_000, places=6)
CENTS = st.decimals(min_value=-100_000, max_value=100_000, places=2)
IDEALS = st.dictionaries(st.text(max_size=3), EXACT, min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("68.00", "68.00"),
        ("47.450000", "47.450000"),
        ("-12.396694", "-12.396694"),
        ("+5", "5"),
        (" 0.00 ", "0.00"),
        ("007", "7"),
        ("999999999999.999999999999", "999999999999.999999999999"),
    ],
)
def test_amounts_are_read_exactly(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e3",
        "1E-2",
        "1,50",
        "1.000,00",
        "1_000",
        "1 000",
        "--1",
        "1.",
        ".5",
        "€ 5",
        "0x10",
        "٣",
        "1000000000000",
        "0.0000000000001",
        "5\n6",
        "None",
    ],
)
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a plain decimal amount$"):
        parse_amount(text)


@given(EXACT)
def test_reading_undoes_writing(amount: Decimal) -> None:
    assert parse_amount(f"{amount:f}") == amount


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("20.125", "20.13"),
        ("-20.125", "-20.13"),
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("-0.004", "0.00"),
        ("2.675", "2.68"),
        ("1e9", "1000000000.00"),
    ],
)
def test_half_a_cent_goes_away_from_zero(amount: str, rounded: str) -> None:
    assert str(r2(Decimal(amount))) == rounded


@given(EXACT)
def test_rounding_mirrors_and_moves_half_a_cent_at_most(amount: Decimal) -> None:
    assert r2(-amount) == -r2(amount)
    assert abs(r2(amount) - amount) <= CENT / 2


@pytest.mark.parametrize(
    ("target", "ideals", "parts"),
    [
        ("10.00", {"a": "3.333", "b": "3.333", "c": "3.334"}, {"a": "3.33", "b": "3.33", "c": "3.34"}),
        ("10.00", {"a": "5.005", "b": "5.005"}, {"a": "5.00", "b": "5.00"}),
        ("0.01", {"a": "0.005", "b": "0.005"}, {"a": "0.00", "b": "0.01"}),
        ("0.00", {"a": "1.004", "b": "-1.004"}, {"a": "1.00", "b": "-1.00"}),
        ("3.05", {"a": "1.00", "b": "2.00"}, {"a": "1.02", "b": "2.03"}),
        ("0.00", {}, {}),
    ],
)
def test_shares(target: str, ideals: dict[str, str], parts: dict[str, str]) -> None:
    shared = allocate(Decimal(target), {key: Decimal(ideal) for key, ideal in ideals.items()})

    assert {key: str(part) for key, part in shared.items()} == parts


def test_nothing_to_share_out_to_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^nothing to allocate to$"):
        allocate(Decimal("0.01"), {})


def test_a_target_with_parts_of_a_cent_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^a target must be in whole cents$"):
        allocate(Decimal("0.015"), {"a": Decimal(1)})


@given(CENTS, IDEALS)
def test_the_shares_are_cents_and_add_up_to_the_target(target: Decimal, ideals: dict[str, Decimal]) -> None:
    parts = allocate(target, ideals)

    assert sum(parts.values()) == target
    assert all(part == r2(part) for part in parts.values())
    assert parts.keys() == ideals.keys()


@given(IDEALS)
def test_a_target_that_is_the_rounded_sum_moves_no_part_by_a_cent(ideals: dict[str, Decimal]) -> None:
    parts = allocate(r2(sum(ideals.values(), Decimal(0))), ideals)

    assert all(abs(parts[key] - ideal) < CENT for key, ideal in ideals.items())


@given(CENTS, IDEALS)
def test_a_far_target_is_spread_evenly(target: Decimal, ideals: dict[str, Decimal]) -> None:
    parts = allocate(target, ideals)
    cents_left = abs(target - sum(r2(ideal) for ideal in ideals.values())) / CENT
    rounds = ceil(cents_left / len(ideals))

    assert all(abs(parts[key] - ideal) <= CENT / 2 + CENT * rounds for key, ideal in ideals.items())


@given(CENTS, IDEALS)
def test_the_shares_mirror_when_all_signs_change(target: Decimal, ideals: dict[str, Decimal]) -> None:
    mirrored = allocate(-target, {key: -ideal for key, ideal in ideals.items()})

    assert mirrored == {key: -part for key, part in allocate(target, ideals).items()}


@given(CENTS, IDEALS, st.randoms())
def test_the_order_of_the_parts_does_not_matter(
    target: Decimal, ideals: dict[str, Decimal], random: Random
) -> None:
    shuffled = list(ideals.items())
    random.shuffle(shuffled)

    assert allocate(target, dict(shuffled)) == allocate(target, ideals)
