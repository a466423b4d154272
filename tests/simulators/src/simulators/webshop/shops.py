"""The shops of the simulator and the orders they hold, in memory."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from simulators.clock import Clock
from simulators.webshop.shop_details import ORDER_STATUSES, store_details
from simulators.webshop.switches import ApiSwitches, ShapeSwitches, read_switches, switch_names

Order: TypeAlias = dict[str, Any]

# Key in a stored order for what the simulator itself must know; never part of an answer.
SIMULATOR_KEY: Final = "_simulator"
VISIBLE_FROM: Final = "visible_from"

# The shop writes bare local times; its payments show that they are Dutch ones.
SHOP_ZONE: Final = ZoneInfo("Europe/Amsterdam")

SHOP_SETTINGS: Final = frozenset(
    {"token", "partner_token", "partner_token_required", "order_statuses", "options", "store"}
)


@dataclass(kw_only=True)
class Shop:
    """One shop: its tokens, its switches, its orders by uuid."""

    name: str
    token: str
    partner_token: str | None = None
    partner_token_required: bool = False
    order_statuses: list[dict[str, Any]] = field(default_factory=lambda: deepcopy(ORDER_STATUSES))
    store: dict[str, Any] = field(default_factory=dict)
    api: ApiSwitches = field(default_factory=ApiSwitches)
    shape: dict[str, Any] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)

    def keep(self, orders: Iterable[Mapping[str, Any]]) -> int:
        """Store the orders, replacing those with the same uuid; return how many. All or none."""
        checked = [self._checked(order) for order in orders]
        self.orders.update({order["uuid"]: order for order in checked})
        return len(checked)

    def change(self, order: Order, changes: Mapping[str, Any], now: datetime) -> Order:
        """Merge the changes into a stored order; a changed status moves the moment of its last change."""
        changed = deepcopy(order)
        if changes.get("status", order["status"]) != order["status"]:
            changed["status_changed_date"] = f"{now:%Y-%m-%d}"
            changed["status_changed_time"] = f"{now:%H:%M:%S}"
        _merge(changed, changes)
        if changed["uuid"] != order["uuid"]:
            raise ValueError("The uuid of an order never changes.")
        self.keep([changed])
        return changed

    def order(self, number: str) -> Order | None:
        """Return the stored order with this number."""
        return next((order for order in self.orders.values() if str(order["number"]) == number), None)

    def visible(self, now: datetime) -> list[Order]:
        """Return the orders that the shop shows at this moment."""
        return [order for order in self.orders.values() if is_visible(order, now)]

    def shape_of(self, order: Order) -> ShapeSwitches:
        """Return the shop's switches, overruled by the order's own."""
        return ShapeSwitches(**self.shape | _own_switches(order))

    def _checked(self, order: Mapping[str, Any]) -> Order:
        missing = [name for name in ("uuid", "number", "date", "time", "status") if name not in order]
        if missing:
            raise ValueError(f"The order lacks {', '.join(missing)}.")
        kept = deepcopy(dict(order))
        _visible_from(kept)
        read_switches(ShapeSwitches, _own_switches(kept))
        return kept


class Shops:
    """All shops of the simulator, by name and by token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shops: dict[str, Shop] = {}

    def put(self, name: str, settings: Mapping[str, Any]) -> Shop:
        """Open a shop or change its settings; its orders stay. ValueError says what is wrong."""
        unknown = settings.keys() - SHOP_SETTINGS
        if unknown:
            raise ValueError(f"Unknown settings: {', '.join(sorted(unknown))}.")
        if not settings.get("token"):
            raise ValueError("A shop needs a token.")
        owner = self.by_token(settings["token"])
        if owner and owner.name != name:
            raise ValueError("Another shop has this token.")
        options = settings.get("options", {})
        others = {key: value for key, value in settings.items() if key not in ("options", "store")}
        kept = self._shops[name].orders if name in self._shops else {}
        shop = Shop(name=name, **others, store=store_details(name, settings.get("store", {})), orders=kept)
        shop.api, shop.shape = _split(options)
        self._shops[name] = shop
        return shop

    def by_name(self, name: str) -> Shop | None:
        return self._shops.get(name)

    def by_token(self, token: str) -> Shop | None:
        return next((shop for shop in self._shops.values() if shop.token == token), None)

    def clear(self) -> None:
        self._shops.clear()

    def now(self) -> datetime:
        """Return the present moment in the shops' own zone."""
        return self._clock().astimezone(SHOP_ZONE)


def is_visible(order: Order, now: datetime) -> bool:
    """Tell whether the shop shows the order at this moment."""
    moment = _visible_from(order)
    return moment is None or moment <= now


def is_test_order(order: Order) -> bool:
    """Tell whether the number carries a test mark (`T-…`): it is all that sets a test order apart."""
    return not str(order["number"]).isdigit()


def _merge(target: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = deepcopy(value)


def _split(options: Mapping[str, Any]) -> tuple[ApiSwitches, dict[str, Any]]:
    api_names = switch_names(ApiSwitches)
    api = {name: value for name, value in options.items() if name in api_names}
    shape = {name: value for name, value in options.items() if name not in api_names}
    read_switches(ShapeSwitches, shape)
    return read_switches(ApiSwitches, api), shape


def _own_switches(order: Order) -> dict[str, Any]:
    own: dict[str, Any] = order.get(SIMULATOR_KEY, {})
    return {name: value for name, value in own.items() if name != VISIBLE_FROM}


def _visible_from(order: Order) -> datetime | None:
    given = order.get(SIMULATOR_KEY, {}).get(VISIBLE_FROM)
    if given is None:
        return None
    moment = datetime.fromisoformat(given)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHOP_ZONE)
