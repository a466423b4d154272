"""A process of its own that calls a simulated administration as fast as the shared allowance lets it."""

import asyncio
import json
import sys
import time
from typing import Any

from factories import stored_profile
from sconnect.allowance import AllowanceStore, CallAllowances, Timing, patient_calls
from sconnect.clock import SystemClock
from sconnect.errors import AllowanceSpent, RateLimited, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client
from sconnect.persistence import create_engine
from sconnect.snelstart import SnelstartDirectory, SnelstartSessions

TASKS = 4
PATIENCE_SECONDS = 90


async def call_until(work: dict[str, Any]) -> dict[str, Any]:
    """Call for so many seconds; tell how many calls were made, refused by the vendor, or came to nothing."""
    timing = Timing(**work["timing"])
    engine = create_engine(work["database_url"])
    client = create_http_client(HttpLimits(), allow_local_apis=True)
    allowances = CallAllowances(AllowanceStore(engine, timing=timing), call_seconds_max=5, timing=timing)
    sessions = SnelstartSessions(client, SystemClock(), allowances=allowances)
    profile = stored_profile(
        snelstart_url=work["snelstart_url"],
        bookkeeping={**work["keys"], "rate_limits": work["limits"]},
    )
    directory = SnelstartDirectory(sessions.of(profile))
    told = {"calls": 0, "refused": 0, "waited_in_vain": 0, "troubled": 0}
    until = time.monotonic() + work["seconds"]

    async def call() -> None:
        while time.monotonic() < until:
            try:
                await directory.company_info()
                told["calls"] += 1
            except AllowanceSpent:
                told["waited_in_vain"] += 1
                return
            except RateLimited:
                told["refused"] += 1
            except UpstreamUnavailable:
                # A connection that was kept and closed at the same moment, or a database that a busy machine
                # held too long: an order would be tried again, and so does this.
                told["troubled"] += 1

    with patient_calls(PATIENCE_SECONDS):
        await asyncio.gather(*(call() for _ in range(TASKS)))
    await allowances.close()
    await client.aclose()
    await engine.dispose()
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(call_until(json.loads(sys.argv[1])))))
