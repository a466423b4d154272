"""`make run`: the product for real shops, until SIGTERM or Ctrl-C."""

import os
import signal
import sys
import threading
from collections.abc import Callable

from sconnect.errors import StartupError
from sconnect.service import read_settings
from stack.home import Home
from stack.leftovers import stop_leftovers_of
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


def run_until_stopped(
    home: Home,
    product: Product,
    stop: threading.Event,
    *,
    prepare: Callable[[], None] = lambda: None,
    started: Callable[[], None],
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Start the product on a claimed home, and look after it until asked to stop or `goes_on` says no.

    `prepare` is called before the product starts, `started` once it runs.
    """
    home.create()
    with home.claimed():
        stop_leftovers_of(home)
        prepare()
        try:
            product.start()
            if not stop.is_set():
                started()
            while goes_on() and not stop.wait(WATCH_SECONDS):
                product.watch()
        finally:
            say("Stopping.")
            product.stop()


def main() -> int:
    """Exit code 0 after an orderly stop, 2 with one sentence when the product cannot start."""
    stop = stop_requested()
    try:
        settings = read_settings(StackSettings)
        home = Home(settings.home)
        product = Product(home, settings, os.environ, interrupted=stop.is_set)

        def started() -> None:
            say(f"The product runs. {product.way_in}")
            product.show_first_password()
            say(f"Its logs are in {home.folder / 'log'}. Stop it with Ctrl-C.")

        run_until_stopped(home, product, stop, started=started)
    except StartupError as error:
        say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
