"""Decides one set of orders in several ways in one process, so that everything is read and compared once.

`python -m bench.matching.several_ways CUSTOMERS ORDERS COUNTRIES OUT WAY...`, a way being `smart:strict`,
`smart:normal` or one of the plain recognitions; writes OUT.<way>.jsonl. The first way is decided as
`evaluate` does; for the others its trace is decided anew, and their lines have the reasons for a sentence.
Every trace is also written, read back and decided once more: the last line printed counts what then differs.
"""

import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from customer_resolver.domain.recognition import Recognition, Threshold, Trace, Weights, decide
from customer_resolver.domain.recognition.verdicts import Choose, Link, Nobody, Verdict
from customer_resolver.evaluation.catalogue import Catalogue, read_country_codes, read_relations
from customer_resolver.evaluation.orders import read_orders
from customer_resolver.evaluation.trial import Answered, Trial

Way = tuple[Recognition, Threshold]


def main() -> None:
    customers, orders_file, countries, out, *names = sys.argv[1:]
    first, *others = [_way(name) for name in names]
    catalogue = Catalogue(read_relations(Path(customers), read_country_codes(Path(countries))))
    trial = Trial(catalogue, catalogue.statistics, *first)
    weights = catalogue.statistics.weights
    orders = differing = 0
    with ExitStack() as stack:
        files = [
            stack.enter_context(Path(f"{out}.{name.replace(':', '.')}.jsonl").open("w", encoding="utf-8"))
            for name in names
        ]
        for answered in trial.answers(read_orders(Path(orders_file), code_field="reference")):
            orders += 1
            lines = [answered.as_line("nl")]
            differing += _differs(lines[0], _replayed(answered.recognised.trace, weights))
            for recognition, threshold in others:
                trace = replace(answered.recognised.trace, recognition=recognition, threshold=threshold)
                lines.append(_line(answered, decide(trace, weights)))
                differing += _differs(lines[-1], _replayed(trace, weights))
            for file, line in zip(files, lines, strict=True):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps({"orders": orders * len(names), "differing": differing}) + "\n")


def _way(name: str) -> Way:
    recognition, _, threshold = name.partition(":")
    return Recognition(recognition), Threshold(threshold or "strict")


def _replayed(trace: Trace, weights: Weights) -> Verdict:
    return decide(Trace.from_document(json.loads(json.dumps(trace.as_document()))), weights)


def _differs(line: dict[str, Any], verdict: Verdict) -> bool:
    match verdict:
        case Link(pick=pick):
            return bool(line["customer"] != pick.relation_id)
        case Choose(reasons=reasons):
            return (line["decision"], line["reasons"]) != ("manual", list(reasons))
        case Nobody():
            return bool(line["decision"] != "new")


def _line(answered: Answered, verdict: Verdict) -> dict[str, Any]:
    customer, suggestions = None, []
    match verdict:
        case Link(pick=pick):
            decision, customer, reasons = "linked", pick.relation_id, [level.value for level in pick.agrees]
        case Choose(reasons=words, picks=picks):
            decision, reasons = "manual", list(words)
            suggestions = [pick.relation_id for pick in picks]
        case Nobody(reasons=words):
            decision, reasons = "new", list(words)
    return {
        "order": answered.order.number,
        "decision": decision,
        "customer": customer,
        "suggestions": suggestions,
        "reasons": reasons,
        "explanation": " ".join(reasons),
    }


if __name__ == "__main__":
    main()
