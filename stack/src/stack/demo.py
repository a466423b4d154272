"""`make demo`: the product with both vendors simulated, from an empty home; tells the fate of every order."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping

from sconnect.errors import StartupError
from sconnect.service import read_settings
from stack.home import Home
from stack.ports import LOOPBACK, free_port
from stack.processes import stop_process
from stack.product import Product
from stack.run import run_until_stopped, stop_requested
from stack.services import SERVICES, interpreter
from stack.settings import DemoHomeSettings, StackSettings
from stack.supervisor import ProcessPlan
from stack.terminal import say

# The demo keeps off what a person has set for real shops: places, keys, ways in.
REAL_SETTINGS = frozenset(
    {
        "SCONNECT_HOME",
        "SCONNECT_URL",
        "SCONNECT_TOKEN",
        "SCONNECT_AMQP_URL",
        "SCONNECT_DATABASE_URL",
        "SCONNECT_SECRETS_KEY",
        "SCONNECT_SECRETS_KEY_FILE",
        "CONSOLE_TOKEN_FILE",
        *(f"{kind.prefix}_DATABASE_URL" for kind in SERVICES),
    }
)


def demo_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the demo's services: they may speak to APIs on this machine.

    Reasons are in English, like what the demo itself says, unless the person asked for Dutch.
    """
    kept = {name: value for name, value in given.items() if name not in REAL_SETTINGS}
    return {"SCONNECT_LANGUAGE": "en"} | kept | {"SCONNECT_ALLOW_LOCAL_APIS": "1"}


def simulator_plan(name: str, home: Home, environment: Mapping[str, str]) -> ProcessPlan:
    port = free_port()
    return ProcessPlan(
        name=name,
        command=(interpreter(), "-m", "simulators", name, "--host", LOOPBACK, "--port", str(port)),
        environment=environment,
        log=home.log(name),
        url=f"http://{LOOPBACK}:{port}",
        ready_path="/_control/health",
        stop_seconds=3.0,
    )


class Demo:
    """The product, its simulators, and the demonstration as a process beside them."""

    def __init__(self, home: Home, *, leave: bool) -> None:
        self._home = home
        self._leave = leave
        self._stop = stop_requested()
        self._environment = demo_environment(os.environ)
        self._webshop = simulator_plan("webshop", home, self._environment)
        self._snelstart = simulator_plan("snelstart", home, self._environment)
        self._product = Product(
            home,
            StackSettings(amqp_url=None),
            self._environment,
            neighbours=(self._webshop, self._snelstart),
            interrupted=self._stop.is_set,
        )
        self._demonstration: subprocess.Popen[bytes] | None = None
        self.exit_code = 1

    def run(self) -> int:
        """Return 0 when every order has an outcome."""
        try:
            run_until_stopped(
                self._home,
                self._product,
                self._stop,
                prepare=self._home.start_afresh,
                started=self._begin,
                goes_on=self._goes_on,
            )
        finally:
            if self._demonstration is not None and self._demonstration.poll() is None:
                stop_process(self._demonstration, timeout_seconds=3)
        return self.exit_code

    def _begin(self) -> None:
        say(f"The product runs. {self._product.way_in}")
        self._product.show_first_password()
        places = {"DEMO_WEBSHOP_URL": self._webshop.url, "DEMO_SNELSTART_URL": self._snelstart.url}
        self._demonstration = subprocess.Popen(  # noqa: S603 - a module of ours
            [interpreter(), "-m", "stack.demonstration"],
            env={**self._product.environment, **places},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _goes_on(self) -> bool:
        """Notice the end of the demonstration; tell whether the product stays up."""
        if self._demonstration is None or self._demonstration.poll() is None:
            return True
        self.exit_code = self._demonstration.returncode
        self._demonstration = None
        if not self._leave:
            say(f"\nThe demo stays up. {self._product.way_in}")
            say("Stop it with Ctrl-C.")
        return not self._leave


def main() -> int:
    """Exit code 0 when every order has an outcome, 2 with one sentence when the demo cannot start."""
    parser = argparse.ArgumentParser(prog="stack.demo", description="Show the product at work.")
    parser.add_argument("--exit", action="store_true", help="leave after telling what became of the orders")
    leave = parser.parse_args().exit
    try:
        home = Home(read_settings(DemoHomeSettings).home)
        return Demo(home, leave=leave).run()
    except StartupError as error:
        say(str(error))
        return 2


if __name__ == "__main__":
    sys.exit(main())
