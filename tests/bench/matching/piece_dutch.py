"""Goals 7, 9 and 13: the Dutch set, several seeds, the plain recognitions and Splink in the same run."""

from bench.matching.evaluation import PLAIN, SMART, Run
from bench.matching.figures import Figures, pooled
from bench.matching.findings import RUN_HEAD, Findings, Goal, Table, percent, run_row, shown
from bench.matching.report import BOOKKEEPERS_TABLE
from bench.matching.sets import dutch_set
from bench.matching.sizes import Size
from stack.terminal import say

STRICT, NORMAL = f"{SMART}:strict", f"{SMART}:normal"
DUTCH_NAMES = {
    "customer_code": "klantcode",
    "email": "e-mail",
    "customer_code_or_email": "klantcode of e-mail",
    "email_and_postcode": "e-mail en afleverpostcode",
    "customer_code_or_email_and_postcode": "klantcode of (e-mail en afleverpostcode)",
    NORMAL: "Slim, stand *normaal*",
    STRICT: "Slim, stand *streng*",
}
DUTCH_HEAD = (
    "herkenning",
    "precisie: koppelingen die goed zijn",
    "dekking: bestaande klanten die vanzelf goed gekoppeld worden",
    "voorgelegd aan een mens",
    "bestaande klanten die voor nieuw worden aangezien",
    "verkeerde koppelingen",
)
CODE_COLLISION = "hard: code of somebody else"
WORST_CATEGORY_SHARE_MAX = 0.005


def measure_dutch_sets(size: Size) -> Findings:
    found = Findings()
    by_seed: dict[int, dict[str, Run]] = {}
    differing = asked = 0
    for seed in (*size.development_seeds, *size.test_seeds):
        say(f"Measuring the Dutch set, seed {seed}.")
        measured = dutch_set(customers=size.customers, orders=size.orders, seed=seed)
        ways = (STRICT, NORMAL, *PLAIN) if seed in size.test_seeds else (STRICT,)
        by_seed[seed], replayed = measured.decide_several_ways(*ways)
        differing += replayed["differing"]
        asked += replayed["orders"]
    tests = {seed: by_seed[seed] for seed in size.test_seeds}
    strict = pooled([runs[STRICT].figures for runs in tests.values()])
    by_email = pooled([runs["email"].figures for runs in tests.values()])
    found.goals.append(_judge_quality([runs[STRICT].figures for runs in tests.values()], strict))
    found.goals.append(_judge_against_email(strict, by_email))
    found.goals.append(_judge_explanations(strict, asked, differing))
    found.tables += [
        _by_seed(by_seed, size),
        _by_way(tests, size),
        _for_bookkeepers(tests, size),
        _hard_negatives(strict),
        _suggestions(strict),
    ]
    return found


def measure_splink(size: Size) -> Findings:
    """Splink on the first test seed; apart, as it takes as long as all the rest."""
    measured = dutch_set(customers=size.customers, orders=size.orders, seed=size.test_seeds[0])
    runs = measured.link_with_splink()
    rows = [run_row(f"Splink 5, p ≥ {at}", run) for at, run in runs.items()]
    note = f"Training and prediction of all orders together took {next(iter(runs.values())).seconds:.0f} s."
    title = f"Splink on the Dutch set, test seed {size.test_seeds[0]}"
    return Findings(tables=[Table(title, RUN_HEAD, rows, note)])


def _judge_quality(each: list[Figures], together: Figures) -> Goal:
    categories = _hard_shares(together)
    worst = max(categories, key=lambda name: categories[name])
    collisions = together.by_category[CODE_COLLISION].wrong
    met = all(
        figures.precision >= 0.9995
        and figures.precision_bounds[0] >= 0.999
        and figures.recall >= 0.88
        and figures.manual_share <= 0.135
        and figures.wrong_new_share <= 0.01
        for figures in each
    )
    met = met and categories[worst] <= WORST_CATEGORY_SHARE_MAX and collisions == 0
    wanted = (
        "precision ≥ 0.9995, lower bound ≥ 0.999; recall ≥ 0.88; manual ≤ 13.5 %; wrong new ≤ 1 %; no hard "
        "category above 0.5 % wrong; code collisions 0 wrong; each test seed"
    )
    worst_share = percent(categories[worst], 2)
    found = f"{shown(together)}; worst category {worst_share} ({worst}); code collisions {collisions}"
    return Goal("G7", "Dutch set, 100k, unseen seeds", wanted, found, met)


def _judge_against_email(strict: Figures, by_email: Figures) -> Goal:
    ratio = by_email.wrong / strict.wrong if strict.wrong else float("inf")
    points = 100 * (strict.recall - by_email.recall)
    found = f"{strict.wrong} wrong against {by_email.wrong} ({ratio:.0f}×); recall {points:+.1f} points"
    met = ratio >= 100 and points >= 25
    return Goal(
        "G9", "Slim against `email`, same orders", "≥ 100× fewer wrong; recall ≥ +25 points", found, met
    )


def _judge_explanations(strict: Figures, asked: int, differing: int) -> Goal:
    wanted = "every decision has ≥ 1 reason; replaying stored levels gives the same decision"
    found = f"{strict.without_words} of {strict.orders:,} without words; {differing} of {asked:,} differ"
    return Goal("G13", "explanations", wanted, found, strict.without_words == 0 and differing == 0)


def _hard_shares(figures: Figures) -> dict[str, float]:
    return {
        name: one.wrong / one.orders
        for name, one in figures.by_category.items()
        if name.startswith("hard") and one.orders
    }


def _by_seed(by_seed: dict[int, dict[str, Run]], size: Size) -> Table:
    rows = [
        run_row(f"seed {seed} ({'test' if seed in size.test_seeds else 'development'})", runs[STRICT])
        for seed, runs in by_seed.items()
    ]
    note = "Errors on development seeds are looked at one by one; of test seeds only sums."
    return Table("Slim, strict, by seed of the Dutch set", RUN_HEAD, rows, note)


def _by_way(tests: dict[int, dict[str, Run]], size: Size) -> Table:
    rows = [
        run_row(f"`{way}`", pooled([runs[way].figures for runs in tests.values()]))
        for way in (*PLAIN, NORMAL, STRICT)
    ]
    seeds = " and ".join(map(str, size.test_seeds))
    return Table(f"All recognitions on the Dutch set, test seeds {seeds} together", RUN_HEAD, rows)


def _for_bookkeepers(tests: dict[int, dict[str, Run]], size: Size) -> Table:
    rows = []
    for way, name in DUTCH_NAMES.items():
        figures = pooled([runs[way].figures for runs in tests.values()])
        shares = (figures.precision, figures.recall, figures.manual_share, figures.wrong_new_share)
        digits = (2, 1, 1, 1)
        numbers = [
            percent(share, after).replace(".", ",") for share, after in zip(shares, digits, strict=True)
        ]
        rows.append([name, *numbers, _dutch(figures.wrong)])
    orders = _dutch(size.orders * len(tests))
    note = (
        f"Gemeten op {orders} nagemaakte bestellingen bij {_dutch(size.customers)} relaties "
        "(`make bench-matching`); meer dan één op de tien bestellingen lijkt met opzet op een ander. "
        "In uw eigen administratie zijn de cijfers anders: reken ze na met `evaluate`."
    )
    return Table(BOOKKEEPERS_TABLE, DUTCH_HEAD, rows, note)


def _dutch(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _hard_negatives(strict: Figures) -> Table:
    rows = [
        [
            name,
            f"{one.wrong} of {one.orders:,}",
            percent(one.wrong / one.orders, 2),
            percent(one.manual_share),
        ]
        for name, one in strict.by_category.items()
        if name.startswith("hard")
    ]
    rows += [
        [name, f"{one.wrong} of {one.orders:,}", f"recall {one.recall:.3f}", percent(one.manual_share)]
        for name, one in strict.by_category.items()
        if not name.startswith("hard")
    ]
    head = ("category", "wrong", "share of wrong, or recall", "manual")
    return Table("Slim, strict, by category of order (test seeds together)", head, rows)


def _suggestions(strict: Figures) -> Table:
    asked = strict.manual_with_customer or 1
    rows = [
        ["customer exists", percent(asked / (strict.manual or 1))],
        ["… and is the first suggestion", percent(strict.first_suggestion_right / asked)],
        ["… and is among the three suggestions", percent(strict.suggestions_right / asked)],
    ]
    return Table("Orders that go to a person (test seeds together)", ("of them", "share"), rows)
