"""Goals 10 and 11: the mirror of a million relations in both databases, through the product's own adapter."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.matching.cache import ROOT
from bench.matching.evaluation import MeasuredSet
from bench.matching.findings import Findings, Goal, Table
from bench.matching.mirror_lookups import buyers_of, fill, open_mirror, quantile, time_changes, time_lookups
from bench.matching.sets import dutch_set
from bench.matching.sizes import MILLION_TEST_SEED, Size
from sconnect.persistence.migrations import migrate
from stack.postgres import PrivatePostgres
from stack.processes import stop_process
from stack.terminal import say

CLIENTS = 4
COLD_LOOKUPS = 500
HEAD = ("store", "p50 ms", "p95 ms", "p99 ms", "max ms")


def measure_latency(size: Size) -> Findings:
    measured = dutch_set(customers=size.million, orders=size.orders, seed=MILLION_TEST_SEED)
    server = PrivatePostgres()
    with TemporaryDirectory() as folder:
        try:
            server.start()
            postgres = _measure_postgres(server, measured, size, Path(folder))
        finally:
            server.stop()
        sqlite = _measure_store(f"sqlite+aiosqlite:///{folder}/mirror.sqlite3", "SQLite", measured, size)
    times, seconds = postgres[0] | sqlite[0], postgres[1] | sqlite[1]
    rows = [
        [name, *(f"{quantile(taken, at):.2f}" for at in (0.5, 0.95, 0.99, 1.0))]
        for name, taken in times.items()
    ]
    built = ", ".join(f"{name} {taken:.0f} s" for name, taken in seconds.items())
    load = f"Load average of the machine at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores."
    note = f"Full look-up: keys, candidates, comparison, decision. Built from nothing: {built}. {load}"
    title = f"Latency with {size.million:,} relations, {size.lookups:,} look-ups"
    return Findings(goals=list(_goals(times, seconds)), tables=[Table(title, HEAD, rows, note)])


def _measure_postgres(
    server: PrivatePostgres, measured: MeasuredSet, size: Size, folder: Path
) -> tuple[dict[str, list[float]], dict[str, float]]:
    url = server.create_database("mirror")
    times, seconds = _measure_store(url, "PostgreSQL", measured, size)
    times[f"PostgreSQL, {CLIENTS} clients"] = _several_clients(url, measured, size, folder)
    _restart_cold(server)
    times["PostgreSQL, cold"] = asyncio.run(_lookups(url, measured, COLD_LOOKUPS, warm_up=0))
    return times, seconds


def _measure_store(
    url: str, name: str, measured: MeasuredSet, size: Size
) -> tuple[dict[str, list[float]], dict[str, float]]:
    say(f"Filling {name} with {size.million:,} relations.")
    migrate(url, "customer_resolver")
    seconds = asyncio.run(_fill(url, measured))
    times = {
        name: asyncio.run(_lookups(url, measured, size.lookups, warm_up=size.lookups)),
        f"{name}, one relation changed": asyncio.run(_changes(url, measured, size.changes)),
    }
    return times, {name: seconds}


async def _fill(url: str, measured: MeasuredSet) -> float:
    async with open_mirror(url) as mirror:
        return await fill(mirror, measured)


async def _lookups(url: str, measured: MeasuredSet, count: int, *, warm_up: int) -> list[float]:
    async with open_mirror(url) as mirror:
        buyers = buyers_of(measured, count)
        await time_lookups(mirror, buyers[:warm_up])
        return await time_lookups(mirror, buyers)


async def _changes(url: str, measured: MeasuredSet, count: int) -> list[float]:
    async with open_mirror(url) as mirror:
        return await time_changes(mirror, measured, count)


def _several_clients(url: str, measured: MeasuredSet, size: Size, folder: Path) -> list[float]:
    files = [folder / f"client{number}.json" for number in range(CLIENTS)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests"), "MATCHING_BENCH_DATABASE_URL": url}
    command = [sys.executable, "-m", "bench.matching.lookup_client", str(measured.folder)]
    clients = [
        subprocess.Popen([*command, str(file), str(size.lookups)], cwd=ROOT, env=environment)
        for file in files
    ]
    exit_codes = [client.wait() for client in clients]
    if any(exit_codes):
        raise RuntimeError("a client failed; see above")
    return [taken for file in files for taken in json.loads(file.read_text(encoding="utf-8"))]


def _restart_cold(server: PrivatePostgres) -> None:
    """Restart the server, its files gone from the machine's page cache."""
    assert server._process is not None
    assert server._home is not None
    stop_process(server._process, signal_number=signal.SIGINT)
    server._process = None
    os.sync()
    for file in server._home.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    server.start()


def _goals(times: dict[str, list[float]], seconds: dict[str, float]) -> Iterable[Goal]:
    warm = times["PostgreSQL"]
    p50, p99 = quantile(warm, 0.5), quantile(warm, 0.99)
    found = f"{p50:.2f} / {p99:.2f} ms"
    yield Goal(
        "G10", "PostgreSQL, 1M, warm, 1 client", "p50 ≤ 1 ms, p99 ≤ 5 ms", found, p50 <= 1 and p99 <= 5
    )
    several = quantile(times[f"PostgreSQL, {CLIENTS} clients"], 0.99)
    cold = quantile(times["PostgreSQL, cold"], 0.99)
    change = quantile(times["PostgreSQL, one relation changed"], 0.99)
    build = seconds["PostgreSQL"]
    met = several <= 15 and cold <= 20 and change <= 10 and build <= 180
    found = f"{several:.1f} / {cold:.1f} / {change:.1f} ms / {build:.0f} s"
    wanted = "p99 ≤ 15 / ≤ 20 / ≤ 10 ms / ≤ 3 min"
    yield Goal("G11", "4 clients / cold / one relation changed / full build", wanted, found, met)
