"""`make run`: the product for real shops, until SIGTERM or Ctrl-C."""

import os
import signal
import sys
import threading
from collections.abc import Callable

from sconnect.errors import StartupError
from stack.home import Home
from stack.product import Product
from stack.settings import StackSettings
from stack.terminal import say

WATCH_SECONDS = 0.5


def stop_requested() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set; a second signal changes nothing more."""
    requested = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: requested.set())
    return requested


def run_until_stopped(home: Home, product: Product, stop: threading.Event, ready: Callable[[], bool]) -> None:
    """Start the product, call `ready` once, and look after it until asked to stop or `ready` says enough."""
    with home.claimed():
        try:
            product.start()
            stay = not stop.is_set() and ready()
            while stay and not stop.wait(WATCH_SECONDS):
                product.watch()
        finally:
            say("Stopping.")
            product.stop()


def main() -> int:
    """Exit code 0 after an orderly stop, 2 with one sentence when the product cannot start."""
    stop = stop_requested()
    settings = StackSettings()
    home = Home(settings.home)
    home.create()
    product = Product(home, settings, os.environ, interrupted=stop.is_set)

    def ready() -> bool:
        say(f"The product runs. Console: {product.console_url}, token: {home.token_file()}")
        say(f"Logs: {home.folder / 'log'}. Stop with Ctrl-C.")
        return True

    try:
        run_until_stopped(home, product, stop, ready)
    except StartupError as error:
        say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
