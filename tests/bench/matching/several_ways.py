"""Decides one set of orders in several ways in one process, so that the relations are read once.

`python -m bench.matching.several_ways CUSTOMERS ORDERS COUNTRIES OUT WAY...`, a way being `smart:strict`,
`smart:normal` or one of the plain recognitions; writes OUT.<way>.jsonl as `evaluate` does. Of each decision
the trace is written and read back, and decided anew: the last line printed counts what then differs.
"""

import json
import sys
from pathlib import Path

from customer_resolver.domain.recognition import Recognition, Threshold, Trace, decide
from customer_resolver.domain.recognition.verdicts import Choose, Link, Nobody
from customer_resolver.evaluation.catalogue import Catalogue, read_country_codes, read_relations
from customer_resolver.evaluation.orders import read_orders
from customer_resolver.evaluation.trial import Answered, Trial


def replays_differently(answered: Answered, trial: Trial) -> bool:
    written = json.dumps(answered.recognised.trace.as_document())
    match decide(Trace.from_document(json.loads(written)), trial.statistics.weights):
        case Link(pick=pick):
            return answered.customer != pick.relation_id
        case Choose(reasons=reasons):
            return (answered.decision, answered.reasons) != ("manual", list(reasons))
        case Nobody():
            return answered.decision != "new"


def main() -> None:
    customers, orders_file, countries, out, *ways = sys.argv[1:]
    catalogue = Catalogue(read_relations(Path(customers), read_country_codes(Path(countries))))
    orders = list(read_orders(Path(orders_file), code_field="reference"))
    differing = 0
    for way in ways:
        name, _, threshold = way.partition(":")
        trial = Trial(catalogue, catalogue.statistics, Recognition(name), Threshold(threshold or "strict"))
        with Path(f"{out}.{way.replace(':', '.')}.jsonl").open("w", encoding="utf-8") as lines:
            for answered in trial.answers(orders):
                differing += replays_differently(answered, trial)
                lines.write(json.dumps(answered.as_line("nl"), ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps({"orders": len(orders) * len(ways), "differing": differing}) + "\n")


if __name__ == "__main__":
    main()
