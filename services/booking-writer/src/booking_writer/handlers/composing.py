"""Composes the booking of an order in the administration as it is: for the books, and for a preview."""

from dataclasses import replace

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.case import Case
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookedCustomer
from booking_writer.domain.refusal import reason
from booking_writer.handlers.translation import bookable_order, booking_rules
from booking_writer.ports import Bookkeeping
from sconnect.contracts import SalesOrder
from sconnect.errors import MisconfiguredError, ReasonCode, RejectedError
from sconnect.profiles import StoredProfile

# What a person can put right in SnelStart.
OF_THE_ADMINISTRATION = frozenset(
    {
        ReasonCode.LEDGER_UNFIT,
        ReasonCode.UNKNOWN_VAT_RATE,
        ReasonCode.OSS_NOT_ENABLED,
        ReasonCode.OSS_REQUIRED_BY_SNELSTART,
        ReasonCode.OSS_LEDGER_RESTRICTION,
    }
)


async def compose_for(
    profile: StoredProfile, order: SalesOrder, customer: BookedCustomer, books: Bookkeeping
) -> ComposedBooking | SkippedOrder:
    """The booking of an order under a profile, or why there is none; only reads.

    RejectedError with the reason; MisconfiguredError when the profile's key opens another administration.
    """
    administration = await books.administration()
    if administration.id != profile.administration_id:
        # Another administration's key: the customers and ledgers found earlier mean nothing there.
        raise MisconfiguredError(
            reason(
                ReasonCode.PROFILE_PAUSED,
                "other_administration",
                administration=profile.administration_name,
            )
        )
    case = Case(
        order=bookable_order(order),
        customer=customer,
        rules=booking_rules(profile.profile),
        administration=administration,
    )
    try:
        return compose(case)
    except RejectedError as refusal:
        if refusal.reason.code not in OF_THE_ADMINISTRATION:
            raise
    # Perhaps someone put it right since the administration was read.
    return compose(replace(case, administration=await books.reread_administration()))
