"""Runs in the bench's own environment: writes pseudopeople's sample tables of 2020 and 2030 as CSV.

`python generate_people.py FOLDER`: census_2020.csv, w2_2020.csv and w2_2030.csv, with the noise that
pseudopeople adds by default.
"""

import sys
from pathlib import Path

import pseudopeople

CENSUS_COLUMNS = {
    "simulant_id": "person",
    "first_name": "first_name",
    "middle_initial": "middle_initial",
    "last_name": "last_name",
    "street_number": "number",
    "street_name": "street",
    "unit_number": "unit",
}
W2_COLUMNS = {
    **{name: CENSUS_COLUMNS[name] for name in ("simulant_id", "first_name", "middle_initial", "last_name")},
    "mailing_address_street_number": "number",
    "mailing_address_street_name": "street",
    "mailing_address_unit_number": "unit",
}


def main() -> None:
    folder = Path(sys.argv[1])
    census = pseudopeople.generate_decennial_census(year=2020)
    census.rename(columns=CENSUS_COLUMNS)[list(CENSUS_COLUMNS.values())].to_csv(
        folder / "census_2020.csv", index=False
    )
    for year in (2020, 2030):
        earnings = pseudopeople.generate_taxes_w2_and_1099(year=year)
        earnings.rename(columns=W2_COLUMNS)[list(W2_COLUMNS.values())].to_csv(
            folder / f"w2_{year}.csv", index=False
        )


if __name__ == "__main__":
    main()
