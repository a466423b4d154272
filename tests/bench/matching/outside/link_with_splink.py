"""Runs in the bench's own environment: Splink on a set, as its documentation shows it, without labels.

`python link_with_splink.py CUSTOMERS ORDERS OUT THRESHOLD...` writes for each threshold OUT.<threshold>, in
the form that `evaluate` writes. The best candidate is linked when it reaches the threshold and is three bits
better than the next one. No candidate above 0.05: new. Anything else: a person. The last line printed is JSON
with the seconds that training and prediction took.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.matching.figures import json_lines
from bench.matching.plain_fields import row_of_order, row_of_relation

NEW_BELOW = 0.05
TIE_BITS = 3.0
RANDOM_PAIRS = 5e6
# Splink cannot estimate what is never filled; such a field is left out for the set.
BLOCKS = (
    ("email",),
    ("phone",),
    ("postcode", "house_number"),
    ("surname", "postcode"),
    ("surname", "house_number"),
    ("first_name", "postcode"),
    ("first_name", "house_number"),
    ("first_name", "surname"),
    ("street", "house_number"),
    ("company",),
    ("local_part",),
)


class Candidate(NamedTuple):
    weight: float
    probability: float
    customer: str


def comparison_of(name: str) -> Any:
    exact = levels.ExactMatchLevel(name, term_frequency_adjustments=True)
    null, different = levels.NullLevel(name), levels.ElseLevel()
    match name:
        case "first_name":
            initials = levels.CustomLevel(
                "(first_name_l is null or first_name_r is null) and initial_l = initial_r", "initial equal"
            )
            conflict = levels.CustomLevel(
                "(first_name_l is null or first_name_r is null) and initial_l <> initial_r", "initial differs"
            )
            nothing = levels.CustomLevel("initial_l is null or initial_r is null").configure(
                is_null_level=True
            )
            steps = [nothing, exact, initials, conflict, levels.JaroWinklerLevel(name, 0.9), different]
        case "surname" | "company":
            steps = [
                null,
                exact,
                levels.JaroWinklerLevel(name, 0.94),
                levels.JaroWinklerLevel(name, 0.85),
                different,
            ]
        case "email":
            steps = [null, exact, levels.ExactMatchLevel("local_part", term_frequency_adjustments=True)]
            steps += [levels.JaroWinklerLevel(name, 0.93), different]
        case "phone":
            steps = [null, exact, different]
        case "street":
            steps = [null, exact, levels.JaroWinklerLevel(name, 0.9), different]
        case _:
            steps = [null, exact, levels.LevenshteinLevel(name, 1), different]
    return comparisons.CustomComparison(output_column_name=name, comparison_levels=steps)


def filled(rows: list[dict[str, Any]], name: str) -> bool:
    return sum(row[name] is not None for row in rows) > 0.02 * len(rows)


def linker_for(customers: list[dict[str, Any]], orders: list[dict[str, Any]]) -> tuple[Linker, list[str]]:
    names = ["first_name", "surname", "company", "email", "phone", "postcode", "house_number", "street"]
    used = [name for name in names if filled(customers, name) and filled(orders, name)]
    fields = {
        *used,
        *({"initial"} if "first_name" in used else ()),
        *({"local_part"} if "email" in used else ()),
    }
    blocks = [block_on(*block) for block in BLOCKS if fields.issuperset(block)]
    database = DuckDBAPI()
    tables = [
        database.register(pa.Table.from_pylist(rows), table_name=name)
        for name, rows in (("customers", customers), ("orders", orders))
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[comparison_of(name) for name in used],
        blocking_rules_to_generate_predictions=blocks,
    )
    return Linker(tables, settings), used


def train(linker: Linker, used: list[str]) -> None:
    certain = [("email", "surname"), ("surname", "first_name", "house_number"), ("company", "house_number")]
    rules = [block_on(*rule) for rule in certain if set(rule) <= set(used)]
    linker.training.estimate_probability_two_random_records_match(rules, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    sessions = [
        ("email",),
        ("postcode", "house_number"),
        ("surname", "first_name"),
        ("street", "house_number"),
        ("phone",),
    ]
    for rule in sessions:
        if set(rule) <= set(used):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


def decisions(
    orders: Iterable[dict[str, Any]], found: dict[str, list[Candidate]], threshold: float
) -> Iterable[dict[str, Any]]:
    for order in orders:
        candidates = sorted(found.get(order["unique_id"], []), reverse=True)
        linked = None
        if candidates and candidates[0].probability >= threshold:
            is_tie = len(candidates) > 1 and candidates[0].weight - candidates[1].weight < TIE_BITS
            linked = None if is_tie else candidates[0].customer
        yield {
            "order": order["unique_id"],
            "decision": "linked" if linked else "manual" if candidates else "new",
            "customer": linked,
            "suggestions": [candidate.customer for candidate in candidates[:3]],
            "reasons": ["splink"],
            "explanation": "splink",
        }


def main() -> None:
    customers_file, orders_file, out, *thresholds = sys.argv[1:]
    customers = [row_of_relation(one) for one in json_lines(Path(customers_file))]
    orders = [row_of_order(one) for one in json_lines(Path(orders_file))]
    started = perf_counter()
    linker, used = linker_for(customers, orders)
    train(linker, used)
    trained = perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=NEW_BELOW).as_dict()
    predicted = perf_counter()
    found: dict[str, list[Candidate]] = defaultdict(list)
    columns = ("match_weight", "match_probability", "unique_id_l", "unique_id_r", "source_dataset_l")
    for weight, probability, left, right, source in zip(*(pairs[name] for name in columns), strict=True):
        customer, order = (left, right) if source == "customers" else (right, left)
        found[order].append(Candidate(weight, probability, customer))
    for threshold in thresholds:
        with Path(f"{out}.{threshold}").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in decisions(orders, found, float(threshold)))
    sys.stdout.write(
        json.dumps({"train": trained - started, "predict": predicted - trained, "fields": used}) + "\n"
    )


if __name__ == "__main__":
    main()
