"""`python -m stack.keys FOLDER`: the keys and passwords of the containers, made at their first start.

They stand in files, as `docker inspect` shows a container's environment. SCONNECT_HOME holds what the product
reads; FOLDER what RabbitMQ and PostgreSQL read, each under a user of its own: mount it nowhere else.
"""

import secrets
import sys
from pathlib import Path

from stack.home import Home
from stack.settings import StackSettings

USER = "sconnect"


def make_keys(home: Home, servers: Path) -> None:
    """Make what is missing; what is there stays, as the servers keep the password of their first start."""
    home.create()
    home.secrets_key_file()
    home.token_file()
    home.metrics_token_file()
    rabbitmq, postgres = _password(home, "rabbitmq"), _password(home, "postgres")
    home.private_file("amqp-url", f"amqp://{USER}:{rabbitmq}@rabbitmq:5672/%2F")
    home.private_file("pgpass", f"postgres:5432:*:{USER}:{postgres}")
    _replace(servers / "rabbitmq.conf", f"default_user = {USER}\ndefault_pass = {rabbitmq}\n")
    _replace(servers / "postgres-password", postgres + "\n")


def _password(home: Home, server: str) -> str:
    return home.private_file(f"{server}-password", secrets.token_urlsafe(32)).read_text().strip()


def _replace(file: Path, content: str) -> None:
    unfinished = file.with_suffix(".part")
    unfinished.write_text(content)
    unfinished.chmod(0o644)
    unfinished.replace(file)


def main() -> None:
    make_keys(Home(StackSettings().home), servers=Path(sys.argv[1]))


if __name__ == "__main__":
    main()
