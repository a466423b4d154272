"""Amounts, dates, charts and files of the pages, and that every text they ask for is there."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from console.adapters.web.pages import frame
from console.adapters.web.pages.charts import BARS_HEIGHT, STACK_WIDTH, Slice, bars, stacked_bar
from console.adapters.web.pages.export import csv_lines, harmless
from console.adapters.web.pages.frame import own_path
from console.adapters.web.pages.setting_words import with_settings_named
from console.adapters.web.pages.words import Words
from console.adapters.web.sentences import reason_sentence
from console.domain.people import account_name
from console.domain.search import folded, search_text, sort_number
from console.domain.standing import OrderRow, OrderStatus, Standing, ToldReason
from sconnect.texts.rendering import sentences

DUTCH, ENGLISH = Words("nl"), Words("en")
TEMPLATES = sorted((frame.HERE / "templates").glob("*.html"))
ASKED = re.compile(r"""\b(t|plural)\('([a-z_.]+)'(\s*~)?""")


@pytest.mark.parametrize(
    ("amount", "dutch", "english"),
    [
        ("1234.5", "€\u00a01.234,50", "€1,234.50"),
        ("-70.12", "€\u00a0\u221270,12", "€\u221270.12"),
        ("0", "€\u00a00,00", "€0.00"),
        ("50.000000", "€\u00a050,00", "€50.00"),
        ("6.198347", "€\u00a06,198347", "€6.198347"),
        (None, "–", "–"),
        ("geen bedrag", "€\u00a0geen bedrag", "€geen bedrag"),
        ("NaN", "€\u00a0NaN", "€NaN"),
    ],
)
def test_amounts_are_written_as_the_reader_does(amount: str | None, dutch: str, english: str) -> None:
    assert DUTCH.money(amount) == dutch
    assert ENGLISH.money(amount) == english


@pytest.mark.parametrize(
    ("rate", "dutch"),
    [("21.00", "21"), ("0.00", "0"), ("5.50", "5,5"), ("100", "100"), ("hoog", "hoog"), ("", "–")],
)
def test_a_rate_has_no_decimals_that_say_nothing(rate: str, dutch: str) -> None:
    assert DUTCH.rate(rate) == dutch


@pytest.mark.parametrize(
    ("sentence", "words", "shown"),
    [
        (
            "Zet bookings.zero_total in het profiel op book om zulke bestellingen te boeken.",
            DUTCH,
            "Zet ‘Bestellingen van 0,00’ in het profiel op ‘boeken’ om zulke bestellingen te boeken.",
        ),
        (
            "Lower shop.start_order_number in the profile to book it anyway.",
            ENGLISH,
            "Lower ‘First order number’ in the profile to book it anyway.",
        ),
        ("Kijk op www.shop.example.nl.", DUTCH, "Kijk op www.shop.example.nl."),
        ("Vul bookings.wat_er_niet_is in.", DUTCH, "Vul bookings.wat_er_niet_is in."),
    ],
)
def test_a_setting_in_a_sentence_is_called_as_on_its_page(sentence: str, words: Words, shown: str) -> None:
    assert with_settings_named(sentence, words) == shown


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("/", "/"),
        ("/imports/run-1", "/"),
        ("/needs-you/put-away", "/needs-you"),
        ("/letter-jobs", "/needs-you"),
        ("/profiles/winkel/orders/1001", "/orders"),
        ("/profiles/winkel/bookings", "/profiles"),
        ("/profiles/orders", "/profiles"),
        ("/previews/1", "/profiles"),
        ("/password", None),
    ],
)
def test_every_page_stands_in_one_room(path: str, room: str | None) -> None:
    assert [each.path for each in frame.NAVIGATION if each.has(path)] == ([] if room is None else [room])


def test_dates_and_moments_are_dutch_ones() -> None:
    assert DUTCH.day(date(2026, 3, 2)) == "2\u00a0mrt\u00a02026"
    # Half past eleven at night in Greenwich is the next day in the Netherlands.
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert DUTCH.moment(late) == "2\u00a0jul\u00a02026\u00a000:30"
    assert ENGLISH.moment(late) == "2\u00a0Jul\u00a02026\u00a000:30"
    assert DUTCH.number(1_234_567) == "1.234.567"


@pytest.mark.parametrize(
    ("code", "details", "dutch", "english"),
    [
        (
            "TOTAL_MISMATCH",
            {"total": "1036.45", "sum": "1035.45", "difference": "1.00", "tolerance": "0.05"},
            "is €\u00a01.036,45, maar regels en btw zijn samen €\u00a01.035,45: een verschil van €\u00a01,00",
            "is €1,036.45, but lines and VAT add up to €1,035.45: a difference of €1.00",
        ),
        (
            "UNKNOWN_VAT_RATE",
            {"amount": "-12.50", "rate": "5.5", "date": "2026-03-02"},
            "voor €\u00a0\u221212,50 aan regels met 5,5 % btw, en dat was op 2\u00a0mrt\u00a02026",
            "lines of €\u221212.50 at 5.5 % VAT",
        ),
        # What is no amount or day is told as it came.
        ("BAD_NUMBER", {"field": "amount 12.50"}, "veld amount 12.50 van", "amount 12.50"),
        ("TOTAL_MISMATCH", {"total": "veel"}, "is veel, maar regels en btw zijn samen ?", "is veel, but"),
        ("PERIOD_BLOCKED", {"date": "2026-13-45"}, "toe op 2026-13-45", "2026-13-45"),
    ],
)
def test_a_reason_tells_amounts_and_days_as_the_reader_writes_them(
    code: str, details: dict[str, str], dutch: str, english: str
) -> None:
    reason = ToldReason(code=code, details=details)
    assert dutch in (reason_sentence(reason, "nl") or "")
    assert english in (reason_sentence(reason, "en") or "")


def test_a_page_never_shows_a_key() -> None:
    with pytest.raises(KeyError):
        DUTCH.text("no.such_text")


def test_every_text_that_a_template_asks_for_is_there() -> None:
    known = sentences("nl")
    lacking: list[str] = []
    for template in TEMPLATES:
        for kind, key, goes_on in ASKED.findall(template.read_text()):
            wanted = f"page.{key}" + (".other" if kind == "plural" else "")
            found = any(name.startswith(f"page.{key}") for name in known) if goes_on else wanted in known
            lacking += [] if found else [f"{template.name}: {key}"]
    assert len(TEMPLATES) > 8
    assert lacking == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_no_template_has_inline_style_or_script_or_trusts_a_text(template: Path) -> None:
    text = template.read_text()
    assert re.search(r"\sstyle=|<style|\son\w+=|javascript:|<script(?! src=)|\|\s*safe\b", text) is None


def test_every_form_that_changes_something_carries_its_proof() -> None:
    for template in TEMPLATES:
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", template.read_text(), re.DOTALL)
        assert all("proof_field()" in form for form in forms), template.name


def test_bars_are_as_high_as_their_values_and_nothing_has_none() -> None:
    drawn = bars([("a", 50), ("b", 0), ("c", 100), ("d", -3), ("e", 1)])
    assert [(bar.label, bar.height) for bar in drawn] == [("a", 60), ("c", 120), ("e", 2)]
    assert all(bar.y + bar.height == BARS_HEIGHT for bar in drawn)
    assert bars([("a", 0)]) == bars([]) == []


def test_a_stacked_bar_shows_every_part_and_keeps_inside() -> None:
    pieces = stacked_bar(
        [
            Slice(label="few", value=1, kind="a"),
            Slice(label="none", value=0, kind="b"),
            Slice(label="many", value=100_000, kind="c"),
        ]
    )
    assert [piece.slice.label for piece in pieces] == ["few", "many"]
    assert all(piece.width > 0 for piece in pieces)
    assert pieces[1].x == pieces[0].width
    assert STACK_WIDTH - 3 <= sum(piece.width for piece in pieces) <= STACK_WIDTH
    assert stacked_bar([Slice(label="none", value=0, kind="a")]) == []


@pytest.mark.parametrize("cell", ["=1+1", "+31600000001", "-2", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%x"])
def test_a_cell_that_a_spreadsheet_would_compute_is_made_a_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    for cell in ("1001", "Jan =1+1", "", "12-3"):
        assert harmless(cell) == cell


async def test_the_file_has_dutch_numbers_and_no_formula() -> None:
    standing = Standing(
        order_number="1001",
        status=OrderStatus.IN_PROGRESS,
        version=(1, 0),
        heard=(1, 0),
        replays=0,
        ordered_on=date(2026, 3, 2),
        updated_at=datetime(2026, 3, 2, tzinfo=UTC),
        buyer_name='=HYPERLINK("https://elders.example.nl";"klik")',
        total="-70.12",
    )

    async def parts() -> AsyncIterator[Sequence[OrderRow]]:
        yield [OrderRow(profile="winkel", order_uuid="u", standing=standing)]

    written = "".join([piece async for piece in csv_lines(parts(), DUTCH)])

    assert written.startswith("\ufeffProfiel;Bestelling;")
    (line,) = written.splitlines()[1:]
    assert '"\'=HYPERLINK(""https://elders.example.nl"";""klik"")"' in line
    assert line.endswith(";-70,12")


def test_searching_folds_accents_and_numbers_sort() -> None:
    assert folded("  Zoë\tVAN ") == "zoe van"
    assert search_text("1001", None, "Zoë") == " 1001 zoe"
    assert sorted(["1000", "999", "T-1"], key=sort_number) == ["999", "1000", "T-1"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [(" Sanne ", "sanne"), ("\uff21nna", "anna"), ("", None), ("a\u0000", None), ("x" * 65, None)],
)
def test_a_name_has_one_spelling(typed: str, name: str | None) -> None:
    assert account_name(typed) == name


@pytest.mark.parametrize("wanted", ["/orders?q=1", "/", "/a//b"])
def test_a_path_of_ours_is_kept(wanted: str) -> None:
    assert own_path(wanted) == wanted
