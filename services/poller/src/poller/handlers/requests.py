"""The command to poll a profile now."""

from poller.ports import ImportRun, ImportRuns
from sconnect.clock import Clock
from sconnect.contracts import ImportRequested, Message
from sconnect.errors import Reason, ReasonCode, RejectedError
from sconnect.messaging import Delivery


def wrong_queue(message: Message) -> RejectedError:
    reason = Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="wrong_queue", details={"type": message.type})
    return RejectedError(reason)


class ImportRequests:
    """Turns the command into a row; the polling takes it from there.

    Safe to run twice: a run has one row. Half-done when it dies: nothing, the command comes again. The
    operator sees the run as requested until it is finished.
    """

    def __init__(self, runs: ImportRuns, clock: Clock) -> None:
        self._runs = runs
        self._clock = clock

    async def __call__(self, message: Message, _delivery: Delivery) -> None:
        if not isinstance(message, ImportRequested):
            raise wrong_queue(message)
        await self._runs.request(
            ImportRun(
                run_id=message.run_id,
                profile=message.profile,
                requested_at=self._clock.now(),
                requested_by=message.requested_by,
            )
        )
