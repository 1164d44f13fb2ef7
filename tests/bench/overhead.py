"""What the probe costs its host: time for a socket message, memory with the server away and for open sockets.

Two servers that differ in the probe alone take turns with the same messages: without, with, with, without.
The processor time of their processes is compared, since neighbours disturb it less than the clock. Exit code
1 where the median ratio is above its limit.
"""

import asyncio
import contextlib
import gc
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from typing import Any

from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import Message
from websockets.asyncio.client import ClientConnection, connect

from dashboard.management.up.leash import leash
from tests.bench.host import echo
from tests.engines import LOOPBACK, pick_port
from tests.probe.collector import Collector
from tests.probe.processes import environment

PORTS = range(30_000, 32_000)
ROUNDS = 40
SOCKETS = 20  # that talk at once
MESSAGES = 15  # of each socket in a turn
TURNS = (0, 1, 1, 0)  # a processor that slows down meanwhile slows down both alike
LIMIT = 1.05  # of the processor time for a message without the probe

HOUR = 3_600  # seconds
ATTEMPTS = 20  # a second, for an hour, while the server is away; each fifth fails
OPEN = 10_000  # sockets


def main() -> int:
    """Print all three, and judge the first."""
    ratios = asyncio.run(_message_ratios())
    low, middle, high = quantiles(ratios, n=4)
    verdict = "meets" if middle <= LIMIT else "is ABOVE"
    print(
        f"A socket message with the probe costs {middle:.3f} of one without ({low:.3f} - {high:.3f} in the "
        f"middle half of {len(ratios)} rounds): it {verdict} the limit {LIMIT}."
    )
    print(_server_away())
    print(_open_sockets())
    return 0 if middle <= LIMIT else 1


async def _message_ratios() -> list[float]:
    with Collector() as collector, _echoing(None) as plain, _echoing(collector.url) as watched:
        async with contextlib.AsyncExitStack() as stack:
            talks = [
                [await stack.enter_async_context(await _connect(port)) for _ in range(SOCKETS)]
                for port, _ in (plain, watched)
            ]
            for sockets in talks:
                await _talk(sockets, MESSAGES)
            ratios = []
            for _ in range(ROUNDS):
                spent = [0.0, 0.0]
                for which in TURNS:
                    spent[which] += await _spent(talks[which], (plain, watched)[which][1])
                ratios.append(spent[1] / spent[0])
        assert collector.events("socket.opened"), "the probe did not report"
    return ratios


async def _connect(port: int) -> ClientConnection:
    for _ in range(600):
        with contextlib.suppress(OSError):
            return await connect(f"ws://{LOOPBACK}:{port}/echo", ping_interval=None, compression=None)
        await asyncio.sleep(0.05)
    raise RuntimeError("the echo server does not listen")


async def _spent(sockets: list[ClientConnection], pid: int) -> float:
    """Processor seconds that the server uses for one round."""
    before = _processor(pid)
    await _talk(sockets, MESSAGES)
    return _processor(pid) - before


async def _talk(sockets: list[ClientConnection], messages: int) -> None:
    async def say(socket: ClientConnection) -> None:
        for _ in range(messages):
            await socket.send("hello")
            await socket.recv()

    await asyncio.gather(*(say(socket) for socket in sockets))


def _processor(pid: int) -> float:
    """Seconds of processor time, to the nanosecond where the kernel counts so."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@contextlib.contextmanager
def _echoing(endpoint: str | None) -> Iterator[tuple[int, int]]:
    """Port and process id of an echo server; with an endpoint, one that has the probe."""
    port = pick_port(PORTS)
    target = {"FALSESTART_ENDPOINT": endpoint, "FALSESTART_KEY": "fs_bench"} if endpoint else {}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "tests.bench.host:app",
            "--port",
            str(port),
            "--log-level",
            "error",
        ],
        env=environment(**target),
        preexec_fn=leash(),  # noqa: PLW1509 - it only calls the kernel
    )
    try:
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def _server_away() -> str:
    """Feed an hour of traffic to a probe whose server refuses every connection; its clock is moved on."""
    probe = Probe("echo", endpoint=f"http://{LOOPBACK}:{pick_port(PORTS)}", key="fs_bench")
    life = probe.life
    assert life is not None
    app = FalsestartMiddleware(echo, probe)
    sizes = []
    for second in range(HOUR):
        life.boot = replace(life.boot, zero=life.boot.zero - 1.0)
        asyncio.run(_attempts(app))
        if second % (HOUR // 6) == 0:
            sizes.append(_resident())
    sizes.append(_resident())
    waiting, dropped = life.recorder.waiting, life.recorder.dropped
    probe.close(timeout=0.0)
    first, later, last = (f"{size:.0f} MB" for size in (sizes[0], sizes[1], sizes[-1]))
    return (
        f"An hour with the server away: {HOUR * ATTEMPTS:,} sockets; {waiting:,} events wait, {dropped:,} "
        f"were dropped and counted; resident {first} at first, {later} after ten minutes, {last} at the end."
    )


async def _attempts(app: Any) -> None:

    async def send(_message: Message) -> None:
        """Nobody is there."""

    for number in range(ATTEMPTS):
        code = 1000 if number % 5 else 1011
        gone: Message = {"type": "websocket.disconnect", "code": code, "reason": ""}
        messages = iter([{"type": "websocket.connect"}, gone])

        async def receive(messages: Iterator[Message] = messages) -> Message:
            return next(messages)

        scope = {"type": "websocket", "path": "/ws", "client": (f"10.0.0.{number % 250}", 1), "headers": []}
        await app(scope, receive, send)


def _resident() -> float:
    """Megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _open_sockets() -> str:
    """What 10,000 open sockets hold, with the probe and without."""
    probe = Probe(
        "echo", endpoint=f"http://{LOOPBACK}:{pick_port(PORTS)}", key="fs_bench", contract=Contract()
    )
    assert probe.life is not None
    # Settled: openings are counted, and what they hold is only what an open socket needs.
    probe.life.gate.passed_age = probe.age() - HOUR
    with_probe, without = (asyncio.run(_held(app)) for app in (FalsestartMiddleware(echo, probe), echo))
    probe.close(timeout=0.0)
    return f"{OPEN:,} open sockets: {(with_probe - without) / OPEN:,.0f} bytes of the probe's for each."


async def _held(app: Any) -> int:
    async def receive() -> Message:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(_message: Message) -> None:
        """Nobody is there."""

    def scope(number: int) -> dict[str, Any]:
        return {"type": "websocket", "path": "/ws", "client": (f"10.0.0.{number % 250}", 1), "headers": []}

    def first() -> Any:
        told = False

        async def connected() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "websocket.connect"}

        return connected

    gc.collect()
    tracemalloc.start()
    tasks = [asyncio.ensure_future(app(scope(n), first(), send)) for n in range(OPEN)]
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return held


if __name__ == "__main__":
    sys.exit(main())
