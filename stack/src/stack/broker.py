"""A private RabbitMQ node: its own data, cookie, user and epmd, reachable from this machine only."""

import json
import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from sconnect.errors import StartupError
from sconnect.messaging.rights import SERVICES, definitions_of_users, user_of
from stack.ports import LOOPBACK, free_port, is_free, usual_or_free
from stack.processes import kill_process, start_process, stop_process
from stack.waiting import wait_until

# Debian's /usr/sbin/rabbitmq-server changes to the user `rabbitmq` and to /var/lib: never use that one.
DEBIAN_BINARIES = Path("/usr/lib/rabbitmq/bin")
USER = "sconnect"
# The data belong to the node's name. It may be the same in every home, because each has an epmd of its own.
NODE_NAME = "sconnect@localhost"
START_SECONDS = 120.0
START_ATTEMPTS = 3
STOP_SECONDS = 10.0
# A node that died while messages left a wait queue sends the unconfirmed ones again only after this time; by
# default 180 s (`dead_letter_worker_publisher_confirm_timeout` in rabbit.app). As in deploy/rabbitmq.
DEAD_LETTER_CONFIRM_SECONDS_MAX = 30
PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"


@dataclass(frozen=True)
class BrokerPorts:
    amqp: int
    distribution: int
    epmd: int

    def all_free(self) -> bool:
        return all(map(is_free, (self.amqp, self.distribution, self.epmd)))


def broker_binary(name: str) -> Path:
    """Return the path of RabbitMQ's own script; StartupError when RabbitMQ is not installed."""
    if (DEBIAN_BINARIES / name).exists():
        return DEBIAN_BINARIES / name
    found = shutil.which(name)
    if found is None:
        raise StartupError("RabbitMQ is not installed: run `apt-get install rabbitmq-server` first.")
    return Path(found)


def amqp_answers(port: int) -> bool:
    """Tell whether a broker greets on the port, as it does only when it takes connections."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            connection.sendall(PROTOCOL_HEADER)
            return connection.recv(1) == METHOD_FRAME
    except OSError:
        return False


class PrivateBroker:
    """One node whose data live in `home`; a second start of the same home finds them again.

    Only one PrivateBroker may use a home at a time. `amqp_port` is taken when it is free. `more_settings` are
    lines of its rabbitmq.conf. Beside the administrator of `url` it knows a user of each service.
    """

    def __init__(self, home: Path, *, amqp_port: int = 0, more_settings: tuple[str, ...] = ()) -> None:
        self._home = home.absolute()
        self._more_settings = more_settings
        self._usual_amqp_port = amqp_port
        self._ports: BrokerPorts | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The AMQP address of the node's own vhost, with user and password: not for a log."""
        return self.vhost_url("/")

    @property
    def amqp_port(self) -> int:
        return self._started_ports().amqp

    @property
    def log(self) -> Path:
        return self._home / "log" / "console.log"

    @property
    def pids(self) -> dict[str, int]:
        """The processes that were started last, by name."""
        known = {"rabbitmq": self._node, "epmd": self._epmd}
        return {name: process.pid for name, process in known.items() if process is not None}

    def vhost_url(self, vhost: str) -> str:
        return self._address(USER, self._password(USER), vhost)

    def service_url(self, service: str, vhost: str = "/") -> str:
        """The AMQP address with the login of a service, which may do only its part: not for a log."""
        return self._address(user_of(service), self._password(user_of(service)), vhost)

    def _address(self, user: str, password: str, vhost: str) -> str:
        return f"amqp://{user}:{password}@{LOOPBACK}:{self.amqp_port}/{quote(vhost, safe='')}"

    def is_running(self) -> bool:
        return self._node is not None and self._node.poll() is None

    def start(self) -> str:
        """Start the node and return `url` once its AMQP port answers; StartupError when it never does."""
        if self.is_running():
            return self.url
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(START_ATTEMPTS):
            self._ports = self._choose_ports()
            self._write_configuration(self._ports)
            self.revive()
            if wait_until(self._settled, timeout_seconds=START_SECONDS) and self._is_ours():
                return self.url
            self.stop()
        raise StartupError(f"The private RabbitMQ node does not start; see {self.log}.")

    def revive(self) -> None:
        """Start a node that died again on its ports, without waiting until it answers."""
        environment = self._environment(self._started_ports())
        if self._epmd is None or self._epmd.poll() is not None:
            epmd = ["epmd", "-port", environment["ERL_EPMD_PORT"], "-address", LOOPBACK]
            self._epmd = start_process(epmd, log=self.log, environment=environment)
        server = [str(broker_binary("rabbitmq-server"))]
        self._node = start_process(server, log=self.log, environment=environment)

    def stop(self) -> None:
        """Stop the node cleanly, then its epmd."""
        if self._node is not None:
            stop_process(self._node, timeout_seconds=STOP_SECONDS)
            self._node = None
        if self._epmd is not None:
            stop_process(self._epmd, timeout_seconds=1)
            self._epmd = None

    def kill(self) -> None:
        """End the node as a power cut would; its epmd stays for the next start."""
        if self._node is not None:
            kill_process(self._node)
            self._node = None

    def restart(self) -> str:
        """Stop cleanly, start again on the same ports and return `url`."""
        self.stop()
        return self.start()

    def add_vhost(self, name: str) -> str:
        """Make a vhost that the node's user may use in full; return its AMQP address."""
        self.control("add_vhost", name)
        self.control("set_permissions", "-p", name, USER, ".*", ".*", ".*")
        return self.vhost_url(name)

    def delete_vhost(self, name: str) -> None:
        self.control("delete_vhost", name)

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` against this node and return what it printed."""
        command = [str(broker_binary("rabbitmqctl")), "--quiet", *arguments]
        environment = self._environment(self._started_ports())
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StartupError(f"rabbitmqctl {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def _settled(self) -> bool:
        return not self.is_running() or amqp_answers(self.amqp_port)

    def _is_ours(self) -> bool:
        """Whether the broker behind the port is this node: another may have taken the port in between."""
        try:
            self.control("await_startup", "--timeout", str(round(START_SECONDS)))
        except StartupError:
            return False
        return self.is_running()

    def _started_ports(self) -> BrokerPorts:
        if self._ports is None:
            raise StartupError("The private RabbitMQ node was not started.")
        return self._ports

    def _choose_ports(self) -> BrokerPorts:
        """Return the ports of the last time when they are free, else new ones."""
        if self._epmd is not None and self._ports is not None:
            return self._ports
        saved = self._home / "ports.json"
        if saved.exists():
            ports = BrokerPorts(**json.loads(saved.read_text()))
            # A node that just ended frees its ports a moment later.
            if wait_until(ports.all_free, timeout_seconds=2):
                return ports
        ports = BrokerPorts(usual_or_free(self._usual_amqp_port), free_port(), free_port())
        saved.write_text(json.dumps(asdict(ports)))
        return ports

    def _password(self, user: str) -> str:
        file = self._password_file(user)
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _password_file(self, user: str) -> Path:
        return self._home / ("password" if user == USER else f"password-{user}")

    def _write_configuration(self, ports: BrokerPorts) -> None:
        """Write the node's settings and users. With definitions to load, RabbitMQ makes no `guest`."""
        users = self._home / "definitions.json"
        users.touch(mode=0o600)
        passwords = {service: self._password(user_of(service)) for service in SERVICES}
        users.write_text(json.dumps(definitions_of_users(USER, self._password(USER), passwords)))
        settings = [
            f"listeners.tcp.1 = {LOOPBACK}:{ports.amqp}",
            f"load_definitions = {users}",
            *self._more_settings,
        ]
        (self._home / "rabbitmq.conf").write_text("\n".join(settings) + "\n")
        (self._home / "enabled_plugins").write_text("[].\n")
        confirm = (
            f"{{dead_letter_worker_publisher_confirm_timeout, {DEAD_LETTER_CONFIRM_SECONDS_MAX * 1000}}}"
        )
        (self._home / "advanced.config").write_text(f"[{{rabbit, [{confirm}]}}].\n")

    def _environment(self, ports: BrokerPorts) -> dict[str, str]:
        home = self._home
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(home),  # the Erlang cookie is made here
            "ERL_EPMD_PORT": str(ports.epmd),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": NODE_NAME,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(ports.amqp),
            "RABBITMQ_DIST_PORT": str(ports.distribution),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_PID_FILE": str(home / "pid"),
            # Makes the script become the Erlang machine: the process we start is the node itself.
            "RUNNING_UNDER_SYSTEMD": "true",
            # Idle schedulers sleep instead of spinning: a small machine has other work to do.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
        }
