"""One of several clients that ask a mirror at once: `python -m bench.matching.lookup_client SET OUT COUNT`.

The database's address comes from MATCHING_BENCH_DATABASE_URL, as it holds a password. Writes the
milliseconds of each look-up.
"""

import asyncio
import os
import sys
from pathlib import Path

from bench.matching.evaluation import MeasuredSet
from bench.matching.mirror_lookups import buyers_of, keep, open_mirror, time_lookups

WARM_UP = 100


async def ask(measured: MeasuredSet, out: Path, count: int) -> None:
    buyers = buyers_of(measured, count)
    async with open_mirror(os.environ["MATCHING_BENCH_DATABASE_URL"]) as mirror:
        await time_lookups(mirror, buyers[:WARM_UP])
        keep(out, await time_lookups(mirror, buyers))


if __name__ == "__main__":
    folder, file, asked = sys.argv[1:]
    asyncio.run(ask(MeasuredSet(Path(folder)), Path(file), int(asked)))
