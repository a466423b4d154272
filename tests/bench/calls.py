"""What a vendor was asked, and when, as its simulator wrote it down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.snelstart.driver import AdministrationDriver


@dataclass(frozen=True)
class Call:
    at: datetime
    method: str
    path: str

    @property
    def is_booking(self) -> bool:
        return self.method == "POST" and self.path == "/v2/verkoopboekingen"


def read_call(call: dict[str, Any]) -> Call:
    return Call(at=datetime.fromisoformat(call["at"]), method=call["method"], path=call["path"])


def orders_per_second(calls: list[Call]) -> float:
    """From the first booking to the last: neither the shop's pages nor the start count."""
    moments = [call.at for call in calls if call.is_booking]
    return (len(moments) - 1) / (max(moments) - min(moments)).total_seconds()


def bookings_made(driver: AdministrationDriver) -> int:
    """In all administrations; to list every call would take the simulator's time from what is measured."""
    listed = driver.control("GET", "/administrations").json()
    return sum(administration["bookings"] for administration in listed)
