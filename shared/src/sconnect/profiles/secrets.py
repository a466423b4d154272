"""Encrypts the keys in profiles with a key that lives outside the database."""

from collections.abc import Iterable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from sconnect.errors import SConnectError, StartupError


class SecretsUnreadable(SConnectError):
    """None of the keys at hand made this text."""


class SecretsKeyring:
    """One or more Fernet keys: the first encrypts, all decrypt, so that a key can be replaced."""

    def __init__(self, keys: Iterable[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            raise StartupError(
                "A key in SCONNECT_SECRETS_KEY is not usable: each must be 32 bytes in URL-safe base64."
            ) from None
        if not fernets:
            raise StartupError(
                "There is no secrets key: set SCONNECT_SECRETS_KEY or SCONNECT_SECRETS_KEY_FILE."
            )
        self._fernets = MultiFernet(fernets)

    def encrypt(self, text: str) -> str:
        return self._fernets.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Raises SecretsUnreadable when none of the keys fits."""
        try:
            return self._fernets.decrypt(token).decode()
        except (InvalidToken, ValueError):
            raise SecretsUnreadable from None


def read_keyring(key: SecretStr | None, key_file: Path | None) -> SecretsKeyring:
    """The keyring of SCONNECT_SECRETS_KEY (keys between commas) or SCONNECT_SECRETS_KEY_FILE (one a line)."""
    if key is not None and key.get_secret_value().strip():
        return SecretsKeyring(_without_blanks(key.get_secret_value().split(",")))
    if key_file is None:
        return SecretsKeyring(())
    try:
        lines = key_file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"The file of SCONNECT_SECRETS_KEY_FILE, {key_file}, cannot be read.") from error
    return SecretsKeyring(_without_blanks(lines))


def new_secrets_key() -> str:
    return Fernet.generate_key().decode()


def _without_blanks(texts: Iterable[str]) -> list[str]:
    return [text.strip() for text in texts if text.strip()]
