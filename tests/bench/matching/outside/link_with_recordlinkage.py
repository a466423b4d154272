"""Runs in the bench's own environment: the recordlinkage toolkit as its documentation shows it.

`python link_with_recordlinkage.py CUSTOMERS ORDERS OUT` writes OUT.tutorial (blocked on the first name, more
than three fields alike), OUT.ecm-0.5 and OUT.ecm-0.99 (unsupervised ECM over several blocks), in the form
that `evaluate` writes. The best candidate that reaches the bar is linked unless another is as good; an order
between the two ECM bars goes to a person.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import recordlinkage

from bench.matching.figures import json_lines
from bench.matching.plain_fields import row_of_order, row_of_relation

BLOCKS = ("first_name", "surname", "postcode", "street")
FUZZY = {"first_name": 0.85, "surname": 0.85, "street": 0.85}
EXACT = ("postcode", "house_number", "email", "phone")
TUTORIAL_SUM = 3
MANUAL_ABOVE = 0.05

Scores = Mapping[str, list[tuple[float, str]]]


def comparison_vectors(pairs: Any, customers: Any, orders: Any, fields: list[str]) -> Any:
    compare = recordlinkage.Compare()
    for field in fields:
        if field in FUZZY:
            compare.string(field, field, method="jarowinkler", threshold=FUZZY[field], label=field)
        else:
            compare.exact(field, field, label=field)
    return compare.compute(pairs, customers, orders)


def by_order(series: Any) -> Scores:
    scores: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (customer, order), score in series.items():
        scores[order].append((float(score), customer))
    return scores


def write(file: str, orders: Any, scores: Scores, bar: float, manual_above: float) -> None:
    with Path(file).open("w", encoding="utf-8") as lines:
        for order in orders.index:
            candidates = sorted(scores.get(order, []), reverse=True)
            best = candidates[0][0] if candidates else -1.0
            is_single = sum(score == best for score, _ in candidates) == 1
            linked = candidates[0][1] if best >= bar and is_single else None
            decision = "linked" if linked else "manual" if best > manual_above else "new"
            row = {"order": order, "decision": decision, "customer": linked, "reasons": ["recordlinkage"]}
            row |= {
                "suggestions": [customer for _, customer in candidates[:3]],
                "explanation": "recordlinkage",
            }
            lines.write(json.dumps(row) + "\n")


def main() -> None:
    customers_file, orders_file, out = sys.argv[1:]
    customers = pd.DataFrame([row_of_relation(one) for one in json_lines(Path(customers_file))])
    orders = pd.DataFrame([row_of_order(one) for one in json_lines(Path(orders_file))])
    customers, orders = customers.set_index("unique_id"), orders.set_index("unique_id")
    fields = [
        field for field in (*FUZZY, *EXACT) if customers[field].notna().any() and orders[field].notna().any()
    ]
    blocked = recordlinkage.index.Block("first_name").index(customers, orders)
    sums = comparison_vectors(blocked, customers, orders, fields).sum(axis=1)
    write(f"{out}.tutorial", orders, by_order(sums), TUTORIAL_SUM + 1, 1e9)
    index = recordlinkage.Index()
    for block in BLOCKS:
        index.block(block)
    vectors = comparison_vectors(index.index(customers, orders), customers, orders, fields)
    classifier = recordlinkage.ECMClassifier(binarize=None)
    classifier.fit(vectors)
    probabilities = by_order(classifier.prob(vectors))
    write(f"{out}.ecm-0.5", orders, probabilities, 0.5, 1e9)
    write(f"{out}.ecm-0.99", orders, probabilities, 0.99, MANUAL_ABOVE)


if __name__ == "__main__":
    main()
