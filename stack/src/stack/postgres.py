"""A private PostgreSQL server for tests: its data are gone when it stops."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from sconnect.errors import StartupError
from stack.ports import LOOPBACK, free_port
from stack.processes import kill_process, start_process, stop_process
from stack.waiting import wait_until

DEBIAN_BINARIES = Path("/usr/lib/postgresql")
USER = "sconnect"
# PostgreSQL refuses to run as root; Debian's package makes this user.
UNPRIVILEGED_USER = "postgres"
START_SECONDS = 30.0
# Commits reach the kernel, so they survive a kill; a power cut may lose the data of a test.
SETTINGS = (
    f"listen_addresses={LOOPBACK}",
    "unix_socket_directories=",
    "max_connections=200",
    "fsync=off",
    "full_page_writes=off",
)


def postgres_binary(name: str) -> Path:
    """Return the path of a server program, of the newest version; StartupError when there is none."""
    versions = sorted(DEBIAN_BINARIES.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1]
    found = shutil.which(name)
    if found is None:
        raise StartupError("PostgreSQL is not installed: run `apt-get install postgresql` first.")
    return Path(found)


class PrivatePostgres:
    """One server on a free port of the loopback address, with a random password.

    `more_settings` are NAME=VALUE as in postgresql.conf; files they name must be readable to the server.
    """

    def __init__(self, *, more_settings: tuple[str, ...] = ()) -> None:
        self._more_settings = more_settings
        self._home: Path | None = None
        self._port = 0
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the server's own database, with the password: not for a log."""
        return self.database_url("postgres")

    def database_url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}:{self._password}@{LOOPBACK}:{self._port}/{database}"

    @property
    def pid(self) -> int:
        """The server's first process; StartupError before it was started."""
        if self._process is None:
            raise StartupError("The private PostgreSQL server was not started.")
        return self._process.pid

    def start(self) -> str:
        """Start the server, wait until it takes connections and return `url`."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="sconnect-postgres-"))
            self._port = free_port()
            self._initialise(self._home)
        # Processes of a killed server hold its memory for a moment, and a new one then refuses to start.
        if not wait_until(self._boot, timeout_seconds=START_SECONDS):
            log = (self._home / "postgres.log").read_text()
            raise StartupError(f"The private PostgreSQL server does not start: {log[-500:]}")
        return self.url

    def create_database(self, name: str) -> str:
        """Make an empty database and return its SQLAlchemy address."""
        self._client("createdb", name)
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        self._client("dropdb", "--force", "--if-exists", name)

    def stop(self) -> None:
        """Stop the server and remove its data."""
        if self._process is not None:
            # SIGTERM would wait for the clients to leave; SIGINT disconnects them.
            stop_process(self._process, signal_number=signal.SIGINT)
            self._process = None
        if self._home is not None:
            shutil.rmtree(self._home)
            self._home = None

    def kill(self) -> None:
        """End the server as a crash would; `start` finds the data again."""
        if self._process is not None:
            kill_process(self._process)
            self._process = None

    def _boot(self) -> bool:
        home = self._started_home()
        command = [str(postgres_binary("postgres")), "-D", str(home / "data"), "-p", str(self._port)]
        for setting in (*SETTINGS, *self._more_settings):
            command += ["-c", setting]
        process = self._process = start_process(
            command,
            log=home / "postgres.log",
            environment=self._environment(),
            user=self._server_user(),
        )
        wait_until(lambda: process.poll() is not None or self._answers(), timeout_seconds=START_SECONDS)
        return process.poll() is None

    def _started_home(self) -> Path:
        if self._home is None:
            raise StartupError("The private PostgreSQL server was not started.")
        return self._home

    def _initialise(self, home: Path) -> None:
        password_file = home / "password"
        password_file.write_text(self._password)
        user = self._server_user()
        if user is not None:
            shutil.chown(home, user, user)
            shutil.chown(password_file, user, user)
        # fmt: off
        command = [
            str(postgres_binary("initdb")), "--pgdata", str(home / "data"), "--username", USER,
            "--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--no-sync",
        ]
        # fmt: on
        subprocess.run(  # noqa: S603 - our own arguments
            command,
            env=self._environment(),
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            check=True,
            capture_output=True,
        )

    def _answers(self) -> bool:
        command = [str(postgres_binary("pg_isready")), "-h", LOOPBACK, "-p", str(self._port), "-q"]
        return not subprocess.run(command, env=self._environment(), check=False).returncode  # noqa: S603

    def _client(self, program: str, *arguments: str) -> None:
        login = ["-h", LOOPBACK, "-p", str(self._port), "-U", USER]
        command = [str(postgres_binary(program)), *login, *arguments]
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StartupError(f"{program} failed: {done.stderr.strip()}")

    def _server_user(self) -> str | None:
        return UNPRIVILEGED_USER if os.geteuid() == 0 else None

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PGPASSWORD": self._password,
        }
