"""Amounts, dates and numbers as the reader writes them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from sconnect.clock import SHOP_TIME_ZONE
from sconnect.texts.rendering import sentences

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
ABSENT = "\u2013"
# (between thousands, before decimals)
_MARKS = MappingProxyType({"nl": (".", ","), "en": (",", ".")})

# Details of reasons and findings that hold an amount in euros, when they look like one.
_AMOUNTS_OF_A_BOOKING = {"expected", "gross", "net", "ours", "theirs", "vat"}
_AMOUNTS_OF_AN_ORDER = {"amount", "difference", "sum", "total"}
_AMOUNTS = _AMOUNTS_OF_A_BOOKING | _AMOUNTS_OF_AN_ORDER | {"allowed", "tolerance", "tolerance_max"}
_AMOUNT = re.compile(r"-?\d{1,15}\.\d{2,}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Formats:
    """How amounts, dates and numbers are written in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = sentences(language)
        self._thousands, self.decimal_mark = _MARKS[language]

    def number(self, number: int) -> str:
        return f"{number:,}".replace(",", self._thousands)

    def decimals(self, amount: str | Decimal | None) -> str:
        """An amount without its currency; what is no amount is shown as it came."""
        if amount is None or amount == "":
            return ABSENT
        try:
            exact = Decimal(amount)
        except InvalidOperation:
            return str(amount)
        if not exact.is_finite():
            return str(amount)
        plain = f"{abs(exact):,.2f}" if _fits_cents(exact) else f"{abs(exact):,f}"
        marks = str.maketrans({",": self._thousands, ".": self.decimal_mark})
        return (MINUS if exact < 0 else "") + plain.translate(marks)

    def rate(self, rate: str) -> str:
        """A percentage as people write it, without decimals that say nothing; what is none as it came."""
        plain = self.decimals(rate)
        whole, mark, fraction = plain.partition(self.decimal_mark)
        return f"{whole}{mark}{fraction}".rstrip("0").rstrip(mark) if mark and fraction.isdecimal() else plain

    def money(self, amount: str | Decimal | None) -> str:
        """An amount in euros, in the form of the language."""
        plain = self.decimals(amount)
        if plain == ABSENT:
            return plain
        return f"€{NO_BREAK_SPACE}{plain}" if self.language == "nl" else f"€{plain}"

    def day(self, day: date | None) -> str:
        if day is None:
            return ABSENT
        month = self._sentences[f"page.month.{day.month}"]
        return NO_BREAK_SPACE.join((str(day.day), month, str(day.year)))

    def moment(self, moment: datetime | None) -> str:
        """Date and time in the Netherlands."""
        if moment is None:
            return ABSENT
        local = moment.astimezone(SHOP_TIME_ZONE)
        return f"{self.day(local.date())}{NO_BREAK_SPACE}{local:%H:%M}"

    def second(self, moment: datetime) -> str:
        local = moment.astimezone(SHOP_TIME_ZONE)
        return f"{self.day(local.date())} {local:%H:%M:%S}"

    def details(self, details: Mapping[str, str]) -> Mapping[str, str]:
        """The details of a reason or finding for its sentence: what is an amount, a day or a rate, as one."""
        return {name: self._detail(name, value) for name, value in details.items()}

    def told_amount(self, text: str) -> str:
        """In euros when it is an amount with cents, else as it was told."""
        return self.money(text) if _AMOUNT.fullmatch(text) else text

    def _detail(self, name: str, value: str) -> str:
        if name in _AMOUNTS and _AMOUNT.fullmatch(value):
            return self.money(value)
        if name == "rate":
            return value.replace(".", self.decimal_mark)
        if name in {"date", "ours", "theirs"} and _DAY.fullmatch(value):
            return self._day_told(value)
        return value

    def _day_told(self, text: str) -> str:
        try:
            return self.day(date.fromisoformat(text))
        except ValueError:
            return text


def _fits_cents(exact: Decimal) -> bool:
    return exact == exact.quantize(Decimal("0.01")) if exact.adjusted() < 20 else False  # noqa: PLR2004
