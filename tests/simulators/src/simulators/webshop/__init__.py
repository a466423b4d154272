"""The MyOnlineStore Connect API, read side, for any number of shops."""

from simulators.webshop.app import create_app

__all__ = ["create_app"]
