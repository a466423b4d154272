"""SnelStart in memory: the authentication host and the B2B API v2 on one port, for many administrations."""

from simulators.snelstart.app import create_app

__all__ = ["create_app"]
