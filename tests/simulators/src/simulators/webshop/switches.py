"""What can be switched per shop (`options`) and per order (`_simulator`).

The default "stored" leaves a field as the order was stored, so that any form can also be put into the order
itself. The sample orders have the form in which the public client `myonlinestore-connect` reads the live API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from simulators.webshop.problems import ErrorBody


@dataclass(frozen=True, kw_only=True)
class ApiSwitches:
    """How a shop's API answers where the vendor's documents leave it open."""

    limit_above_maximum: Literal["clamp", "refuse"] = "clamp"
    error_body: ErrorBody = "problem"
    token_expired: bool = False
    refused_token_status: Literal[401, 403] = 401
    archived_omitted: Literal["both", "active"] = "both"
    end_date_inclusive: bool = True
    tax_policy: Literal["wrapped", "list"] = "wrapped"
    payment_prices: Literal["integer", "text"] = "integer"
    lines_editable: bool = False


@dataclass(frozen=True, kw_only=True)
class ShapeSwitches:
    """In which of its many forms an order leaves the API."""

    order_number: Literal["stored", "text", "integer"] = "stored"
    amounts: Literal["stored", "text", "number"] = "stored"
    order_price_decimals: Literal["stored", 2, 6] = "stored"
    tax_rows: Literal["stored", "list", "object"] = "stored"
    line_prices: Literal["stored", "list", "object"] = "stored"
    line_type_names: dict[str, str] = field(default_factory=dict)
    empty_objects: Literal["stored", "list", "absent"] = "stored"
    shipping_country: Literal["stored", "list"] = "stored"
    no_credited_order: Literal["stored", "absent", "null", "text", "list"] = "stored"
    credit_signs: Literal["stored", "positive", "mixed"] = "stored"
    weight: Literal["stored", "absent", "empty"] = "stored"
    address_ids: Literal["stored", "uuid"] = "stored"
    tax_cents_off: int = 0
    total_cents_off: int = 0
    tax_doubled: bool = False
    test_payment: bool = False


SwitchesT = TypeVar("SwitchesT", ApiSwitches, ShapeSwitches)


def read_switches(kind: type[SwitchesT], values: Mapping[str, Any]) -> SwitchesT:
    """Return the switches set as `values` says; ValueError names what is unknown or not allowed."""
    hints = get_type_hints(kind)
    unknown = values.keys() - hints.keys()
    if unknown:
        raise ValueError(f"Unknown options: {', '.join(sorted(unknown))}.")
    for name, value in values.items():
        if not _allowed(hints[name], value):
            raise ValueError(f"The option {name} cannot be {value!r}.")
    return kind(**values)


def switch_names(kind: type[ApiSwitches | ShapeSwitches]) -> set[str]:
    """Return the names of the switches of this kind."""
    return {switch.name for switch in fields(kind)}


def _allowed(hint: Any, value: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    # A bool is an int to Python; a switch that counts cents takes no bool.
    return type(value) is (get_origin(hint) or hint)
