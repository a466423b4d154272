"""How many calls an administration gets: counted by all processes together, in the coordination database."""

from sconnect.allowance.counting import LIMITS, Limits, Timing, Urgency
from sconnect.allowance.gate import CallAllowance, CallAllowances, Unlimited, interactive_calls, patient_calls
from sconnect.allowance.store import AllowanceStore

__all__ = [
    "LIMITS",
    "AllowanceStore",
    "CallAllowance",
    "CallAllowances",
    "Limits",
    "Timing",
    "Unlimited",
    "Urgency",
    "interactive_calls",
    "patient_calls",
]
