"""Which addresses a profile may name."""

import pytest

from sconnect.profiles.addresses import address_problem


@pytest.mark.parametrize(
    "address",
    [
        "https://api.myonlinestore.com",
        "https://auth.snelstart.nl/b2b/token",
        "https://b2bapi.snelstart.nl:8443/v2/",
        "https://9.9.9.9/v2",
        "https://[2620:fe::fe]/v2",
        "https://3com.example.nl",
    ],
)
def test_public_addresses_are_taken(address: str) -> None:
    assert address_problem(address, allow_local_apis=False) is None


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "api.localhost",
        "printer.local",
        "metadata.google.internal",
        "simulators",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "10.0.0.8",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    assert address_problem(f"https://{host}/v2", allow_local_apis=False) == "profile.address_not_public"


@pytest.mark.parametrize(
    ("address", "text_key"),
    [
        ("http://api.example.com", "profile.address_not_https"),
        ("ftp://api.example.com", "profile.address_not_https"),
        ("api.example.com", "profile.bad_address"),
        ("https://", "profile.bad_address"),
        ("https://exa mple.com", "profile.bad_address"),
        ("https://example.com:99999", "profile.bad_address"),
        ("https://example.com\\@127.0.0.1", "profile.bad_address"),
        ("https://[::1", "profile.bad_address"),
        ("https://user:password@example.com", "profile.address_with_extras"),
        ("https://user@example.com", "profile.address_with_extras"),
        ("https://example.com/?token=x", "profile.address_with_extras"),
        ("https://example.com/#part", "profile.address_with_extras"),
    ],
)
def test_other_addresses_are_refused_with_the_reason(address: str, text_key: str) -> None:
    assert address_problem(address, allow_local_apis=False) == text_key


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://simulators:8000/v2", "https://[::1]:1"])
def test_local_addresses_are_taken_when_allowed(address: str) -> None:
    assert address_problem(address, allow_local_apis=True) is None


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "http://", "http://a:b@127.0.0.1"])
def test_nonsense_is_refused_also_when_local_addresses_are_allowed(address: str) -> None:
    assert address_problem(address, allow_local_apis=True) is not None
