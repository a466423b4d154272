"""docs/page-speed.md, written by the run that measured it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

DOCUMENT = Path(__file__).parents[2] / "docs" / "page-speed.md"
MS_MAX = 300
INTRODUCTION = """\
# How fast the pages are

`make bench-pages` fills the console's database with 100,000 orders, their whole trail (about 285,000
events), 10,000 dead letters that wait and as many that are over, 20,000 remembered customers, the runs of
thirty days (one of 5,000 orders), fifty jobs (one of 5,000 letters), 50,000 lines of the log and a profile
of forty versions. Then it asks every page, the forms that answer after work and the lists of the API, one
after the other, and writes this page. A page that it does not know stops it. `BENCH_ORDERS`, `BENCH_ROUNDS`
and `BENCH_DATABASES` ("SQLite PostgreSQL") make it smaller, and then it only prints.

The goal is 300 ms on two cores, at the 95th percentile. The clock is stopped at the last byte, of a list
that is as long as the shop is old at the first. The vendors are in memory: what SnelStart and the shop take
comes on top where a page asks them. A part of a page that keeps itself up to date is fetched as the whole
page is, so it costs the same. A password is slow to check on purpose (argon2 with 64 MiB).
"""
CAUSES = """
## What was slow, and is not any more

- An import of 5,000 orders fetched the mark of each to count them; the database counts them from the run's
  own list of uuids.
- What waits was counted from rows that each hold a whole message; now from an index alone.
- A profile's orders in one state, and a search within a state or a profile, walked rows; now each has an
  index with the text in it ([decision 27](decisions/0027-lists-are-read-from-indexes.md)).
- The overview read the uuids of every profile's last import with it, and ranked all runs of thirty days to
  find the last.
- The list of jobs asked twice per job; now once for all.
- The API's lists of everything, and the orders of an import, were made in one piece while nobody else was
  served; now part by part.

`tests/integration/test_console_many_orders.py` keeps the processor's time of the main pages under 300 ms
with 4,000 orders, and asks SQLite whether each list still reads an index in its order and sorts nothing.
"""


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each round: on the clock, and of the bench's own processor, the asking included.

    The second tells what a page costs on a busy machine; PostgreSQL's part is not in it.
    """

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return quantiles(self.clock, n=20)[-1]

    @property
    def is_slow(self) -> bool:
        return self.p95 >= MS_MAX

    def line(self, what: str) -> str:
        slow = f"   {MS_MAX} ms or more" if self.is_slow else ""
        return (
            f"  {what:46} median {median(self.clock):5.0f} ms   p95 {self.p95:5.0f} ms"
            f"   processor {median(self.processor):5.0f} ms{slow}"
        )

    def row(self, what: str) -> str:
        p95 = f"**{self.p95:.0f}**" if self.is_slow else f"{self.p95:.0f}"
        return f"| {what} | {median(self.clock):.0f} | {p95} | {median(self.processor):.0f} |"


def document(measured: Mapping[str, Mapping[str, Took]], *, at: datetime, circumstances: str) -> str:
    """The page; `measured` is by database and by what was asked."""
    parts = [INTRODUCTION, f"\nMeasured on {at:%Y-%m-%d}, {circumstances}.\n"]
    for database, pages in measured.items():
        slow = [what for what, took in pages.items() if took.is_slow]
        parts += [f"\n## {database}\n\n", verdict(slow), "\n", *_table(pages)]
    return "".join([*parts, CAUSES])


def verdict(slow: Sequence[str]) -> str:
    if not slow:
        return f"Everything below {MS_MAX} ms at the 95th percentile.\n"
    return f"At {MS_MAX} ms or more at the 95th percentile: {'; '.join(slow)}.\n"


def _table(pages: Mapping[str, Took]) -> list[str]:
    head = ["| page | clock, median ms | clock, p95 ms | processor, median ms |\n", "|---|---|---|---|\n"]
    return [*head, *(f"{took.row(what)}\n" for what, took in pages.items())]
