"""Files with one JSON object a line; what cannot be read is said with its line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sconnect.errors import SConnectError
from sconnect.webshop import parse


class UnreadableFile(SConnectError):
    """A file that cannot be used; the text names file and line, never what is in it."""


def read_objects(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object, numbers as the text they came as; blank lines are passed over.

    UnreadableFile when the file is not there, or a line is no JSON object in UTF-8.
    """
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, _read_object(file, number, line)
    except OSError as error:
        raise UnreadableFile(f"{file}: cannot be read ({error.strerror})") from None


def bad_line(file: Path, number: int, why: str) -> UnreadableFile:
    return UnreadableFile(f"{file}, line {number}: {why}")


def _read_object(file: Path, number: int, line: bytes) -> dict[str, Any]:
    text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
    try:
        row = parse(text)
    except ValueError:
        raise bad_line(file, number, "no JSON in UTF-8") from None
    if not isinstance(row, dict):
        raise bad_line(file, number, "no JSON object")
    return row
