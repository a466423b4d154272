"""The texts of the pages, in one language."""

from console.adapters.web.formats import Formats


class Words(Formats):
    """The texts of section `page`, and formats, in one language."""

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
