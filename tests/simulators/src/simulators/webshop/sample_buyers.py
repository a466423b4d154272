"""The invented buyers of the sample orders."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

COUNTRY_NAMES: Final = {
    "NL": "Nederland",
    "BE": "België",
    "DE": "Duitsland",
    "CH": "Zwitserland",
    "GB": "Verenigd Koninkrijk",
}


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """A person or company; `taxnumber` None leaves the field out, empty text sends it empty."""

    name: str
    email: str | None
    street: str
    number: str
    zipcode: str
    city: str
    country_code: str = "NL"
    company: str = ""
    phone: str = ""
    taxnumber: str | None = None
    locale: str = "nl_NL"

    def address(self) -> dict[str, Any]:
        """Return the address as the shop writes it."""
        return {
            "gender": "",
            "name": self.name,
            "company": self.company,
            "phone": self.phone,
            "street": self.street,
            "number": self.number,
            "zipcode": self.zipcode,
            "city": self.city,
            "country": COUNTRY_NAMES[self.country_code],
            "country_code": self.country_code,
        }

    def debtor(self, delivery: "Buyer | None" = None) -> dict[str, Any]:
        """Return the debtor of an order that goes to `delivery`, or to the buyer."""
        invoice = self.address()
        if self.taxnumber is not None:
            invoice["taxnumber"] = self.taxnumber
        debtor = {
            "gender": "",
            "name": self.name,
            "company": self.company,
            "phone": self.phone,
            "address": {"invoice": invoice, "delivery": (delivery or self).address()},
        }
        if self.email is not None:
            debtor["id"] = str(uuid5(NAMESPACE_URL, f"mailto:{self.email.strip().lower()}"))
            debtor["email"] = self.email
        return debtor


BRAM: Final = Buyer(
    name="Bram Voorbeeld",
    email="bram@example.nl",
    phone="+31600000011",
    street="Voorbeeldlaan",
    number="7",
    zipcode="9876AB",
    city="Proefdorp",
)
NOOR: Final = Buyer(
    name="Noor van Voorbeeld",
    email="noor@example.nl",
    phone="+31600000012",
    street="Lindehof",
    number="14 bis",
    zipcode="9875CD",
    city="Proefdorp",
)
YUSUF: Final = Buyer(
    name="Yusuf Voorbeeld",
    email="yusuf@example.nl",
    phone="+31600000013",
    street="Molenpad",
    number="120",
    zipcode="9874EF",
    city="Testwoude",
)
FLEUR: Final = Buyer(
    name="Fleur Voorbeeld-Proefstra",
    email="fleur@example.nl",
    phone="+31600000014",
    street="Havenkade",
    number="3",
    zipcode="9873GH",
    city="Testwoude",
)
TEUN: Final = Buyer(
    name="Teun Voorbeeldsma",
    email="teun@example.nl",
    street="Kerkring",
    number="21 a",
    zipcode="9872JK",
    city="Voorbeeldum",
)
CHLOE: Final = Buyer(
    name="Chloë D'Exemplé-Żółć 🌷",
    email="chloe@example.nl",
    phone="+31600000015",
    street="’s-Gravenvoorbeeldweg",
    number="5",
    zipcode="9871LM",
    city="Voorbeeldum",
)
COUNTER: Final = Buyer(name="Winkelverkoop", email=None, street="", number="", zipcode="", city="")
GARDENERS: Final = Buyer(
    name="Ilse Voorbeeld",
    company="Hoveniersbedrijf Voorbeeld B.V.",
    email="inkoop@hoveniers.example.nl",
    phone="+31600000021",
    street="Industrieweg",
    number="40",
    zipcode="9870NP",
    city="Testwoude",
    taxnumber="NL000222333B89",
)
BELGIAN: Final = Buyer(
    name="Wout Voorbeelds",
    email="wout@example.be",
    street="Proefdreef",
    number="8",
    zipcode="2999",
    city="Voorbeeldegem",
    country_code="BE",
)
GERMAN: Final = Buyer(
    name="Anke Beispiel",
    email="  Anke@Example.DE ",
    street="Musterallee",
    number="17",
    zipcode="99999",
    city="Musterstadt",
    country_code="DE",
    locale="de_DE",
)
SWISS: Final = Buyer(
    name="Reto Beispieler",
    email="reto@example.ch",
    street="Musterweg",
    number="2",
    zipcode="9999",
    city="Beispielikon",
    country_code="CH",
    locale="de_DE",
)
BELGIAN_COMPANY: Final = Buyer(
    name="Lien Voorbeelds",
    company="Tuincentrum Voorbeeld BV",
    email="aankoop@tuincentrum.example.be",
    street="Proefsteenweg",
    number="101",
    zipcode="2998",
    city="Voorbeeldegem",
    country_code="BE",
    taxnumber="BE0876543270",
)
GERMAN_COMPANY: Final = Buyer(
    name="Jörg Beispiel",
    company="Beispiel Garten GmbH",
    email="einkauf@garten.example.de",
    street="Musterstraße",
    number="55",
    zipcode="99998",
    city="Musterstadt",
    country_code="DE",
    taxnumber="",
    locale="de_DE",
)
