"""What the command shows: tables and sentences for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sconnect.texts import explanation_text, render

# Columns of sentences, which may take several lines; the others stay whole, so that they can be copied.
FOLDED_COLUMNS = frozenset(
    {"administration", "buyer", "call", "customer", "description", "event", "reason", "status", "trouble"}
)
AMOUNT_COLUMNS = frozenset({"amount", "total", "vat"})
# Where nobody looks, lines are never broken.
WIDTH_WITHOUT_TERMINAL = 500


class Screen:
    """Results go to standard output, everything else to standard error."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.output = _console(stderr=False)
        self.errors = _console(stderr=True)

    def text(self, key: str, **details: object) -> str:
        return render(f"command.{key}", {name: str(value) for name, value in details.items()}, self.language)

    def word(self, group: str, word: str) -> str:
        """The reader's word for one of the API's; the word itself when it has none."""
        return self.text(f"{group}.{word}").removeprefix(f"command.{group}.")

    def explained(self, words: str) -> str:
        """What the words of the customer-resolver's explanations mean; commas stand between several."""
        return explanation_text(words.split(","), {}, self.language)

    def say(self, key: str, **details: object) -> None:
        self.output.print(self.text(key, **details))

    def line(self, text: str) -> None:
        self.output.print(text)

    def note(self, text: str) -> None:
        self.errors.print(text)

    def json(self, content: Any) -> None:
        self.output.out(json.dumps(content, indent=2, ensure_ascii=False), highlight=False)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """`columns` are the names of the headings among the texts."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for column in columns:
            table.add_column(
                self.text(f"column.{column}"),
                no_wrap=column not in FOLDED_COLUMNS,
                overflow="fold",
                justify="right" if column in AMOUNT_COLUMNS else "left",
            )
        for row in rows:
            table.add_row(*(Text(self.cell(value)) for value in row))
        self.output.print(table, soft_wrap=False)

    def cell(self, value: object) -> str:
        if isinstance(value, bool):
            return self.text("answer.yes" if value else "answer.no")
        return "" if value is None else str(value)

    def moment(self, text: str | None) -> str:
        """A moment of the API, on the clock of the reader's machine."""
        if text is None:
            return ""
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console
