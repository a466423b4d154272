"""One setting names all nodes of a cluster."""

import pytest
from yarl import URL

from sconnect.messaging.nodes import node_addresses, with_query


@pytest.mark.parametrize(
    ("setting", "addresses"),
    [
        ("amqp://u:p@one:5672/%2F", ["amqp://u:p@one:5672/%2F"]),
        (
            "amqps://u:p@one:5671,two:5671,three/%2F?cafile=/ca.pem",
            [
                "amqps://u:p@one:5671/%2F?cafile=/ca.pem",
                "amqps://u:p@two:5671/%2F?cafile=/ca.pem",
                "amqps://u:p@three/%2F?cafile=/ca.pem",
            ],
        ),
        ("amqp://u:p%40q%2Cr@[::1]:5672,two/", ["amqp://u:p%40q%2Cr@[::1]:5672/", "amqp://u:p%40q%2Cr@two/"]),
        ("amqp://one,two", ["amqp://one", "amqp://two"]),
    ],
)
def test_there_is_an_address_for_each_node_with_the_same_login(setting: str, addresses: list[str]) -> None:
    assert node_addresses(setting) == addresses
    assert all(URL(address).host for address in addresses)


def test_options_come_beside_those_of_the_address() -> None:
    assert with_query("amqp://one/x?cafile=/ca.pem", "name=y") == "amqp://one/x?cafile=/ca.pem&name=y"
    assert with_query("amqp://one/x", "name=y") == "amqp://one/x?name=y"
