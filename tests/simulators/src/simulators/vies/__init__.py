"""The EU's VIES service as its REST clients see it, in memory."""

from simulators.vies.app import create_app

__all__ = ["create_app"]
