"""The invented catalogue of the sample shop: things for the garden and the table."""

from typing import Final

from simulators.webshop.sample_lines import Product

WATERING_CAN: Final = Product(4101, "GIETER", "Zinken gieter 9 liter", "24.95")
APRON: Final = Product(4102, "SCHORT", "Tuinschort linnen", "31.50")
LANTERN: Final = Product(4103, "LANTAARN", "Tuinlantaarn", "89.00")
BLANKET: Final = Product(4104, "DEKEN", "Picknickdeken", "45.75")
GLOVES: Final = Product(4105, "HANDSCH", "Tuinhandschoenen", "12.50")
HERBAL_TEA: Final = Product(4201, "THEE-KRUID", "Kruidenthee uit eigen tuin", "4.75", rate="9")
JAM: Final = Product(4202, "JAM-BRAAM", "Bramenjam", "5.25", rate="9")
SEED_BOOK: Final = Product(4203, "BOEK-ZADEN", "Zaden bewaren (boek)", "19.90", rate="9")
CHEESE: Final = Product(4204, "KAAS-OUD", "Oude geitenkaas", "12.40", rate="9")
COURSE: Final = Product(4301, "CURSUS", "Cursusdag snoeien (vrijgesteld)", "65.00", rate="0")
SAMPLE_BAG: Final = Product(4302, "PROEF", "Proefzakje bloemzaad", "3.95")
GIFT_CARD: Final = Product(4303, "GIFT", "Cadeaubon 25 euro", "25.00", rate="0")

POTTING_SOIL: Final = Product(4401, "GROND-40", "Potgrond 40 liter", "6.80", net_priced=True)
PLANT_LABELS: Final = Product(4402, "LABELS", "Plantlabels, doos van 500", "42.25", net_priced=True)
TWINE: Final = Product(4403, "TOUW-S", "Bindtouw klein", "1.02", net_priced=True)
TWINE_MEDIUM: Final = Product(4404, "TOUW-M", "Bindtouw middel", "2.02", net_priced=True)
TWINE_LARGE: Final = Product(4405, "TOUW-L", "Bindtouw groot", "3.02", net_priced=True)

BELGIAN_BOOK: Final = Product(4501, "BOEK-MOES", "De moestuin (boek)", "16.50", rate="6")
BELGIAN_RAKE: Final = Product(4502, "HARK", "Bladhark", "22.00")
GERMAN_TEA: Final = Product(4601, "THEE-DE", "Gartenkräutertee", "6.42", rate="7")
GERMAN_SPADE: Final = Product(4602, "SPATEN", "Spaten", "38.08", rate="19")
ENGLISH_SHEARS: Final = Product(4701, "SHEARS", "Garden shears", "27.50")
