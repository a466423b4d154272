"""Three private RabbitMQ nodes that form one cluster on this machine, each of which can be killed."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sconnect.messaging.rights import SERVICES, user_of
from stack.broker import USER, BrokerPorts, PrivateBroker, broker_binary
from stack.ports import LOOPBACK, free_port
from stack.processes import start_process, stop_process

NODES = 3
# The settings of docs/rabbitmq-cluster.md, and a first node that does not wait for the others.
SETTINGS = (
    "cluster_partition_handling = pause_minority",
    "cluster_formation.peer_discovery_backend = classic_config",
    *(
        f"cluster_formation.classic_config.nodes.{number} = sconnect-{number}@localhost"
        for number in range(1, NODES + 1)
    ),
    "cluster_formation.discovery_retry_limit = 2",
    "cluster_formation.discovery_retry_interval = 100",
)


class ClusterNode(PrivateBroker):
    """One node; cookie, epmd and passwords are those of its cluster."""

    def __init__(self, number: int, folder: Path, epmd_port: int) -> None:
        super().__init__(folder / f"node-{number}", more_settings=SETTINGS)
        self.name = f"sconnect-{number}@localhost"
        self._folder = folder
        self._epmd_port = epmd_port

    def revive(self) -> None:
        environment = self._environment(self._started_ports())
        server = [str(broker_binary("rabbitmq-server"))]
        self._node = start_process(server, log=self.log, environment=environment)

    def share_passwords_of(self, other: "ClusterNode") -> None:
        for user in (USER, *map(user_of, SERVICES)):
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            other._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._password_file(user).touch(mode=0o600)
            self._password_file(user).write_text(other._password(user))

    def _choose_ports(self) -> BrokerPorts:
        return self._ports or BrokerPorts(free_port(), free_port(), self._epmd_port)

    def _environment(self, ports: BrokerPorts) -> dict[str, str]:
        return super()._environment(ports) | {"HOME": str(self._folder), "RABBITMQ_NODENAME": self.name}


class PrivateCluster:
    """Started as a whole; `url` names all nodes, the first one first."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._epmd_port = free_port()
        self._epmd: subprocess.Popen[bytes] | None = None
        self.nodes = [ClusterNode(number, folder, self._epmd_port) for number in range(1, NODES + 1)]

    @property
    def url(self) -> str:
        first = urlsplit(self.nodes[0].url)
        login = first.netloc.rpartition("@")[0]
        hosts = ",".join(f"{LOOPBACK}:{node.amqp_port}" for node in self.nodes)
        return urlunsplit(first._replace(netloc=f"{login}@{hosts}"))

    def start(self) -> None:
        epmd = ["epmd", "-port", str(self._epmd_port), "-address", LOOPBACK]
        path = {"PATH": os.environ.get("PATH", os.defpath)}
        self._epmd = start_process(epmd, log=self._folder / "epmd.log", environment=path)
        first, *others = self.nodes
        for node in others:
            node.share_passwords_of(first)
        # The nodes read one cookie; whoever comes first would make it while the others do.
        cookie = self._folder / ".erlang.cookie"
        cookie.touch(mode=0o600)
        cookie.write_text("private-cluster-of-a-test")
        cookie.chmod(0o400)
        # Nodes that begin at the same moment on a busy machine may each find nobody to join.
        first.start()
        with ThreadPoolExecutor(NODES) as pool:
            list(pool.map(lambda node: node.start(), others))

    def leader_of(self, queue: str) -> ClusterNode:
        """The node that leads a queue, as one that runs knows it."""
        asked = next(node for node in self.nodes if node.is_running())
        rows = json.loads(asked.control("list_queues", "name", "leader", "--formatter", "json"))
        leader = next(row["leader"] for row in rows if row["name"] == queue)
        return next(node for node in self.nodes if node.name == leader)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        if self._epmd is not None:
            stop_process(self._epmd, timeout_seconds=1)
