"""The whole product on one machine: a private broker, the databases, every service a process of its own."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sconnect.errors import StartupError
from stack.broker import PrivateBroker
from stack.home import Home
from stack.leftovers import start_ticks
from stack.services import (
    CONSOLE,
    SERVICES,
    WORKERS,
    base_url,
    complete_environment,
    interpreter,
    service_plan,
)
from stack.settings import StackSettings
from stack.supervisor import ProcessPlan, Supervisor, last_line
from stack.terminal import say

ONE_SHOT_SECONDS = 120.0


class Product:
    """Starts everything in order and stops it in the opposite one.

    `neighbours` are processes that the product talks to, started before it and stopped after it.
    `interrupted` is asked while something starts: a person may change their mind.
    """

    def __init__(
        self,
        home: Home,
        settings: StackSettings,
        given: Mapping[str, str],
        *,
        neighbours: tuple[ProcessPlan, ...] = (),
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._home = home
        self._given = given
        self._neighbours = neighbours
        self._interrupted = interrupted
        self._amqp_url = settings.amqp_url
        self._broker = PrivateBroker(home.broker, amqp_port=settings.amqp_port)
        self._supervisor = Supervisor(changed=self._write_state)
        self.environment: Mapping[str, str] = given

    @property
    def way_in(self) -> str:
        """Where the console is, and the file with what opens it."""
        address = base_url(CONSOLE, self.environment)
        return f"Console: {address}, token: {self.environment['CONSOLE_TOKEN_FILE']}."

    def start(self) -> None:
        """Start everything; StartupError with one sentence when a part cannot. Then `stop` is still due."""
        for plan in self._neighbours:
            self._start(plan)
        self.environment = complete_environment(self._given, self._home, self._broker_url())
        self._one_shot("migrations", "stack.migrate")
        self._one_shot("queues", "sconnect.messaging", "declare")
        for kind in SERVICES:
            # Of a broker of the person's own we know one login; the private node has one of each service.
            amqp_url = self._broker.service_url(kind.name) if self._amqp_url is None else None
            self._start(service_plan(kind, self._home, self.environment, amqp_url=amqp_url))

    def show_first_password(self) -> None:
        """Make the first administrator where there is no account yet, and show its password, once."""
        done = subprocess.run(  # noqa: S603 - our own command
            [Path(interpreter()).with_name("sconnect"), "users", "first"],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ONE_SHOT_SECONDS,
            check=False,
        )
        # Refused when there is an account already: nothing to show.
        if done.returncode == 0:
            say(done.stdout.rstrip())

    def watch(self) -> None:
        """Look after every process once, and start again what died."""
        if self._amqp_url is None and not self._broker.is_running():
            say("The RabbitMQ node ended unexpectedly and is started again.")
            self._broker.revive()
            self._write_state()
        self._supervisor.watch()

    def stop(self) -> None:
        """Stop the workers together, then the console, then the neighbours and the broker."""
        for names in (
            [kind.name for kind in WORKERS],
            [CONSOLE.name],
            [plan.name for plan in self._neighbours],
        ):
            self._supervisor.stop(names)
        self._broker.stop()
        self._home.remove_state()

    def _broker_url(self) -> str:
        if self._amqp_url is not None:
            return self._amqp_url.get_secret_value()
        say("Starting a private RabbitMQ node.")
        url = self._broker.start()
        self._write_state()
        return url

    def _start(self, plan: ProcessPlan) -> None:
        if not self._interrupted():
            self._supervisor.start(plan, interrupted=self._interrupted)

    def _one_shot(self, name: str, *module_and_arguments: str) -> None:
        """Run a module that prepares something; StartupError with its last line when it fails."""
        if self._interrupted():
            return
        log = self._home.log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            done = subprocess.run(  # noqa: S603 - a module of ours
                [interpreter(), "-m", *module_and_arguments],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=ONE_SHOT_SECONDS,
                check=False,
            )
        if done.returncode:
            raise StartupError(f"The {name} cannot be prepared: {last_line(log)}")

    def _write_state(self) -> None:
        """Tell other tools what runs where; never a secret."""
        processes: dict[str, dict[str, Any]] = {
            name: {"pid": pid, "log": str(self._broker.log)} for name, pid in self._broker.pids.items()
        }
        for supervised in self._supervisor.processes:
            plan = supervised.plan
            if supervised.process is not None:
                pid = supervised.process.pid
                processes[plan.name] = {"pid": pid, "url": plan.url, "log": str(plan.log)}
        for recorded in processes.values():
            recorded["start_ticks"] = start_ticks(recorded["pid"])
        console_url = processes.get(CONSOLE.name, {}).get("url")
        self._home.write_state({"console_url": console_url, "processes": processes})
