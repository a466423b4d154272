"""What the commands of one call share."""

from console.command.product import Product
from console.command.screen import Screen
from console.command.settings import CommandSettings


class Session:
    """The screen, and the product as soon as it is asked something."""

    def __init__(self, settings: CommandSettings) -> None:
        self.screen = Screen(settings.language)
        self._settings = settings
        self._product: Product | None = None

    @property
    def product(self) -> Product:
        if self._product is None:
            settings = self._settings
            self._product = Product(settings.console_url(), settings.console_token(), settings.language)
        return self._product

    def help(self, name: str) -> str:
        return self.screen.text(f"help.{name}")

    def close(self) -> None:
        if self._product is not None:
            self._product.close()
