"""The chart of accounts, journals, cost centres and revenue groups of a new administration."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from simulators.snelstart.schema import LINE_VAT_KINDS
from simulators.snelstart.wire import Row

# Number, function, name; then, where it applies, code=… for the VAT rate, "inactief" or "kostenplaats".
LEDGERS: Final = """
0150 Diversen Inventaris
1000 DagboekKas Kas
1050 Kruisposten Kruisposten
1100 DagboekBank Rekening-courant bank
1300 DagboekVerkoop Debiteuren
1500 BtwTeVorderenLaag Btw te vorderen laag
1501 BtwTeVorderenHoog Btw te vorderen hoog
1502 BtwTeVorderenOverig Btw te vorderen overig
1600 DagboekInkoop Crediteuren
1670 BtwAfteDragenLaag Btw af te dragen laag
1671 BtwAfTeDragenHoog Btw af te dragen hoog
1672 BtwAfTeDragenOverig Btw af te dragen overig
1673 BtwAfTeDragenVerlegdVerkopen Btw verlegd verkopen
1674 BtwAfTeDragenVerlegdInkopen Btw verlegd inkopen
1690 Diversen Buitenlandse btw (OSS)
1760 Diversen Uitgegeven cadeaubonnen
1765 Diversen Statiegeld
1780 Diversen Tussenrekening betaalproviders
1900 DagboekMemoriaal Memoriaal
1950 DagboekBalans Beginbalans
2000 InkopenVraagPosten Vraagposten
4300 InkopenKostenAlleBtwTarieven Huisvestingskosten
4500 InkopenKostenAlleBtwTarieven Verkoopkosten
4540 InkopenKostenAlleBtwTarieven Verpakkingsmateriaal
4560 InkopenKostenAlleBtwTarieven Transactiekosten betaalproviders
4700 InkopenKostenAlleBtwTarieven Kantoorkosten
7000 InkopenKostenHoog Inkopen hoog
7010 InkopenKostenLaag Inkopen laag
7980 Betalingskorting Betalingsverschillen
8000 VerkopenOmzetHoog Omzet hoog (producten)
8010 VerkopenOmzetLaag Omzet laag (producten)
8020 VerkopenOmzetOverig Omzet overig (producten)
8040 VerkopenOmzetOnbelastVerlegd Omzet nul (producten)
8050 VerkopenOmzetOnbelastVerlegd Omzet verlegd (producten)
8060 VerkopenExportBuitenEU Omzet buiten EU (producten)
8070 VerkopenExportBinnenEU Omzet binnen EU (producten)
8077 InstallatieTeleverkoopBinnenEUgeen Afstandsverkopen standaardtarief code=SR
8100 VerkopenOmzetHoog Omzet hoog (handelsgoederen)
8105 VerkopenOmzetHoog Omzet hoog per vestiging kostenplaats
8110 VerkopenOmzetLaag Omzet laag (handelsgoederen)
8119 VerkopenOmzetLaag Omzet laag (vervallen) inactief
8120 VerkopenOmzetOverig Omzet overig (handelsgoederen)
8140 VerkopenOmzetOnbelastVerlegd Omzet nul (handelsgoederen)
8150 VerkopenOmzetOnbelastVerlegd Omzet verlegd (handelsgoederen)
8160 VerkopenExportBuitenEU Omzet buiten EU (handelsgoederen)
8170 VerkopenExportBinnenEU Omzet binnen EU (handelsgoederen)
8177 InstallatieTeleverkoopBinnenEUgeen Webwinkel EU standaardtarief code=SR
8178 InstallatieTeleverkoopBinnenEUgeen Webwinkel EU verlaagd hoog code=RRH
8179 InstallatieTeleverkoopBinnenEUgeen Webwinkel EU verlaagd laag code=RRL
8187 InstallatieTeleverkoopBinnenEUgeen Verzending EU standaardtarief code=SR
8189 InstallatieTeleverkoopBinnenEUgeen Verzending EU verlaagd laag code=RRL
8199 Diversen Omzet vrijgesteld
8200 VerkopenOmzetHoog Omzet hoog (diensten)
8210 VerkopenOmzetLaag Omzet laag (diensten)
8240 VerkopenOmzetOnbelastVerlegd Omzet nul (diensten)
8250 VerkopenOmzetOnbelastVerlegd Omzet verlegd (diensten)
8270 DienstverleningBinnenEU Omzet binnen EU (diensten)
8300 VerkopenOmzetHoog Verzendkosten hoog
8301 VerkopenOmzetLaag Verzendkosten laag
8304 VerkopenOmzetOnbelastVerlegd Verzendkosten nul
8306 VerkopenExportBuitenEU Verzend- en betaalkosten buiten EU
8307 VerkopenExportBinnenEU Verzend- en betaalkosten binnen EU
8309 Diversen Verzend- en betaalkosten vrijgesteld
8310 VerkopenOmzetHoog Betaalkosten hoog
8311 VerkopenOmzetLaag Betaalkosten laag
8320 VerkopenOmzetHoog Kortingen hoog
8321 VerkopenOmzetLaag Kortingen laag
8324 VerkopenOmzetOnbelastVerlegd Kortingen nul
8326 VerkopenExportBuitenEU Kortingen buiten EU
8327 VerkopenExportBinnenEU Kortingen binnen EU
8329 Diversen Kortingen vrijgesteld
8990 Diversen Afrondingsverschillen
"""
JOURNAL_KINDS: Final = {
    "DagboekKas": "Kas",
    "DagboekBank": "Bank",
    "DagboekVerkoop": "Verkoop",
    "DagboekInkoop": "Inkoop",
    "DagboekMemoriaal": "Memoriaal",
    "DagboekBalans": "Balans",
}
VAT_KINDS_OF_FUNCTION: Final[Mapping[str, tuple[str, ...]]] = {
    "VerkopenOmzetHoog": ("Hoog",),
    "VerkopenOmzetLaag": ("Laag",),
    "VerkopenOmzetOverig": ("Overig",),
    "InkopenKostenHoog": ("Hoog",),
    "InkopenKostenLaag": ("Laag",),
    "InkopenKostenOverig": ("Overig",),
    "InkopenKostenAlleBtwTarieven": LINE_VAT_KINDS,
    "InkopenVraagPosten": LINE_VAT_KINDS,
}
# The line of a sales booking must name its VAT kind on these (functions 30 and 34).
FUNCTIONS_WITHOUT_KIND: Final = frozenset({"InkopenKostenAlleBtwTarieven", "InkopenVraagPosten"})
COST_CENTRES: Final = ((1, "Webwinkel", False), (2, "Winkel Utrecht", False), (9, "Marktkraam", True))
REVENUE_GROUPS: Final = (
    (1, "Hoog btw (goederen)", 8100),
    (2, "Laag btw (goederen)", 8110),
    (5, "Hoog btw (diensten)", 8200),
)
# In SnelStart's chart costs and revenue start here.
FIRST_PROFIT_AND_LOSS_NUMBER: Final = 4000
FOREIGN_VAT_LEDGER: Final = 1690


def default_ledgers(administration: UUID, modified_on: str) -> list[Row]:
    """Return the rows of the default chart; their ids belong to the administration."""
    return [
        complete_ledger({**_ledger(line), "modifiedOn": modified_on}, administration)
        for line in LEDGERS.strip().splitlines()
    ]


def complete_ledger(row: Row, administration: UUID) -> Row:
    """Fill in what follows from a ledger's number and function."""
    number = row["nummer"]
    is_balance = number < FIRST_PROFIT_AND_LOSS_NUMBER
    return {
        "id": own_id(administration, "grootboeken", number),
        "rekeningCode": "Balans" if is_balance else "WinstEnVerlies",
        "grootboekRubriek": "Balans" if is_balance else "Kosten en opbrengsten",
        "btwSoort": VAT_KINDS_OF_FUNCTION.get(row["grootboekfunctie"], ("Geen",)),
        **row,
    }


def journals(administration: UUID, ledgers: Iterable[Row]) -> list[Row]:
    """Return the journals: one for each ledger whose function makes it one."""
    return [
        {
            "id": own_id(administration, "dagboeken", ledger["nummer"]),
            "nummer": ledger["nummer"],
            "omschrijving": ledger["omschrijving"],
            "soort": JOURNAL_KINDS[ledger["grootboekfunctie"]],
            "grootboek": ledger["id"],
        }
        for ledger in ledgers
        if ledger["grootboekfunctie"] in JOURNAL_KINDS
    ]


def cost_centres(administration: UUID) -> list[Row]:
    return [
        {
            "id": own_id(administration, "kostenplaatsen", number),
            "nummer": number,
            "omschrijving": name,
            "nonactief": is_inactive,
        }
        for number, name, is_inactive in COST_CENTRES
    ]


def revenue_groups(administration: UUID) -> list[Row]:
    return [
        {
            "id": own_id(administration, "artikelomzetgroepen", number),
            "nummer": number,
            "omschrijving": name,
            "verkoopGrootboekNederlandIdentifier": {"id": own_id(administration, "grootboeken", ledger)},
            "verkoopNederlandBtwSoort": "Laag" if "Laag" in name else "Hoog",
        }
        for number, name, ledger in REVENUE_GROUPS
    ]


def own_id(administration: UUID, resource: str, number: int) -> str:
    """Return the id of a numbered row, which differs in each administration."""
    return str(uuid5(administration, f"{resource}/{number}"))


def _ledger(line: str) -> dict[str, Any]:
    number, function, *words = line.split()
    row: dict[str, Any] = {"nummer": int(number), "grootboekfunctie": function}
    match words[-1]:
        case "inactief":
            row["nonactief"] = True
        case "kostenplaats":
            row["kostenplaatsVerplicht"] = True
        case mark if mark.startswith("code="):
            row["vatRateCode"] = mark.removeprefix("code=")
        case _:
            words.append("")
    return {**row, "omschrijving": " ".join(words[:-1])}
