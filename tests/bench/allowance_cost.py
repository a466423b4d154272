"""`python -m bench.allowance_cost`: what the shared allowance adds to a call, on both databases."""

import asyncio
import time
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from sconnect.allowance import AllowanceStore, CallAllowances, Limits
from sconnect.allowance.counting import Demand, Grant
from sconnect.clock import SystemClock
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from stack.postgres import PrivatePostgres
from stack.terminal import say

CALLS = 3_000
TASKS = 4
NEARLY_FREE = Limits(calls_per_minute=1_000_000, calls_per_hour=10_000_000, calls_at_once=50)
VENDOR_SECONDS = (0.0, 0.15)


class CountingStore(AllowanceStore):
    """Counts the visits to the database and the permits they brought."""

    visits = 0
    permits = 0

    async def ask(self, administration_id: str, demand: Demand) -> Grant:
        granted = await super().ask(administration_id, demand)
        self.visits += 1
        self.permits += granted.permits
        return granted


async def measure(url: str, *, vendor_seconds: float, calls: int) -> str:
    engine = create_engine(url)
    store = CountingStore(engine)
    allowances = CallAllowances(store, call_seconds_max=20)
    allowance = allowances.of("administration", NEARLY_FREE)
    added_ms: list[float] = []

    async def work() -> None:
        for _ in range(calls // TASKS):
            began_at = time.perf_counter()
            async with allowance.call(seconds_max=20):
                added_ms.append((time.perf_counter() - began_at) * 1000)
                await SystemClock().sleep(vendor_seconds)

    await asyncio.gather(*(work() for _ in range(TASKS)))
    await allowances.close()
    await engine.dispose()
    return (
        f"added per call: median {median(added_ms):.3f} ms, mean {sum(added_ms) / len(added_ms):.3f} ms,"
        f" p99 {quantiles(added_ms, n=100)[98]:.2f} ms; {len(added_ms) / store.visits:.1f} calls per visit"
    )


def main() -> None:
    """Print the figures; takes a minute."""
    postgres = PrivatePostgres()
    with TemporaryDirectory() as name:
        try:
            postgres.start()
            urls = {
                "SQLite": f"sqlite+aiosqlite:///{Path(name) / 'coordination.sqlite3'}",
                "PostgreSQL": postgres.create_database("allowance"),
            }
            for kind, url in urls.items():
                migrate(url, "sconnect.allowance")
                for seconds in VENDOR_SECONDS:
                    calls = CALLS if not seconds else CALLS // 10
                    told = asyncio.run(measure(url, vendor_seconds=seconds, calls=calls))
                    say(f"{kind:10} vendor {seconds * 1000:3.0f} ms, {TASKS} at once: {told}")
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
