import json
from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography.fernet import Fernet

from sconnect.errors import StartupError
from stack.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_only_its_owner_may_look_inside(home: Home) -> None:
    assert S_IMODE(home.folder.stat().st_mode) == 0o700
    assert S_IMODE(home.secrets_key_file().stat().st_mode) == 0o600
    assert S_IMODE(home.token_file().stat().st_mode) == 0o600


def test_keys_are_made_once_and_the_secrets_key_encrypts(home: Home) -> None:
    key = home.secrets_key_file().read_text()
    token = home.token_file().read_text()
    assert Fernet(key.strip().encode()).decrypt(Fernet(key.strip().encode()).encrypt(b"x")) == b"x"
    again = Home(home.folder)
    assert again.secrets_key_file().read_text() == key
    assert again.token_file().read_text() == token
    assert key != token


def test_a_second_product_on_the_same_home_is_told_where_the_first_one_is(home: Home) -> None:
    with home.claimed():
        home.write_state({"console_url": "http://127.0.0.1:8080", "processes": {}})
        with pytest.raises(StartupError, match=r"already runs on .*127\.0\.0\.1:8080.*stop it first\.$"):
            Home(home.folder).claimed().__enter__()
    with Home(home.folder).claimed():
        pass


def test_the_state_is_replaced_as_a_whole_and_gone_after_a_clean_stop(home: Home) -> None:
    assert home.read_state() == {}
    home.write_state({"processes": {"poller": {"pid": 1}}})
    assert json.loads((home.folder / "stack.json").read_text()) == home.read_state()
    home.remove_state()
    assert home.read_state() == {}


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartupError, match=r"file/home cannot be used as a home: Not a directory\.$"):
        Home(tmp_path / "file" / "home").create()


def test_the_demo_empties_its_own_home_and_no_other(home: Home) -> None:
    home.start_afresh()
    (home.folder / "log").mkdir()
    (home.folder / "log" / "poller.log").touch()
    home.start_afresh()
    assert [entry.name for entry in home.folder.iterdir()] == ["made-by-the-demo"]
    (home.folder / "made-by-the-demo").unlink()
    (home.folder / "precious").touch()
    with pytest.raises(StartupError, match=r"was not made by the demo"):
        home.start_afresh()
    assert (home.folder / "precious").exists()
