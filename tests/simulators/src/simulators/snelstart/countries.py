"""The countries that GET /landen lists; their ids are the same in every administration."""

import csv
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from simulators.snelstart.wire import Row

HOME: Final = "NL"
# fmt: off
EU_MEMBERS: Final = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on


class Countries:
    """The list of countries, found by id or by their code of two letters."""

    @cached_property
    def by_id(self) -> Mapping[str, Row]:
        with files("simulators.snelstart").joinpath("landen.csv").open(encoding="utf-8") as lines:
            rows = [
                {**row, "id": _country_id(row["landcode"])} for row in csv.DictReader(lines, delimiter=";")
            ]
        return {str(row["id"]): row for row in rows}

    @cached_property
    def reference_by_code(self) -> Mapping[str, Row]:
        """References `{"id": …}` by code; shared by all addresses, so never to be changed."""
        return {row["landcode"]: {"id": row["id"]} for row in self.by_id.values()}

    def code_of(self, address: Row | None) -> str:
        """Return the code of an address's country; one without is Dutch."""
        land = self.by_id.get(((address or {}).get("land") or {}).get("id", ""))
        return HOME if land is None else str(land["landcode"])


def _country_id(code: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"https://b2bapi.snelstart.nl/v2/landen/{code}"))
