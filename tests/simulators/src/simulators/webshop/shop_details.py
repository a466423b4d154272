"""What a shop says about itself unless it was told otherwise: invented, in the vendor's form."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

# Only these statuses are known from the public programs that read the API.
ORDER_STATUSES: Final[list[dict[str, Any]]] = [
    {"status": 1, "description": "Nieuw", "credit_order": False},
    {"status": 2, "description": "Verzonden", "credit_order": False},
    {"status": 3, "description": "Betaald", "credit_order": False},
    {"status": 6, "description": "Betaald en afgehaald", "credit_order": False},
    {"status": 10, "description": "Creditorder", "credit_order": True},
]

GATEWAYS: Final[list[dict[str, Any]]] = [
    {
        "name": "mollie",
        "displayName": "Mollie",
        "websiteUrl": "https://www.mollie.com/",
        "methods": [
            {
                "name": "ideal",
                "displayName": "iDEAL",
                "settings": {"cost": {"amount": "0.35", "percentage": "0"}},
            },
            {"name": "bancontact", "displayName": "Bancontact", "settings": {}},
        ],
    },
    {
        "name": "paypal",
        "displayName": "PayPal",
        "websiteUrl": "https://www.paypal.com/",
        "methods": [{"name": "paypal", "displayName": "PayPal", "settings": {}}],
    },
    {
        "name": "basic",
        "displayName": "Basic",
        "websiteUrl": "",
        "methods": [
            {"name": "advance", "displayName": "Vooruitbetaling", "settings": {}},
            {"name": "cash", "displayName": "Contant", "settings": {}},
        ],
    },
]

OFFLINE_LOCATION_ID: Final = "5e3e8f5c-8d0c-5c1e-9a53-0d5d4e1f7a10"

OFFLINE_LOCATIONS: Final[list[dict[str, Any]]] = [
    {
        "id": OFFLINE_LOCATION_ID,
        "name": "Winkel Proefdorp, kassa 1",
        "street": "Voorbeeldplein",
        "street_number": "1",
        "zipcode": "9876XY",
        "city": "Proefdorp",
        "country": "Nederland",
        "country_code": "NL",
        "phone": "+31600000090",
        "email": "kassa@example.nl",
        "note": "",
        "deleted": False,
    },
]


def tax_region(code: str, rate: str, reduced_rate: str, tax_number: str | None) -> dict[str, Any]:
    """Return a region of the tax policy in which payment costs are spread over the rates, shipping is not."""
    reduced_items = [{"type": "collection", "references": ["boeken", "eten-en-drinken"]}]
    return {
        "regionCode": code,
        "taxEnabled": True,
        "taxNumber": tax_number,
        "taxRate": rate,
        "shippingTaxMethod": "fixed",
        "shippingTaxRate": rate,
        "transactionTaxMethod": "proportional",
        "transactionTaxRate": None,
        "overrides": [{"taxRate": reduced_rate, "items": reduced_items}],
    }


def tax_regions() -> list[dict[str, Any]]:
    """Return the tax policy: the home country and two where the shop uses the one-stop scheme."""
    return [
        tax_region("NL", "0.21", "0.09", "NL000099998B57"),
        tax_region("BE", "0.21", "0.06", None),
        tax_region("DE", "0.19", "0.07", None),
    ]


def store_details(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `/store` answers; `given` overrules."""
    return {
        "id": str(uuid5(NAMESPACE_URL, f"https://{name}.example.nl")),
        "name": name,
        "primary_domain": f"https://{name}.example.nl",
        "description": "Een winkel om mee te proberen",
        "open": True,
        "version": "Premium",
        "administration_language": "nl_NL",
        "currency": "EUR",
        "prices_include_tax": True,
        "default_language": "nl_NL",
        "active_languages": ["nl_NL"],
        "currency_format_locale": "nl_NL",
        "available_business_models": "ALL",
        "region_code": "NL",
        **given,
    }
