"""The folder in which a product keeps its state: keys, databases, logs, and who runs now."""

import base64
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sconnect.errors import StartupError

SECRETS_KEY_BYTES = 32
LOCK = "lock"


class Home:
    """SCONNECT_HOME. Only its owner may look inside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def create(self) -> None:
        """Make the folder, private to its owner; StartupError when that cannot be."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise StartupError(f"{self.folder} cannot be used as a home: {error.strerror}.") from error

    @property
    def broker(self) -> Path:
        return self.folder / "rabbitmq"

    def log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    def database_url(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self.folder / f'{name}.sqlite3'}"

    def secrets_key_file(self) -> Path:
        """Return the file with the key that encrypts the profiles' secrets, made at the first call."""
        key = base64.urlsafe_b64encode(secrets.token_bytes(SECRETS_KEY_BYTES)).decode()
        return self.private_file("secrets-key", key)

    def token_file(self) -> Path:
        """Return the file with the token by which the command signs in, made at the first call."""
        return self.private_file("token", secrets.token_urlsafe(32))

    def metrics_token_file(self) -> Path:
        """Return the file with the token by which Prometheus asks the console, made at the first call."""
        return self.private_file("metrics-token", secrets.token_urlsafe(32))

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep other products out of this home; the kernel lets go when this process ends in any way."""
        with (self.folder / LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                address = self.read_state().get("console_url", "an address of its own")
                raise StartupError(
                    f"The product already runs on {self.folder}, its console at {address}: stop it first."
                ) from None
            yield

    @property
    def _state_file(self) -> Path:
        return self.folder / "stack.json"

    def read_state(self) -> dict[str, Any]:
        """Return what the last product wrote down; empty when it stopped in order."""
        if not self._state_file.exists():
            return {}
        state: dict[str, Any] = json.loads(self._state_file.read_text())
        return state

    def write_state(self, state: Mapping[str, Any]) -> None:
        unfinished = self._state_file.with_suffix(".part")
        unfinished.write_text(json.dumps(state, indent=2) + "\n")
        unfinished.replace(self._state_file)

    def remove_state(self) -> None:
        self._state_file.unlink(missing_ok=True)

    def start_afresh(self) -> None:
        """Remove what an earlier demo left; StartupError for a folder that no demo made."""
        mark = self.folder / "made-by-the-demo"
        earlier = [entry for entry in self.folder.iterdir() if entry.name != LOCK]
        if earlier and not mark.exists():
            raise StartupError(f"{self.folder} was not made by the demo, so the demo does not empty it.")
        for entry in earlier:
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        mark.touch()

    def private_file(self, name: str, content: str) -> Path:
        """Return a file for its owner's eyes only, made whole with this content unless it exists."""
        file = self.folder / name
        if not file.exists():
            unfinished = file.with_suffix(".part")
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as written:
                written.write(content + "\n")
            unfinished.replace(file)
        return file
