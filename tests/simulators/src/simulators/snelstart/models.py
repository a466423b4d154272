"""The models of the API, after SnelStart's OpenAPI description (b2b-api-v2)."""

from dataclasses import replace
from typing import Final

from simulators.snelstart.schema import (
    LINE_VAT_KINDS,
    MODIFIED_ON,
    Field,
    Kind,
    Model,
    boolean,
    choice,
    decimal,
    guid,
    integer,
    many,
    moment,
    nested,
    reference,
    text,
)

NAMESPACE: Final = "SnelStart.B2B.Api.V2.Models"

DOCUMENT: Final = Model(
    f"{NAMESPACE}.Documenten.DocumentModel",
    {"parentIdentifier": guid(), "fileName": text(), "readOnly": boolean(), "id": guid()},
    "documenten",
)
DOCUMENT_CONTENT: Final = replace(
    DOCUMENT,
    name=f"{NAMESPACE}.Documenten.DocumentContentModel",
    fields={"content": text(), **DOCUMENT.fields},
)
DOCUMENTS: Final = many(DOCUMENT, read_only=True)

ADDRESS: Final = Model(
    f"{NAMESPACE}.Relaties.AdresModel",
    {
        "contactpersoon": text(),
        "straat": text(),
        "postcode": text(),
        "plaats": text(),
        "land": reference("landen"),
    },
)
SEND_EMAIL: Final = Field(
    kind=Kind.MODEL,
    model=Model(
        f"{NAMESPACE}.Relaties.EmailVersturenModel",
        {"shouldSend": boolean(), "email": text(), "ccEmail": text()},
    ),
    default={},
)
RELATION_WRITE: Final = Model(
    f"{NAMESPACE}.Relaties.RelatieWriteModel",
    {
        "relatiesoort": Field(
            kind=Kind.CHOICES, choices=("Geen", "Klant", "Leverancier", "Eigen"), default=()
        ),
        "modifiedOn": MODIFIED_ON,
        "relatiecode": integer(),
        "naam": text(50, "REL-0007"),
        "vestigingsAdres": nested(ADDRESS),
        "correspondentieAdres": nested(ADDRESS),
        "telefoon": text(),
        "mobieleTelefoon": text(),
        "email": text(),
        "btwNummer": text(),
        "factuurkorting": decimal(),
        "krediettermijn": integer(),
        "bankieren": boolean(),
        "nonactief": boolean(),
        "kredietLimiet": decimal(),
        "memo": text(),
        "kvkNummer": text(12),
        "oin": text(20),
        "websiteUrl": text(100),
        "aanmaningsoort": choice("Nee", "Onderneming", "Consument"),
        "offerteEmailVersturen": SEND_EMAIL,
        "bevestigingsEmailVersturen": SEND_EMAIL,
        "factuurEmailVersturen": SEND_EMAIL,
        "aanmaningEmailVersturen": SEND_EMAIL,
        "offerteAanvraagEmailVersturen": SEND_EMAIL,
        "bestellingEmailVersturen": SEND_EMAIL,
        "ublBestandAlsBijlage": boolean(),
        "iban": text(50),
        "bic": text(15),
        "incassoSoort": choice("Geen", "Core", "B2B"),
        "factuurRelatie": reference("relaties"),
        "documents": DOCUMENTS,
        "id": guid(),
        "extraVeldenKlant": many(
            Model(f"{NAMESPACE}.Relaties.ExtraVeldRelatieModel", {"naam": text(), "waarde": text()}),
            read_only=True,
        ),
    },
    "relaties",
)
# Only the model that is read has a fax: a PUT cannot carry it.
RELATION: Final = replace(
    RELATION_WRITE,
    name=f"{NAMESPACE}.Relaties.RelatieModel",
    fields={**RELATION_WRITE.fields, "fax": replace(text(), read_only=True)},
)

VAT_ROW_KINDS: Final = (
    "VerkopenLaag",
    "VerkopenHoog",
    "VerkopenOverig",
    "VerkopenVerlegd",
    "InkopenLaag",
    "InkopenHoog",
    "InkopenOverig",
)
# Lines and VAT rows have names of their own; the binder takes both everywhere, because a mix-up is
# refused by a business rule (BOE-0082) and not by the binder.
ANY_VAT_KIND: Final = choice(*LINE_VAT_KINDS, *VAT_ROW_KINDS)

BOOKING_LINE: Final = Model(
    f"{NAMESPACE}.VerkoopBoekingen.VerkoopBoekingRegelModel",
    {
        "omschrijving": text(250, "BOE-0071"),
        "grootboek": reference("grootboeken", required=True),
        "kostenplaats": reference("kostenplaatsen"),
        "bedrag": decimal(),
        "btwSoort": ANY_VAT_KIND,
    },
)
BOOKING_VAT: Final = Model(
    f"{NAMESPACE}.VerkoopBoekingen.VerkoopBoekingBtwRegelModel",
    {"btwSoort": ANY_VAT_KIND, "btwBedrag": decimal()},
)
ONE_OFF_MANDATE: Final = Model(
    f"{NAMESPACE}.VerkoopBoekingen.VerkoopBoekingEenmaligeIncassoMachtigingModel",
    {"kenmerk": text(50), "omschrijving": text(250, required=True), "datum": moment(required=True)},
)
SALES_BOOKING: Final = Model(
    f"{NAMESPACE}.VerkoopBoekingen.VerkoopBoekingModel",
    {
        "modifiedOn": MODIFIED_ON,
        "boekstuk": text(25, "BOE-0068"),
        "gewijzigdDoorAccountant": boolean(read_only=True),
        "markering": boolean(),
        "factuurdatum": moment(),
        "factuurnummer": text(25, "BOE-0058", required=True),
        "klant": reference("relaties", required=True),
        "omschrijving": text(250, "BOE-0071"),
        "factuurbedrag": decimal(),
        "betalingstermijn": integer(0, 999),
        "eenmaligeIncassoMachtiging": nested(ONE_OFF_MANDATE),
        "doorlopendeIncassoMachtiging": reference("doorlopendeincassomachtigingen"),
        "boekingsregels": many(BOOKING_LINE, required=True),
        "btw": many(BOOKING_VAT),
        "documents": DOCUMENTS,
        "id": guid(),
    },
    "verkoopboekingen",
)
SALES_INVOICE: Final = Model(
    f"{NAMESPACE}.Verkoopfacturen.VerkoopfactuurModel",
    {
        "verkoopBoeking": reference("verkoopboekingen"),
        "modifiedOn": MODIFIED_ON,
        "openstaandSaldo": decimal(),
        "factuurnummer": text(25, required=True),
        "vervalDatum": moment(),
        "relatie": reference("relaties"),
        "factuurDatum": moment(),
        "factuurBedrag": decimal(),
        "verkoopOrders": many(Model("verkoopordersIdentifier", {"id": guid()}, "verkooporders")),
        "id": guid(),
    },
    "verkoopfacturen",
)

LEDGER: Final = Model(
    f"{NAMESPACE}.Grootboeken.GrootboekModel",
    {
        "modifiedOn": MODIFIED_ON,
        "omschrijving": text(),
        "kostenplaatsVerplicht": boolean(),
        "rekeningCode": choice("Balans", "WinstEnVerlies"),
        "nonactief": boolean(),
        "nummer": integer(),
        "grootboekfunctie": text(),
        "grootboekRubriek": text(),
        "rgsCode": many(
            Model(f"{NAMESPACE}.Grootboeken.RgsModel", {"versie": text(), "rgsCode": text()}), read_only=True
        ),
        "btwSoort": Field(kind=Kind.CHOICES, choices=LINE_VAT_KINDS, default=()),
        "vatRateCode": text(),
        "id": guid(),
    },
    "grootboeken",
)
LEDGER_ENTRY: Final = Model(
    f"{NAMESPACE}.GrootboekMutaties.GrootboekMutatieModel",
    {
        "grootboek": reference("grootboeken"),
        "kostenplaats": reference("kostenplaatsen"),
        "datum": moment(),
        "modifiedOn": MODIFIED_ON,
        "dagboek": reference("dagboeken"),
        "omschrijving": text(),
        "debet": decimal(),
        "credit": decimal(),
        "saldo": decimal(),
        "documents": DOCUMENTS,
        "boekstuk": text(),
        "factuurNummer": text(),
        "relatiePublicIdentifier": reference("relaties"),
        "id": guid(),
    },
    "grootboekmutaties",
)
JOURNAL: Final = Model(
    f"{NAMESPACE}.Dagboeken.DagboekModel",
    {
        "omschrijving": text(),
        "soort": text(),
        "nonactief": boolean(),
        "nummer": integer(),
        "id": guid(),
    },
    "dagboeken",
)
COST_CENTRE: Final = Model(
    f"{NAMESPACE}.Kostenplaatsen.KostenplaatsModel",
    {"omschrijving": text(), "nonactief": boolean(), "nummer": integer(), "id": guid()},
    "kostenplaatsen",
)
COUNTRY: Final = Model(
    f"{NAMESPACE}.Landen.LandModel",
    {"naam": text(), "landcodeISO": text(), "landcode": text(), "id": guid()},
    "landen",
)
REVENUE_GROUP: Final = Model(
    f"{NAMESPACE}.Artikelen.ArtikelOmzetGroepModel",
    {
        "nummer": integer(),
        "omschrijving": text(50),
        "verkoopGrootboekNederlandIdentifier": reference("grootboeken"),
        "verkoopNederlandBtwSoort": choice(*LINE_VAT_KINDS),
        "id": guid(),
    },
    "artikelomzetgroepen",
)
VAT_RATES: Final = Model(
    f"{NAMESPACE}.VatRates.VatRatesModel",
    {
        "countryCode": text(),
        "vatRates": many(
            Model(
                f"{NAMESPACE}.VatRates.VatRateModel",
                {"rateCode": text(), "rate": decimal(), "validFrom": moment()},
            )
        ),
    },
)
VAT_RATE_DEFINITION: Final = Model(
    f"{NAMESPACE}.VatRates.VatRateDefinitionModel",
    {"rateCode": text(), "shortName": text(), "name": text()},
)

LEDGER_LINE: Final = Model(
    f"{NAMESPACE}.Kasboekingen.GrootboekBoekingsRegelModel",
    {
        "omschrijving": text(250, "BOE-0071", required=True),
        "grootboek": reference("grootboeken", required=True),
        "kostenplaats": reference("kostenplaatsen"),
        "debet": decimal(),
        "credit": decimal(),
        "btwSoort": choice(*LINE_VAT_KINDS),
    },
)
PAYMENT_LINE: Final = Model(
    f"{NAMESPACE}.Kasboekingen.VerkoopBoekingVerantwoordingsRegelModel",
    {
        "boekingId": reference("verkoopboekingen"),
        "omschrijving": text(),
        "debet": decimal(),
        "credit": decimal(),
    },
)
SETTLEMENT_VAT: Final = Model(
    f"{NAMESPACE}.Kasboekingen.BtwBoekingregelModel",
    {
        "debet": decimal(),
        "credit": decimal(),
        "type": choice("TeVorderenBtwType", "AfTeDragenBtwType", required=True),
        "tarief": choice("Hoog", "Laag", "Overig", required=True),
    },
)
SETTLEMENT_FIELDS: Final = {
    "modifiedOn": MODIFIED_ON,
    "datum": moment(required=True),
    "markering": boolean(),
    "boekstuk": text(25, "BOE-0068"),
    "gewijzigdDoorAccountant": boolean(read_only=True),
    "omschrijving": text(250, "BOE-0071"),
    "dagboek": reference("dagboeken", required=True),
    "id": guid(),
}
BANK_BOOKING: Final = Model(
    f"{NAMESPACE}.Bankboekingen.BankboekingModel",
    {
        **SETTLEMENT_FIELDS,
        "grootboekBoekingsRegels": many(LEDGER_LINE),
        "verkoopboekingBoekingsRegels": many(PAYMENT_LINE),
        "btwBoekingsregels": many(SETTLEMENT_VAT),
        "bedragUitgegeven": decimal(required=True),
        "bedragOntvangen": decimal(required=True),
    },
    "bankboekingen",
)
CASH_BOOKING: Final = replace(
    BANK_BOOKING, name=f"{NAMESPACE}.Kasboekingen.KasboekingModel", resource="kasboekingen"
)
MEMORIAL_BOOKING: Final = Model(
    f"{NAMESPACE}.Bankboekingen.MemoriaalboekingModel",
    {
        **SETTLEMENT_FIELDS,
        "memoriaalBoekingsRegels": many(LEDGER_LINE),
        "verkoopboekingBoekingsRegels": many(
            Model(
                f"{NAMESPACE}.Bankboekingen.MemoriaalboekingModel.VerkoopBoekingVerantwoordingsRegelModel",
                {
                    "boekingId": reference("verkoopboekingen", required=True),
                    "omschrijving": text(250, "BOE-0071", required=True),
                    "bedrag": decimal(required=True),
                },
            )
        ),
    },
    "memoriaalboekingen",
)
