"""Builders of valid things, which a test changes in the one point that it is about."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sconnect.contracts import (
    Buyer,
    BuyerAddress,
    LinePrice,
    OrderLine,
    PaymentMethod,
    SalesOrder,
    VatAmount,
)
from sconnect.profiles import Profile, StoredProfile, read_profile


def profile_document(
    *, webshop_url: str | None = None, snelstart_url: str | None = None, **changes: Any
) -> dict[str, Any]:
    """A profile as a file would hold it; mappings in `changes` are merged into it, all else replaces.

    The addresses are the vendors' own, or those of simulators when their base addresses are given.
    """
    document = merged(_PROFILE, changes)
    if webshop_url is not None:
        document = merged(document, {"shop": {"api_url": webshop_url}})
    if snelstart_url is not None:
        addresses = {"token_url": f"{snelstart_url}/b2b/token", "api_url": f"{snelstart_url}/v2"}
        document = merged(document, {"bookkeeping": addresses})
    return document


def profile(**changes: Any) -> Profile:
    """`profile_document` with the same arguments, read with local addresses allowed."""
    return read_profile(profile_document(**changes), {}, allow_local_apis=True)


def stored_profile(
    *, version: int = 1, administration_id: str = "administration-1", **changes: Any
) -> StoredProfile:
    return StoredProfile(
        profile=profile(**changes),
        version=version,
        administration_id=administration_id,
        administration_name="Voorbeeldadministratie",
        saved_at=datetime(2026, 1, 5, 9, tzinfo=UTC),
    )


def sales_order(**changes: Any) -> SalesOrder:
    """Order 1001 as the poller hands it over: one article and shipping at 21 %, 68.00 in all, paid."""
    buyer_address = BuyerAddress(
        name="Sanne Voorbeeld",
        street="Kerkstraat",
        house_number="12 a",
        postcode="1234AB",
        city="Teststad",
        country_code="NL",
        phone="+31600000001",
    )
    order = SalesOrder(
        uuid="0c6f4a7e-5d3b-4c1e-9f2a-000000001001",
        number="1001",
        placed_on=date(2026, 3, 2),
        placed_at=time(9, 10),
        status=3,
        status_changed_on=date(2026, 3, 2),
        currency="EUR",
        total="68.00",
        vat_amounts=(VatAmount(rate="21.00", amount="11.80"),),
        lines=(
            OrderLine(
                kind="article",
                description="Houten trein",
                quantity="1",
                sku="TREIN",
                prices=(LinePrice(net="50.000000", gross="60.50", rate="21.00"),),
            ),
            OrderLine(
                kind="shipping",
                description="Verzendkosten",
                quantity="1",
                prices=(LinePrice(net="6.198347", gross="7.50", rate="21.00"),),
            ),
        ),
        business_model="B2C",
        tax_region="NL",
        payment=PaymentMethod(gateway="mollie", method="ideal"),
        payment_status="captured",
        buyer=Buyer(email="sanne@example.nl", invoice=buyer_address, delivery=buyer_address),
        shipping_country="NL",
    )
    return order.model_copy(update=changes)


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of the document in which mappings are merged and everything else is replaced."""
    result = {
        key: merged(value, {}) if isinstance(value, Mapping) else value for key, value in document.items()
    }
    for key, value in changes.items():
        known = result.get(key)
        result[key] = (
            merged(known, value) if isinstance(known, dict) and isinstance(value, Mapping) else value
        )
    return result


_PROFILE: dict[str, Any] = {
    "name": "voorbeeldwinkel",
    "enabled": True,
    "shop": {
        "api_url": "https://api.myonlinestore.com",
        "token": "shop-token-of-voorbeeldwinkel",
        "start_order_number": 1001,
        "order_statuses": [2, 3, 6],
    },
    "bookkeeping": {
        "token_url": "https://auth.snelstart.nl/b2b/token",
        "api_url": "https://b2bapi.snelstart.nl/v2",
        "subscription_key": "subscription-key-of-the-connector",
        "connection_key": "connection-key-of-voorbeeldwinkel",
    },
    "planning": {"interval": "15m"},
    "customers": {"recognition": "email", "policy": "add"},
    "bookings": {
        "invoice_number": "{order_number}",
        "ledgers": {
            "revenue": {"nl_high": 8100, "nl_low": 8110},
            "shipping": {"nl_high": 8300, "nl_low": 8301},
            "payment_costs": {"nl_high": 8310, "nl_low": 8311},
            "discount": {"nl_high": 8320, "nl_low": 8321},
            "rounding": 8990,
        },
    },
}
