"""The keyring: where its keys come from, and what it never tells."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from sconnect.errors import StartupError
from sconnect.profiles import SecretsKeyring, new_secrets_key, read_keyring
from sconnect.profiles.secrets import SecretsUnreadable


def test_what_was_encrypted_comes_back_and_looks_different() -> None:
    keyring = SecretsKeyring([new_secrets_key()])
    token = keyring.encrypt("connection-key é")
    assert "connection" not in token
    assert keyring.decrypt(token) == "connection-key é"


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    old, new = new_secrets_key(), new_secrets_key()
    token = SecretsKeyring([old]).encrypt("text")
    both = SecretsKeyring([new, old])
    assert both.decrypt(token) == "text"
    assert SecretsKeyring([new]).decrypt(both.encrypt("text")) == "text"
    with pytest.raises(SecretsUnreadable):
        SecretsKeyring([new]).decrypt(token)


@pytest.mark.parametrize("token", ["", "not a token", "é", "gAAAAA=="])
def test_a_text_that_no_key_made_is_unreadable(token: str) -> None:
    with pytest.raises(SecretsUnreadable):
        SecretsKeyring([new_secrets_key()]).decrypt(token)


def test_keys_come_from_the_setting_or_from_the_file(tmp_path: Path) -> None:
    first, second = new_secrets_key(), new_secrets_key()
    token = SecretsKeyring([second]).encrypt("text")
    file = tmp_path / "keys"
    file.write_text(f"{first}\n\n  {second}\n")
    assert read_keyring(None, file).decrypt(token) == "text"
    assert read_keyring(SecretStr(f"{first}, {second},"), None).decrypt(token) == "text"
    assert read_keyring(SecretStr(" "), file).decrypt(token) == "text"


def test_without_a_key_nothing_starts(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for key, file in ((None, None), (SecretStr(","), None), (None, empty)):
        with pytest.raises(StartupError, match="SCONNECT_SECRETS_KEY"):
            read_keyring(key, file)
    with pytest.raises(StartupError, match="cannot be read"):
        read_keyring(None, tmp_path / "absent")


@pytest.mark.parametrize("key", ["hunter2", "hunter2" * 7, "é" * 44])
def test_a_bad_key_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(StartupError) as refusal:
        SecretsKeyring([new_secrets_key(), key])
    assert key not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_a_keyring_does_not_show_its_keys() -> None:
    key = new_secrets_key()
    assert key not in repr(SecretsKeyring([key]))
