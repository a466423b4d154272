"""`python -m customer_resolver evaluate …`: recognition on files, without a database and without any call."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from customer_resolver.domain.recognition import Recognition, Threshold
from customer_resolver.evaluation.catalogue import Catalogue, read_country_codes, read_relations
from customer_resolver.evaluation.checks import check
from customer_resolver.evaluation.lines import UnreadableFile
from customer_resolver.evaluation.orders import AskedOrder, read_orders
from customer_resolver.evaluation.tally import Tally
from customer_resolver.evaluation.trial import Answered, Trial
from sconnect.texts import LANGUAGES, render

EXIT_USAGE = 2


def evaluate(arguments: Sequence[str]) -> int:
    """Writes a decision per order; the exit code is 0, or 2 when a file or an option is wrong."""
    asked = _parser().parse_args(arguments)
    return _saying_what_is_wrong(lambda: _evaluate(asked))


def check_recognition(arguments: Sequence[str]) -> int:
    """Prints how far recognition can be trusted here; exit codes as `evaluate`."""
    asked = _checks_parser().parse_args(arguments)
    return _saying_what_is_wrong(lambda: _check(asked))


def _saying_what_is_wrong(work: Callable[[], None]) -> int:
    try:
        work()
    except (UnreadableFile, OSError) as error:
        sys.stderr.write(f"customer-resolver: {error}\n")
        return EXIT_USAGE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m customer_resolver evaluate",
        description="Which customer each order would go to: nothing is written to any administration.",
    )
    add_inputs(parser)
    parser.add_argument("--out", type=Path, required=True, help="one decision per order, JSON lines")
    parser.add_argument("--fit", action="store_true", help="fit the weights to these files first")
    parser.add_argument("--truth", action="store_true", help="judge by the orders' field `truth`")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def _checks_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m customer_resolver check-recognition",
        description="Estimates how often recognition goes wrong, from files that do not say what is right.",
    )
    add_inputs(parser)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """The options that every trial on files has."""
    parser.add_argument("--customers", type=Path, required=True, help="SnelStart relations, one JSON a line")
    parser.add_argument("--orders", type=Path, required=True, help="shop orders, one JSON object a line")
    parser.add_argument(
        "--recognition", type=Recognition, choices=list(Recognition), default=Recognition.SMART
    )
    parser.add_argument("--threshold", type=Threshold, choices=list(Threshold), default=Threshold.STRICT)
    parser.add_argument("--countries", type=Path, help="the lands of GET /landen, one JSON object a line")
    parser.add_argument(
        "--customer-code-field", choices=("reference", "internal_comment"), default="reference"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="nl")


def open_trial(asked: argparse.Namespace) -> Trial:
    """Reads the customers; UnreadableFile names the line that is none."""
    catalogue = Catalogue(read_relations(asked.customers, read_country_codes(asked.countries)))
    return Trial(catalogue, catalogue.statistics, asked.recognition, asked.threshold)


def open_orders(asked: argparse.Namespace) -> Iterator[AskedOrder]:
    return read_orders(asked.orders, code_field=asked.customer_code_field)


def _evaluate(asked: argparse.Namespace) -> None:
    trial = open_trial(asked)
    if asked.fit:
        trial = trial.fitted(open_orders(asked))
    tally = Tally()
    with asked.out.open("w", encoding="utf-8") as out:
        for answered in trial.answers(open_orders(asked)):
            _refuse_without_truth(asked, answered)
            tally.add(answered)
            out.write(json.dumps(answered.as_line(asked.language), ensure_ascii=False) + "\n")
    sys.stdout.write(_report(tally, asked))


def _check(asked: argparse.Namespace) -> None:
    report = check(open_trial(asked), open_orders(asked))
    if asked.json:
        sys.stdout.write(json.dumps(report.as_document()) + "\n")
        return
    figures = {
        "orders": report.orders,
        "certain": report.certain,
        "knocked_out_linked": report.knocked_out_linked,
        "false_match_rate": report.false_match_rate,
        "false_match_rate_upper": report.false_match_rate_upper,
    }
    sys.stdout.write(_table(figures, asked.language))
    for name, each in report.masked.items():
        sys.stdout.write("\n" + render(f"evaluation.masked.{name}", {}, asked.language) + "\n")
        shares = {
            f"masked_{outcome}": count / report.certain if report.certain else None
            for outcome, count in asdict(each).items()
        }
        sys.stdout.write(_table(shares, asked.language))


def _refuse_without_truth(asked: argparse.Namespace, answered: Answered) -> None:
    if asked.truth and answered.order.truth is None:
        raise UnreadableFile(f"{asked.orders}: order {answered.order.number} has no field truth")


def _report(tally: Tally, asked: argparse.Namespace) -> str:
    figures = tally.as_document()
    if asked.json:
        return json.dumps(figures) + "\n"
    return _table(figures, asked.language)


def _table(figures: Mapping[str, float | None], language: str) -> str:
    return "".join(
        f"{render(f'evaluation.{name}', {}, language):<60}{_shown(figure):>12}\n"
        for name, figure in figures.items()
    )


def _shown(figure: float | None) -> str:
    if figure is None:
        return "-"
    return f"{figure:.5f}" if isinstance(figure, float) else str(figure)
