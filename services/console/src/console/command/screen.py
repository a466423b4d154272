"""What the command shows: tables and sentences for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sconnect.texts import render


class Screen:
    """Results go to standard output, everything else to standard error."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.output = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self.errors = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def text(self, key: str, **details: object) -> str:
        return render(f"command.{key}", {name: str(value) for name, value in details.items()}, self.language)

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
            table.add_column(self.text(f"column.{column}"), overflow="fold")
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
