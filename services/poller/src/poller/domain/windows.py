"""Which parts of the shop's order list a run reads, and how it pages through them.

The shop's list knows no "number above" and no "changed since" but the status: every run reads windows that
overlap what was read before, and the seen orders make a repeat harmless.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from poller.domain.orders import Selection
from poller.domain.schedule import PollState, is_look_back_due

PAGE_SIZE = 100  # the most that MyOnlineStore allows
# An order that vanishes from the list while we page moves all later ones up; five may go without a loss.
PAGE_OVERLAP = 5
WINDOW_OVERLAP = timedelta(days=2)
LOOK_BACK = timedelta(days=45)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One walk through the order list, by number; None is no bound, dates and times are the shop's.

    `until_known` ends it after a page on which every order was met in a run that read everything.
    """

    descending: bool = False
    down_to: int | None = None
    placed_from: date | None = None
    placed_to: date | None = None
    status_changed_from: datetime | None = None
    archived_only: bool = False
    until_known: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    windows: tuple[Window, ...]
    looks_back: bool


def plan(state: PollState, selection: Selection, now: datetime) -> Plan:
    """The windows of a run that starts now; `now` carries the shop's time zone.

    The first run walks down to the start number; so does the first one after the start number went down or
    a status was added, because orders passed over before are wanted now.
    """
    walk = Window(descending=True, down_to=selection.start_number)
    if state.read_from is None or _wants_more(state, selection):
        return Plan(windows=(walk, _archived(walk)), looks_back=True)
    # Never from a future that a clock put right since.
    unread_from = min(state.read_from.astimezone(now.tzinfo), now) - WINDOW_OVERLAP
    newest = replace(walk, until_known=True)  # whatever date an order with a new number carries
    changed = Window(status_changed_from=unread_from)
    if not is_look_back_due(state, now):
        placed = Window(placed_from=unread_from.date())
        return Plan(windows=(newest, placed, changed), looks_back=False)
    look_back = Window(placed_from=min(unread_from, now - LOOK_BACK).date())
    return Plan(windows=(newest, look_back, _archived(look_back), changed), looks_back=True)


def _archived(window: Window) -> Window:
    """MyOnlineStore does not say whether archived orders are listed unless asked for, so ask at times."""
    return replace(window, archived_only=True)


def _wants_more(state: PollState, selection: Selection) -> bool:
    if state.start_number is None or selection.start_number < state.start_number:
        return True
    if state.accepted is None:
        return False
    return selection.accepted is None or not selection.accepted <= state.accepted


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRead:
    """What a page held: how many orders, how many that this walk had not met, and how many that no run had
    that read everything.

    `lowest` is its lowest order number.
    """

    received: int
    new_to_walk: int
    new_to_us: int
    lowest: int | None


def next_offset(window: Window, offset: int, page: PageRead) -> int | None:
    """Where the next page starts; None when this was the last one."""
    # A page without any order that the walk had not met would be shown for ever.
    if page.received < PAGE_SIZE or page.new_to_walk == 0:
        return None
    if window.until_known and page.new_to_us == 0:
        return None
    if window.down_to is not None and page.lowest is not None and page.lowest < window.down_to:
        return None
    return offset + page.received - PAGE_OVERLAP
