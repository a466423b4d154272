"""The JSON API, which the command uses, and the pages for people."""

from console.adapters.web.access import Cookies, Doors
from console.adapters.web.api import create_web
from console.adapters.web.desks import Desks

__all__ = ["Cookies", "Desks", "Doors", "create_web"]
