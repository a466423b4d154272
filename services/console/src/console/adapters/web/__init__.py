"""The JSON API, which the command uses and the pages stand on."""

from console.adapters.web.api import Desks, create_api

__all__ = ["Desks", "create_api"]
