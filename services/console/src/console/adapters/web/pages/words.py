"""Amounts, dates and numbers as the reader writes them."""

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


class Words:
    """The texts of section `page`, and formats, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = sentences(language)
        self._thousands, self.decimal_mark = _MARKS[language]

    def text(self, key: str, **details: object) -> str:
        """The text `page.<key>`; KeyError when there is none: a page never shows a key."""
        return self._sentences[f"page.{key}"].format_map(
            {name: str(value) for name, value in details.items()}
        )

    def has(self, key: str) -> bool:
        return f"page.{key}" in self._sentences

    def reason_name(self, code: str) -> str:
        """A reason in a few words, for a list to choose from; the code when it has none."""
        return self._sentences.get(f"page.reason.{code}", code)

    def plural(self, key: str, count: int, **details: object) -> str:
        """`page.<key>.one` or `page.<key>.other`, with {count}."""
        form = "one" if count == 1 else "other"
        return self.text(f"{key}.{form}", count=self.number(count), **details)

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

    def money(self, amount: str | Decimal | None) -> str:
        """An amount in euros, in the form of the language."""
        plain = self.decimals(amount)
        if plain == ABSENT:
            return plain
        return f"€{NO_BREAK_SPACE}{plain}" if self.language == "nl" else f"€{plain}"

    def day(self, day: date | None) -> str:
        if day is None:
            return ABSENT
        return NO_BREAK_SPACE.join((str(day.day), self.text(f"month.{day.month}"), str(day.year)))

    def moment(self, moment: datetime | None) -> str:
        """Date and time in the Netherlands."""
        if moment is None:
            return ABSENT
        local = moment.astimezone(SHOP_TIME_ZONE)
        return f"{self.day(local.date())}{NO_BREAK_SPACE}{local:%H:%M}"

    def second(self, moment: datetime) -> str:
        local = moment.astimezone(SHOP_TIME_ZONE)
        return f"{self.day(local.date())} {local:%H:%M:%S}"


def _fits_cents(exact: Decimal) -> bool:
    return exact == exact.quantize(Decimal("0.01")) if exact.adjusted() < 20 else False  # noqa: PLR2004
