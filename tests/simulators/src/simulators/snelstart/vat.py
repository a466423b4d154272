"""VAT: the Dutch rates by kind and date, the rates of the other EU countries by code and date."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from simulators.snelstart.countries import EU_MEMBERS
from simulators.snelstart.wire import Row, day_text

FIRST_DAY = "1900-01-01"
LAST_DAY = "2400-12-31"

# GET /btwtarieven: kind, percentage, first and last day. "Overig" has no percentage of its own.
DUTCH_RATES: Final = (
    ("Geen", "0", FIRST_DAY, LAST_DAY),
    ("Laag", "6", "1986-10-01", "2018-12-31"),
    ("Laag", "9", "2019-01-01", LAST_DAY),
    ("Hoog", "17.5", "1992-10-01", "2000-12-31"),
    ("Hoog", "19", "2001-01-01", "2012-09-30"),
    ("Hoog", "21", "2012-10-01", LAST_DAY),
    ("Overig", "0", "1968-01-01", LAST_DAY),
)

RATE_DEFINITIONS: Final = (
    {"rateCode": "SR", "shortName": "Standaard", "name": "Standaardtarief"},
    {"rateCode": "RRH", "shortName": "Verlaagd hoog", "name": "Verlaagd tarief (hoog)"},
    {"rateCode": "RRL", "shortName": "Verlaagd laag", "name": "Verlaagd tarief (laag)"},
    {"rateCode": "SRR", "shortName": "Superverlaagd", "name": "Superverlaagd tarief"},
    {"rateCode": "PR", "shortName": "Parkeer", "name": "Parkeertarief"},
)

# GET /vatrates: country, then code and rate, "@" and the first day where the rate changed since July 2021.
EU_RATES: Final = """
AUT SR 20 RRH 13 RRL 10 PR 13
BEL SR 21 RRH 12 RRL 6 PR 12
BGR SR 20 RRL 9
CYP SR 19 RRH 9 RRL 5
CZE SR 21 RRH 15 RRL 10 RRL 12@2024-01-01
DEU SR 19 RRL 7
DNK SR 25
ESP SR 21 RRL 10 SRR 4
EST SR 20 SR 22@2024-01-01 SR 24@2025-07-01 RRL 9
FIN SR 24 SR 25.5@2024-09-01 RRH 14 RRL 10
FRA SR 20 RRH 10 RRL 5.5 SRR 2.1
GRC SR 24 RRH 13 RRL 6
HRV SR 25 RRH 13 RRL 5
HUN SR 27 RRH 18 RRL 5
IRL SR 23 RRH 13.5 RRL 9 SRR 4.8 PR 13.5
ITA SR 22 RRH 10 RRL 5 SRR 4
LTU SR 21 RRH 9 RRL 5
LUX SR 17 SR 16@2023-01-01 SR 17@2024-01-01 RRL 8 SRR 3 PR 14
LVA SR 21 RRH 12 RRL 5
MLT SR 18 RRH 7 RRL 5
NLD SR 21 RRL 9
POL SR 23 RRH 8 RRL 5
PRT SR 23 RRH 13 RRL 6 PR 13
ROU SR 19 SR 21@2025-08-01 RRH 9 RRL 5
SVK SR 20 SR 23@2025-01-01 RRL 10
SVN SR 22 RRH 9.5 RRL 5
SWE SR 25 RRH 12 RRL 6
"""
# The day from which SnelStart books foreign VAT (developer portal, OSS).
FOREIGN_VAT_FROM: Final = date(2021, 7, 1)


def dutch_rate_rows() -> list[dict[str, Any]]:
    """Return the rows of GET /btwtarieven."""
    return [
        {
            "btwSoort": kind,
            "btwPercentage": Decimal(percentage),
            "datumVanaf": f"{first}T00:00:00",
            "datumTotEnMet": f"{last}T00:00:00",
        }
        for kind, percentage, first, last in DUTCH_RATES
    ]


def dutch_percentage(kind: str, day: date) -> Decimal | None:
    """Return the percentage of a kind on a day; None when there is none to hold an amount against."""
    if kind == "Overig":
        return None
    for rate_kind, percentage, first, last in DUTCH_RATES:
        if rate_kind == kind and first <= day.isoformat() <= last:
            return Decimal(percentage)
    return None


def eu_rate_rows() -> list[Row]:
    """Return the rows of GET /vatrates, one per country."""
    lines = EU_RATES.strip().splitlines()
    return [{"countryCode": line[:3], "vatRates": list(_rates(line))} for line in lines]


def foreign_percentage(country_iso: str, rate_code: str, day: date) -> Decimal | None:
    """Return the percentage of an EU country for a code on a day, None when it has none."""
    found: Decimal | None = None
    for row in eu_rate_rows():
        for rate in row["vatRates"] if row["countryCode"] == country_iso else ():
            if rate["rateCode"] == rate_code and rate["validFrom"] <= day_text(day):
                found = rate["rate"]
    return found


def is_other_member(country_code: str) -> bool:
    """Tell whether a country (two letters) is an EU member other than the Netherlands."""
    return country_code in EU_MEMBERS and country_code != "NL"


def _rates(line: str) -> Iterator[Row]:
    _, *words = line.split()
    for code, rate in zip(words[::2], words[1::2], strict=True):
        percentage, _, first_day = rate.partition("@")
        since = date.fromisoformat(first_day) if first_day else FOREIGN_VAT_FROM
        yield {"rateCode": code, "rate": Decimal(percentage), "validFrom": day_text(since)}
